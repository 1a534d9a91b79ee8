// One element of an FP32 view, whatever its address: a view may lie unaligned in a message.
#ifndef OARLOCK_PIPELINE_FLOAT_AT_H_
#define OARLOCK_PIPELINE_FLOAT_AT_H_

#include <cstring>

#include "tensor/tensor.h"

namespace oarlock {

inline float FloatAt(const TensorView& view, size_t index) {
  float value = 0;
  std::memcpy(&value, view.data + index * sizeof value, sizeof value);
  return value;
}

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_FLOAT_AT_H_
