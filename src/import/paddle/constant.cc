#include "import/paddle/constant.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "tensor/half.h"

namespace oarlock::paddle {
namespace {

template <typename T>
T ElementAt(std::span<const std::byte> bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return value;
}

// Rounds to nearest, ties to even.
uint16_t ToHalf(double value) {
  const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
  const double magnitude = std::fabs(value);
  if (std::isnan(value)) return 0x7E00;
  if (magnitude >= 65520) return static_cast<uint16_t>(sign | 0x7C00);
  if (magnitude < std::ldexp(1, -14)) {
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(std::ldexp(magnitude, 24))));
  }
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);  // [0.5, 1)
  const auto rounded = static_cast<uint32_t>(std::nearbyint(std::ldexp(fraction, 11)));
  return static_cast<uint16_t>(sign |
                               static_cast<uint16_t>((static_cast<uint32_t>(exponent + 14) << 10) + (rounded - 1024)));
}

uint16_t ToBFloat(double value) {
  const auto single = static_cast<float>(value);
  uint32_t bits = 0;
  std::memcpy(&bits, &single, sizeof bits);
  if (std::isnan(single)) return 0x7FC0;
  bits += 0x7FFF + ((bits >> 16) & 1);
  return static_cast<uint16_t>(bits >> 16);
}

template <typename Number>
std::vector<Number> Elements(const Constant& constant) {
  const size_t size = ElementSizeBytes(constant.dtype);
  const size_t count = size == 0 ? 0 : constant.bytes.size() / size;
  std::vector<Number> numbers(count);
  const auto fill = [&](auto read) {
    for (size_t i = 0; i < count; ++i) numbers[i] = static_cast<Number>(read(i));
  };
  const std::span<const std::byte> bytes = constant.bytes;
  switch (constant.dtype) {
    case DType::kBool:
    case DType::kU8:
      fill([&](size_t i) { return ElementAt<uint8_t>(bytes, i); });
      break;
    case DType::kI8:
      fill([&](size_t i) { return ElementAt<int8_t>(bytes, i); });
      break;
    case DType::kU16:
      fill([&](size_t i) { return ElementAt<uint16_t>(bytes, i); });
      break;
    case DType::kI16:
      fill([&](size_t i) { return ElementAt<int16_t>(bytes, i); });
      break;
    case DType::kU32:
      fill([&](size_t i) { return ElementAt<uint32_t>(bytes, i); });
      break;
    case DType::kI32:
      fill([&](size_t i) { return ElementAt<int32_t>(bytes, i); });
      break;
    case DType::kU64:
      fill([&](size_t i) { return ElementAt<uint64_t>(bytes, i); });
      break;
    case DType::kI64:
      fill([&](size_t i) { return ElementAt<int64_t>(bytes, i); });
      break;
    case DType::kF16:
      fill([&](size_t i) { return FromHalf(ElementAt<uint16_t>(bytes, i)); });
      break;
    case DType::kBF16:
      fill([&](size_t i) { return FromBrain(ElementAt<uint16_t>(bytes, i)); });
      break;
    case DType::kF32:
      fill([&](size_t i) { return ElementAt<float>(bytes, i); });
      break;
    case DType::kF64:
      fill([&](size_t i) { return ElementAt<double>(bytes, i); });
      break;
    case DType::kInvalid:
    case DType::kBytes:
      break;
  }
  return numbers;
}

template <typename T>
std::string BytesOf(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

// A value out of an integer's range, which no cast may meet, becomes the nearest end of it.
template <typename T>
T Clamped(double value) {
  if (std::isnan(value)) return 0;
  if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  if (value >= static_cast<double>(std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
  return static_cast<T>(value);
}

}  // namespace

int64_t ClampedInt(double value) { return Clamped<int64_t>(value); }

std::string ElementBytes(DType dtype, double value) {
  switch (dtype) {
    case DType::kBool:
      return BytesOf<uint8_t>(value != 0 ? 1 : 0);
    case DType::kU8:
      return BytesOf(Clamped<uint8_t>(value));
    case DType::kI8:
      return BytesOf(Clamped<int8_t>(value));
    case DType::kU16:
      return BytesOf(Clamped<uint16_t>(value));
    case DType::kI16:
      return BytesOf(Clamped<int16_t>(value));
    case DType::kU32:
      return BytesOf(Clamped<uint32_t>(value));
    case DType::kI32:
      return BytesOf(Clamped<int32_t>(value));
    case DType::kU64:
      return BytesOf(Clamped<uint64_t>(value));
    case DType::kI64:
      return BytesOf(Clamped<int64_t>(value));
    case DType::kF16:
      return BytesOf(ToHalf(value));
    case DType::kBF16:
      return BytesOf(ToBFloat(value));
    case DType::kF32:
      return BytesOf(static_cast<float>(value));
    case DType::kF64:
      return BytesOf(value);
    case DType::kInvalid:
    case DType::kBytes:
      break;
  }
  return {};
}

size_t Constant::element_count() const {
  const size_t size = ElementSizeBytes(dtype);
  return size == 0 ? 0 : bytes.size() / size;
}
std::vector<int64_t> Constant::Ints() const {
  if (dtype == DType::kF32 || dtype == DType::kF64 || dtype == DType::kF16 || dtype == DType::kBF16) {
    std::vector<int64_t> integers;
    for (const double value : Doubles()) integers.push_back(Clamped<int64_t>(value));
    return integers;
  }
  return Elements<int64_t>(*this);
}
std::vector<double> Constant::Doubles() const { return Elements<double>(*this); }

}  // namespace oarlock::paddle
