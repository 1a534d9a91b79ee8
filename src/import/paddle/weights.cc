#include "import/paddle/weights.h"

#include <fmt/ranges.h>

#include <cstring>
#include <optional>

#include "base/status.h"
#include "import/paddle/element_type.h"
#include "import/wire.h"

namespace oarlock::paddle {
namespace {

template <typename T>
bool Take(std::span<const std::byte>* rest, T* value) {
  if (rest->size() < sizeof(T)) return false;
  std::memcpy(value, rest->data(), sizeof(T));
  *rest = rest->subspan(sizeof(T));
  return true;
}

absl::Status CutOff(const Parameter& parameter, size_t offset) {
  return DataLoss("the weights are cut off in parameter '{}' (record at byte {})", Printable(parameter.name), offset);
}

absl::Status Foreign(const Parameter& parameter, size_t offset, std::string_view found) {
  return InvalidArgument(
      "the weights do not belong to this program: the record at byte {} should be parameter '{}', {} [{}], and is {}",
      offset, Printable(parameter.name), NameOfCode(parameter.dtype_code), fmt::join(parameter.dims, ","), found);
}

std::optional<uint64_t> PayloadBytes(const Parameter& parameter) {
  uint64_t size_bytes = ElementSizeBytesOfCode(parameter.dtype_code);
  if (size_bytes == 0) return std::nullopt;
  for (int64_t dim : parameter.dims) {
    if (dim < 0 || __builtin_mul_overflow(size_bytes, static_cast<uint64_t>(dim), &size_bytes)) return std::nullopt;
  }
  return size_bytes;
}

// u32 version | u64 levels, each u64 size and bytes | u32 tensor version | i32 size of TensorDesc | TensorDesc | data
absl::StatusOr<std::span<const std::byte>> TakeRecord(const Parameter& parameter, size_t offset,
                                                      std::span<const std::byte>* rest) {
  uint32_t version = 0;
  uint64_t level_count = 0;
  if (!Take(rest, &version) || !Take(rest, &level_count)) return CutOff(parameter, offset);
  if (version != 0) return Foreign(parameter, offset, fmt::format("no record (version {})", version));
  for (uint64_t level = 0; level < level_count; ++level) {
    uint64_t size = 0;
    if (!Take(rest, &size) || size > rest->size()) return CutOff(parameter, offset);
    *rest = rest->subspan(static_cast<size_t>(size));
  }
  uint32_t tensor_version = 0;
  int32_t description_size = 0;
  if (!Take(rest, &tensor_version) || !Take(rest, &description_size)) return CutOff(parameter, offset);
  if (tensor_version != 0 || description_size < 0) {
    return Foreign(parameter, offset, fmt::format("no record (tensor version {})", tensor_version));
  }
  if (static_cast<size_t>(description_size) > rest->size()) return CutOff(parameter, offset);
  const std::string_view description(reinterpret_cast<const char*>(rest->data()),
                                     static_cast<size_t>(description_size));
  *rest = rest->subspan(description.size());

  int dtype_code = -1;
  std::vector<int64_t> dims;
  WireReader reader(description);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_varint()) dtype_code = static_cast<int>(reader.varint());
    if (reader.field() == 2 && reader.is_varint()) dims.push_back(static_cast<int64_t>(reader.varint()));
    if (reader.field() == 2 && reader.is_bytes()) {
      for (std::string_view packed = reader.bytes(); !packed.empty();) {
        uint64_t dim = 0;
        if (!WireReader::TakeVarint(&packed, &dim)) return CutOff(parameter, offset);
        dims.push_back(static_cast<int64_t>(dim));
      }
    }
  }
  if (!reader.ok()) return Foreign(parameter, offset, "damaged");
  if (dtype_code != parameter.dtype_code || dims != parameter.dims) {
    return Foreign(parameter, offset, fmt::format("{} [{}]", NameOfCode(dtype_code), fmt::join(dims, ",")));
  }
  const auto payload = PayloadBytes(parameter);
  if (!payload) {
    return InvalidArgument("parameter '{}' of {} [{}] has no size that could be", Printable(parameter.name),
                           NameOfCode(parameter.dtype_code), fmt::join(parameter.dims, ","));
  }
  if (*payload > rest->size()) return CutOff(parameter, offset);
  const std::span<const std::byte> elements = rest->first(static_cast<size_t>(*payload));
  *rest = rest->subspan(elements.size());
  return elements;
}

}  // namespace

absl::StatusOr<std::vector<std::span<const std::byte>>> SplitWeights(std::span<const Parameter> parameters,
                                                                     std::span<const std::byte> weights) {
  std::vector<std::span<const std::byte>> elements;
  std::span<const std::byte> rest = weights;
  for (const Parameter& parameter : parameters) {
    OAR_ASSIGN_OR_RETURN(const auto taken, TakeRecord(parameter, weights.size() - rest.size(), &rest));
    elements.push_back(taken);
  }
  if (!rest.empty()) {
    return InvalidArgument(
        "the weights do not belong to this program: {} bytes are left after its {} parameters (at byte {})",
        rest.size(), parameters.size(), weights.size() - rest.size());
  }
  return elements;
}

absl::Status CheckRecord(const Parameter& parameter, std::span<const std::byte> record) {
  std::span<const std::byte> rest = record;
  OAR_RETURN_IF_ERROR(TakeRecord(parameter, 0, &rest).status());
  if (!rest.empty()) {
    return InvalidArgument("the file of parameter '{}' has {} bytes too many", Printable(parameter.name), rest.size());
  }
  return absl::OkStatus();
}

}  // namespace oarlock::paddle
