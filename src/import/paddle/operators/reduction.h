// What reductions, scans and norms share.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_REDUCTION_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_REDUCTION_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// What becomes one element.
struct Extent {
  std::vector<int64_t> axes;  // none = all
  bool keeps_dims = false;
};

// By an ONNX operator of which the axes are an attribute.
Name Reduced(Conversion& c, std::string_view type, const Name& value, const Extent& extent);
Name Summed(Conversion& c, const Name& value, const Extent& extent);
// The result of an operator on X.
void SetReduced(Conversion& c, const Name& value, const Extent& extent);

// log(sum(exp(value))) over some axes, or over all if there are none.
Name LogSumExp(Conversion& c, const Name& value, const std::vector<int64_t>& axes, bool keeps_dims);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_REDUCTION_H_
