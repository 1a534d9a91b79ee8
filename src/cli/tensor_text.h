// Tensors for people (the first few elements) and for machines (all of them as JSON).
#ifndef OARLOCK_CLI_TENSOR_TEXT_H_
#define OARLOCK_CLI_TENSOR_TEXT_H_

#include <string>

#include "tensor/json_text.h"
#include "tensor/tensor.h"

namespace oarlock {

// "0.1 0.2 0.7", at most eight, then "...".
std::string FirstElements(const TensorView& view);

// A flat JSON array of every element; NaN and infinities as null.
void WriteElements(const TensorView& view, JsonText* json);

}  // namespace oarlock

#endif  // OARLOCK_CLI_TENSOR_TEXT_H_
