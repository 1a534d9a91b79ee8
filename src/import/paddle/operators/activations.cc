// Functions of one element, and those along one axis that turn scores into probabilities.
#include "import/paddle/conversion.h"

namespace oarlock::paddle {

void Unary(Conversion& c) { c.Set("Out", c.Node(c.onnx_type(), {c.In("X")})); }

void Softmax(Conversion& c) { c.Set("Out", c.Node(c.onnx_type(), {c.In("X")}, {{"axis", c.Int("axis", -1)}})); }

}  // namespace oarlock::paddle
