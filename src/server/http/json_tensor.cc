#include "server/http/json_tensor.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "base/status.h"
#include "server/http/json_reader.h"
#include "tensor/tensor.h"

namespace oarlock {
namespace {

absl::Status Wrong(int64_t index, simdjson::ondemand::value value, std::string_view wanted) {
  return InvalidArgument("element {} is {}; {}", index, WrittenJson(value), wanted);
}

absl::Status WrongCount(const Shape& shape, int64_t wanted, std::string_view more_or_fewer) {
  return InvalidArgument("shape {} asks for {} elements; the data has {}", shape.ToString(), wanted, more_or_fewer);
}

// The float nearest to a number as written. Rounding first to double and then to float errs only if the double lies
// half way between two floats, or where floats are subnormal; then the text decides.
bool NearestFloat(simdjson::ondemand::value value, double wide, float* result) {
  constexpr uint64_t kDroppedBits = (uint64_t{1} << 29) - 1;
  constexpr uint64_t kHalfWay = uint64_t{1} << 28;
  *result = static_cast<float>(wide);
  const bool half_way = (std::bit_cast<uint64_t>(wide) & kDroppedBits) == kHalfWay;
  if (half_way || (wide != 0 && std::abs(wide) < std::numeric_limits<float>::min())) {
    const std::string_view token = value.raw_json_token();
    float exact = 0;
    if (std::from_chars(token.data(), token.data() + token.size(), exact).ec == std::errc()) *result = exact;
  }
  return std::isfinite(*result);
}

template <typename T>
absl::Status ReadElement(simdjson::ondemand::value value, int64_t index, T* result) {
  if constexpr (std::is_same_v<T, bool>) {
    if (value.get_bool().get(*result)) return Wrong(index, value, "a BOOL is true or false");
  } else if constexpr (std::is_floating_point_v<T>) {
    double wide = 0;
    if (value.get_double().get(wide)) return Wrong(index, value, fmt::format("{} takes numbers", NameOf(DTypeOf<T>())));
    if constexpr (std::is_same_v<T, float>) {
      if (!NearestFloat(value, wide, result)) return Wrong(index, value, "that is beyond FP32");
    } else {
      *result = wide;
    }
  } else {
    using Widest = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
    Widest wide = 0;
    simdjson::error_code error = simdjson::SUCCESS;
    if constexpr (std::is_signed_v<T>) {
      error = value.get_int64().get(wide);
    } else {
      error = value.get_uint64().get(wide);
    }
    if (error || !std::in_range<T>(wide)) {
      return Wrong(index, value,
                   fmt::format("{} takes integers from {} to {}", NameOf(DTypeOf<T>()), std::numeric_limits<T>::min(),
                               std::numeric_limits<T>::max()));
    }
    *result = static_cast<T>(wide);
  }
  return absl::OkStatus();
}

// Calls `add` for each value that is not an array.
template <typename Add>
absl::Status Flatten(JsonValue value, Add& add) {
  simdjson::ondemand::json_type type{};
  if (const auto error = value.value.type().get(type)) return MalformedJson(error);
  if (type != simdjson::ondemand::json_type::array) return add(value.value);
  return ReadJsonArray("data", value, [&add](size_t, JsonValue element) { return Flatten(element, add); });
}

// Where the data is: a text of its own, or a value of the document that is being read.
struct TextSource {
  std::string_view text;
  int64_t depth_max;
  size_t size_bytes_max() const { return text.size(); }
  template <typename Add>
  absl::Status ForEach(Add& add) const {
    JsonDocument document;
    return document.ReadArray(text, depth_max, [&add](JsonValue value) { return Flatten(value, add); });
  }
};
struct ValueSource {
  JsonValue value;
  size_t document_bytes;
  size_t size_bytes_max() const { return document_bytes; }
  template <typename Add>
  absl::Status ForEach(Add& add) const {
    return ReadJsonArray("data", value, [&add](size_t, JsonValue element) { return Flatten(element, add); });
  }
};

template <typename T, typename Source>
absl::StatusOr<std::shared_ptr<Buffer>> ReadFixed(const Source& source, const Shape& shape, int64_t count) {
  // "[1,2]": a value takes at least one byte and a comma. So no memory is taken for elements that cannot be there.
  if (std::cmp_greater(count, source.size_bytes_max() / 2)) {
    return WrongCount(shape, count, fmt::format("fewer, in {} bytes", source.size_bytes_max()));
  }
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(static_cast<size_t>(count) * sizeof(T)));
  int64_t index = 0;
  auto add = [&](simdjson::ondemand::value value) -> absl::Status {
    if (index == count) return WrongCount(shape, count, "more");
    T element{};
    OAR_RETURN_IF_ERROR(ReadElement(value, index, &element));
    std::memcpy(buffer->data() + static_cast<size_t>(index) * sizeof(T), &element, sizeof(T));
    ++index;
    return absl::OkStatus();
  };
  OAR_RETURN_IF_ERROR(source.ForEach(add));
  if (index != count) return WrongCount(shape, count, fmt::format("{}", index));
  return buffer;
}

template <typename Source>
absl::StatusOr<std::shared_ptr<Buffer>> ReadStrings(const Source& source, const Shape& shape, int64_t count) {
  std::string packed;
  int64_t index = 0;
  auto add = [&](simdjson::ondemand::value value) -> absl::Status {
    if (index == count) return WrongCount(shape, count, "more");
    std::string_view element;
    const auto error = value.get_string().get(element);
    if (error == simdjson::INCORRECT_TYPE) return Wrong(index, value, "BYTES takes strings");
    if (error) return MalformedJson(error);
    ++index;
    return AppendBytesElement(element, &packed);
  };
  OAR_RETURN_IF_ERROR(source.ForEach(add));
  if (index != count) return WrongCount(shape, count, fmt::format("{}", index));
  OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(packed.size()));
  std::memcpy(buffer->data(), packed.data(), packed.size());
  return buffer;
}

