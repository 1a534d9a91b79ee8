#include "cli/tensor_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

#include "base/status.h"
#include "tensor/half.h"

namespace oarlock {
namespace {

template <typename T>
T Load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// Calls `real(double)`, `whole(int64)`, `positive(uint64)` or `flag(bool)` for one element of fixed size.
template <typename Visitor>
void Visit(DType dtype, const std::byte* at, Visitor&& visit) {
  switch (dtype) {
    case DType::kBool:
      return visit(Load<uint8_t>(at) != 0);
    case DType::kU8:
      return visit(int64_t{Load<uint8_t>(at)});
    case DType::kU16:
      return visit(int64_t{Load<uint16_t>(at)});
    case DType::kU32:
      return visit(int64_t{Load<uint32_t>(at)});
    case DType::kU64:
      return visit(Load<uint64_t>(at));
    case DType::kI8:
      return visit(int64_t{Load<int8_t>(at)});
    case DType::kI16:
      return visit(int64_t{Load<int16_t>(at)});
    case DType::kI32:
      return visit(int64_t{Load<int32_t>(at)});
    case DType::kI64:
      return visit(Load<int64_t>(at));
    case DType::kF16:
      return visit(FromHalf(Load<uint16_t>(at)));
    case DType::kBF16:
      return visit(FromBrain(Load<uint16_t>(at)));
    case DType::kF32:
      return visit(Load<float>(at));
    default:
      return visit(Load<double>(at));
  }
}

std::vector<std::string_view> ElementsOf(const TensorView& view) {
  const auto count = view.shape.ElementCount();
  if (!count.ok()) return {};
  const auto elements = BytesElements(view.bytes(), *count);
  return elements.ok() ? *elements : std::vector<std::string_view>();
}

}  // namespace

std::string FirstElements(const TensorView& view) {
  constexpr size_t kShown = 8;
  std::vector<std::string> shown;
  size_t count = 0;
  if (view.dtype == DType::kBytes) {
    const auto elements = ElementsOf(view);
    count = elements.size();
    for (size_t i = 0; i < std::min(count, kShown); ++i) shown.push_back(Printable(elements[i]));
  } else if (const size_t element = ElementSizeBytes(view.dtype); element > 0) {
    count = view.size_bytes / element;
    for (size_t i = 0; i < std::min(count, kShown); ++i) {
      Visit(view.dtype, view.data + i * element, [&shown](auto value) {
        if constexpr (std::is_floating_point_v<decltype(value)>) {
          shown.push_back(fmt::format("{:.6g}", value));
        } else {
          shown.push_back(fmt::format("{}", value));
        }
      });
    }
  }
  return fmt::format("{}{}", fmt::join(shown, " "), count > kShown ? " ..." : "");
}

void WriteElements(const TensorView& view, JsonText* json) {
  json->StartArray();
  if (view.dtype == DType::kBytes) {
    for (std::string_view element : ElementsOf(view)) json->String(element);
  } else if (const size_t element = ElementSizeBytes(view.dtype); element > 0) {
    for (size_t at = 0; at < view.size_bytes; at += element) {
      Visit(view.dtype, view.data + at, [json](auto value) { json->Value(value); });
    }
  }
  json->EndArray();
}

}  // namespace oarlock
