// The 16-bit floats as wider ones, exactly. IEEE 754 binary16, and its cousin with the exponent of binary32.
#ifndef OARLOCK_TENSOR_HALF_H_
#define OARLOCK_TENSOR_HALF_H_

#include <bit>
#include <cmath>
#include <cstdint>

namespace oarlock {

inline float FromHalf(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 0x3FF;
  const float sign = (bits & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                               : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25));
}

inline float FromBrain(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_HALF_H_
