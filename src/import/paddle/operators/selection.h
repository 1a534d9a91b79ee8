// A choice between two tensors, element by element.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_SELECTION_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_SELECTION_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// `yes` where the condition is true, else `no`; both of `dtype`. ONNX Runtime has Where for some types only: the others
// go through one that holds their values.
Name Choice(Conversion& c, const Name& condition, const Name& yes, const Name& no, DType dtype);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_SELECTION_H_
