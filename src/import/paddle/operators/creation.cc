// Tensors that come from numbers alone.
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

// Elements of a constant that is folded: more are made by the graph as it runs.
constexpr int64_t kFoldedElementsMax = 65'536;

// None if the dims cannot be.
int64_t ElementCount(Conversion& c, std::span<const int64_t> dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) {
    if (dim < 0 || __builtin_mul_overflow(count, dim, &count)) {
      c.Fail(InvalidArgument("a constant has dims that cannot be"));
      return 0;
    }
  }
  return count;
}

}  // namespace

// PIR's `full`: the value is written as a double whatever the element type is.
void Full(Conversion& c) {
  const std::vector<int64_t> dims = c.IntList("shape");
  const DType dtype = c.DTypeAttribute("dtype", DType::kF32);
  const double value = c.Float("value", 0);
  const int64_t count = ElementCount(c, dims);
  if (count > kFoldedElementsMax) return c.Set("Out", c.Node("Expand", {c.Scalar(dtype, value), c.IntVector(dims)}));
  const std::string element = ElementBytes(dtype, value);
  std::string bytes;
  for (int64_t i = 0; i < count; ++i) bytes += element;
  c.SetConstant("Out", dtype, dims, std::move(bytes));
}

void FullIntArray(Conversion& c) {
  const std::vector<int64_t> values = c.IntList("value");
  const auto count = static_cast<int64_t>(values.size());
  std::string bytes;
  const DType dtype = c.DTypeAttribute("dtype", DType::kI64);
  for (const int64_t value : values) bytes += ElementBytes(dtype, static_cast<double>(value));
  c.SetConstant("Out", dtype, std::span(&count, 1), std::move(bytes));
}

}  // namespace oarlock::paddle
