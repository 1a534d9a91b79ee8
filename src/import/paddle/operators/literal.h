// Values that are written out in attributes, one list for each element type in older programs.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_LITERAL_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_LITERAL_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// Packed elements of `dtype`.
std::string LiteralBytes(Conversion& c, DType dtype);
// Integers that are kept as they are: a double has no more than 53 bits.
std::string IntegerBytes(DType dtype, int64_t value);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_LITERAL_H_
