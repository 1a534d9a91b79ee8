// What reductions and scans share.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_REDUCTION_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_REDUCTION_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// log(sum(exp(value))) over some axes, or over all if there are none.
Name LogSumExp(Conversion& c, const Name& value, const std::vector<int64_t>& axes, bool keeps_dims);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_REDUCTION_H_
