#include "tensor/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/file.h"
#include "base/status.h"

namespace oarlock {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

struct Description {
  DType dtype;
  std::string_view code;  // without the byte order mark
};
constexpr Description kDescriptions[] = {
    {DType::kBool, "b1"}, {DType::kU8, "u1"},  {DType::kU16, "u2"}, {DType::kU32, "u4"},
    {DType::kU64, "u8"},  {DType::kI8, "i1"},  {DType::kI16, "i2"}, {DType::kI32, "i4"},
    {DType::kI64, "i8"},  {DType::kF16, "f2"}, {DType::kF32, "f4"}, {DType::kF64, "f8"},
};

// The text after `'key':` in the header's Python dictionary, without leading blanks.
std::optional<std::string_view> ValueOf(std::string_view header, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = fmt::format("{}{}{}", quote, key, quote);
    const size_t at = header.find(quoted);
    if (at == std::string_view::npos) continue;
    std::string_view rest = header.substr(at + quoted.size());
    const auto skip = [&rest] { rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size())); };
    skip();
    if (!rest.starts_with(':')) return std::nullopt;
    rest.remove_prefix(1);
    skip();
    return rest;
  }
  return std::nullopt;
}

absl::StatusOr<DType> ParseDescription(std::string_view text) {
  if (text.empty() || (text[0] != '\'' && text[0] != '"'))
    return InvalidArgument("a .npy header without a plain 'descr'");
  const size_t end = text.find(text[0], 1);
  if (end == std::string_view::npos) return InvalidArgument("a .npy header whose 'descr' does not end");
  const std::string_view descr = text.substr(1, end - 1);
  if (descr.size() >= 2) {
    const char order = descr[0];
    for (const Description& row : kDescriptions) {
      if (descr.substr(1) != row.code) continue;
      if (order == '<' || (order == '|' && ElementSizeBytes(row.dtype) == 1)) return row.dtype;
    }
  }
  return InvalidArgument("a .npy array of dtype '{}'; little-endian booleans, integers and floats are read",
                         Printable(descr));
}

absl::StatusOr<Shape> ParseShape(std::string_view text) {
  const size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos)
    return InvalidArgument("a .npy header without a 'shape'");
  std::string_view list = text.substr(1, end - 1);
  std::vector<int64_t> dims;
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(" ,"), list.size()));
    if (list.empty()) break;
    int64_t dim = 0;
    const auto [rest, error] = std::from_chars(list.data(), list.data() + list.size(), dim);
    if (error != std::errc() || dim < 0)
      return InvalidArgument("a .npy shape of '{}'", Printable(text.substr(0, end + 1)));
    dims.push_back(dim);
    if (dims.size() > oar_max_rank) break;
    list.remove_prefix(static_cast<size_t>(rest - list.data()));
  }
  return Shape::From(dims);
}

}  // namespace

absl::StatusOr<Tensor> ParseNpy(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic) || text.size() < 10) return InvalidArgument("not a .npy file (no NUMPY magic)");
  const auto major = static_cast<unsigned char>(text[6]);
  if (major < 1 || major > 3) return InvalidArgument(".npy format version {}; 1 to 3 are read", major);
  size_t header_at = 10;
  uint32_t header_size = 0;
  if (major == 1) {
    uint16_t size = 0;
    std::memcpy(&size, text.data() + 8, sizeof size);
    header_size = size;
  } else {
    header_at = 12;
    if (text.size() < header_at) return InvalidArgument("a .npy file cut off in its header");
    std::memcpy(&header_size, text.data() + 8, sizeof header_size);
  }
  if (header_size > text.size() - header_at) return InvalidArgument("a .npy file cut off in its header");
  const std::string_view header = text.substr(header_at, header_size);

  const auto descr = ValueOf(header, "descr");
  const auto order = ValueOf(header, "fortran_order");
  const auto dims = ValueOf(header, "shape");
  if (!descr || !order || !dims) return InvalidArgument("a .npy header without 'descr', 'fortran_order' and 'shape'");
  OAR_ASSIGN_OR_RETURN(const DType dtype, ParseDescription(*descr));
  OAR_ASSIGN_OR_RETURN(const Shape shape, ParseShape(*dims));
  if (!order->starts_with("False") && shape.rank() > 1) {
    return InvalidArgument("a .npy array in Fortran order; save it with numpy.ascontiguousarray");
  }
  OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(dtype));
  const std::span<const std::byte> payload = bytes.subspan(header_at + header_size);
  if (payload.size() != size_bytes) {
    return InvalidArgument("a .npy array of {} {} takes {} bytes; the file has {}", NameOf(dtype), shape.ToString(),
                           size_bytes, payload.size());
  }
  return Tensor::Clone({dtype, shape, payload.data(), payload.size()});
}

absl::StatusOr<Tensor> ReadNpy(const std::filesystem::path& path, const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const FileBytes content, ReadFile(path, limits.model_file_bytes_max));
  auto tensor = ParseNpy(content.bytes());
  if (!tensor.ok()) return Annotate(tensor.status(), fmt::format("'{}'", path.string()));
  return tensor;
}

absl::StatusOr<std::string> SerializeNpy(const TensorView& view) {
  OAR_RETURN_IF_ERROR(CheckView(view, {"the array"}));
  std::string descr;
  std::string payload;
  if (view.dtype == DType::kBytes) {
    OAR_ASSIGN_OR_RETURN(const int64_t count, view.shape.ElementCount());
    OAR_ASSIGN_OR_RETURN(const auto elements, BytesElements(view.bytes(), count));
    size_t width = 1;
    for (std::string_view element : elements) width = std::max(width, element.size());
    descr = fmt::format("|S{}", width);
    for (std::string_view element : elements) {
      payload.append(element);
      payload.append(width - element.size(), '\0');
    }
  } else {
    const auto* row = std::find_if(std::begin(kDescriptions), std::end(kDescriptions),
                                   [&view](const Description& each) { return each.dtype == view.dtype; });
    if (row == std::end(kDescriptions)) return Unimplemented("{} has no .npy dtype", NameOf(view.dtype));
    descr = fmt::format("{}{}", ElementSizeBytes(view.dtype) == 1 ? '|' : '<', row->code);
    payload.assign(reinterpret_cast<const char*>(view.data), view.size_bytes);
  }
  std::string dims;
  for (int64_t dim : view.shape.dims()) dims += fmt::format("{}, ", dim);
  if (view.shape.rank() > 1) dims.resize(dims.size() - 2);
  if (view.shape.rank() == 1) dims.pop_back();
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, dims);
  // The payload starts at a multiple of 64 bytes; the header ends in a line feed.
  const size_t unpadded = kMagic.size() + 4 + header.size() + 1;
  header.append((64 - unpadded % 64) % 64, ' ');
  header += '\n';
  std::string file(kMagic);
  file += '\x01';
  file += '\x00';
  const auto header_size = static_cast<uint16_t>(header.size());
  file.append(reinterpret_cast<const char*>(&header_size), sizeof header_size);
  return file + header + payload;
}

absl::Status WriteNpy(const std::filesystem::path& path, const TensorView& view) {
  OAR_ASSIGN_OR_RETURN(const std::string file, SerializeNpy(view));
  return WriteFileAtomic(path, file);
}

}  // namespace oarlock
