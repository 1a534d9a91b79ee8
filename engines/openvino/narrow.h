// OpenVINO's CPU device computes with INT64, UINT64 and UINT32 as 32-bit signed integers and says nothing where a value
// does not fit: 2^40 + 1 comes out as 1. An input that would be cut is refused instead.
#ifndef OARLOCK_ENGINES_OPENVINO_NARROW_H_
#define OARLOCK_ENGINES_OPENVINO_NARROW_H_

#include <cstddef>

#include "port.h"

namespace oarlock::openvino {

// Throws Failure INVALID_ARGUMENT naming the input, the first such element and its value.
void CheckFitsInt32(const Port& port, const void* data, size_t element_count);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_NARROW_H_
