// Bounds of slices with strides: attributes, one tensor, or a list of one-element tensors.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_SLICE_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_SLICE_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

inline constexpr std::string_view kStartSlots = "StartsTensorList|StartsTensor";
inline constexpr std::string_view kEndSlots = "EndsTensorList|EndsTensor";

// The ends as ONNX means them. Up to Paddle 2, -1 with a negative stride was no place but "to the first element".
Name StridedEnds(Conversion& c, std::string_view stride_slots, std::string_view stride_attribute);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_SLICE_H_
