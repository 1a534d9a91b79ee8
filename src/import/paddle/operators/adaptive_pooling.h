// Pooling to a number of windows: window i of n takes the elements from floor(i * dim / n) up to ceil((i + 1) * dim /
// n), so that windows may overlap and differ in size.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_ADAPTIVE_POOLING_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_ADAPTIVE_POOLING_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// An axis of the operand: its size and how many windows it gets, int64 [1] each.
struct AdaptiveAxis {
  Name dim;
  Name windows;
};

// Of `x`, whose axes 2 and up are these.
Name AdaptiveAverage(Conversion& c, const Name& x, DType dtype, std::span<const AdaptiveAxis> axes);
Name AdaptiveMax(Conversion& c, const Name& x, std::span<const AdaptiveAxis> axes);
// The largest elements, and where they are: the place in the operand's axes 2 and up, counted as one line (int64).
struct Largest {
  Name values;
  Name places;
};
Largest AdaptiveLargest(Conversion& c, const Name& x, std::span<const AdaptiveAxis> axes);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_ADAPTIVE_POOLING_H_