template <typename Source>
absl::StatusOr<std::shared_ptr<Buffer>> Read(const Source& source, DType dtype, const Shape& shape) {
  OAR_ASSIGN_OR_RETURN(const int64_t count, shape.ElementCount());
  switch (dtype) {
    case DType::kBool:
      return ReadFixed<bool>(source, shape, count);
    case DType::kU8:
      return ReadFixed<uint8_t>(source, shape, count);
    case DType::kU16:
      return ReadFixed<uint16_t>(source, shape, count);
    case DType::kU32:
      return ReadFixed<uint32_t>(source, shape, count);
    case DType::kU64:
      return ReadFixed<uint64_t>(source, shape, count);
    case DType::kI8:
      return ReadFixed<int8_t>(source, shape, count);
    case DType::kI16:
      return ReadFixed<int16_t>(source, shape, count);
    case DType::kI32:
      return ReadFixed<int32_t>(source, shape, count);
    case DType::kI64:
      return ReadFixed<int64_t>(source, shape, count);
    case DType::kF32:
      return ReadFixed<float>(source, shape, count);
    case DType::kF64:
      return ReadFixed<double>(source, shape, count);
    case DType::kBytes:
      return ReadStrings(source, shape, count);
    case DType::kF16:
    case DType::kBF16:
    case DType::kInvalid:
      break;
  }
  return InvalidArgument("{} cannot be written in JSON; send it as binary data (binary_data_size)", NameOf(dtype));
}

}  // namespace

absl::StatusOr<std::shared_ptr<Buffer>> ReadJsonTensor(std::string_view text, DType dtype, const Shape& shape,
                                                       int64_t depth_max) {
  return Read(TextSource{text, depth_max}, dtype, shape);
}

absl::StatusOr<std::shared_ptr<Buffer>> ReadJsonTensor(JsonValue value, size_t document_bytes, DType dtype,
                                                       const Shape& shape) {
  return Read(ValueSource{value, document_bytes}, dtype, shape);
}

}  // namespace oarlock
