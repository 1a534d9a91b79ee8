// Tensors that come from numbers alone, or from another one's dims.
#include <charconv>

#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/literal.h"

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

// One element, many times.
void SetFull(Conversion& c, DType dtype, const std::vector<int64_t>& dims, const std::string& element) {
  const int64_t count = ElementCount(c, dims);
  if (element.empty()) return c.Fail(Unimplemented("a constant of elements that ONNX has no type for"));
  if (count > kFoldedElementsMax) {
    return c.Set("Out", c.Node("Expand", {c.Bytes(dtype, {}, element), c.IntVector(dims)}));
  }
  std::string bytes;
  for (int64_t i = 0; i < count; ++i) bytes += element;
  c.SetConstant("Out", dtype, dims, std::move(bytes));
}

// ProgramDesc writes it as a float and, where that is not exact, as text too: an integer, a real, "inf", "nan".
std::string FilledElement(Conversion& c, DType dtype) {
  const std::string text = c.String("str_value", "");
  int64_t integer = 0;
  double real = c.Float("value", 0);
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, integer); read.ec == std::errc() && read.ptr == end) {
    return IntegerBytes(dtype, integer);
  }
  if (!text.empty()) {
    const auto read = std::from_chars(text.data(), end, real);
    if (read.ec != std::errc() || read.ptr != end) c.Fail(InvalidArgument("attribute 'str_value' is no number"));
  }
  return ElementBytes(dtype, real);
}

}  // namespace

// PIR's `full`: the value is written as a double whatever the element type is.
void Full(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", DType::kF32);
  SetFull(c, dtype, c.IntList("shape"), ElementBytes(dtype, c.Float("value", 0)));
}

void FullIntArray(Conversion& c) {
  const std::vector<int64_t> values = c.IntList("value");
  const auto count = static_cast<int64_t>(values.size());
  std::string bytes;
  const DType dtype = c.DTypeAttribute("dtype", DType::kI64);
  for (const int64_t value : values) bytes += IntegerBytes(dtype, value);
  c.SetConstant("Out", dtype, std::span(&count, 1), std::move(bytes));
}

// ProgramDesc's, and PIR's `full_with_tensor` and `empty`: shape and value may be computed.
void FillConstant(Conversion& c) {
  constexpr std::string_view kShapeSlots = "ShapeTensorList|ShapeTensor";
  const DType dtype = c.DTypeAttribute("dtype", DType::kF32);
  const auto dims = c.TryInts(kShapeSlots, "shape");
  if (!c.Has("ValueTensor")) {
    const std::string element = FilledElement(c, dtype);
    if (dims) return SetFull(c, dtype, *dims, element);
    return c.Set("Out", c.Node("Expand", {c.Bytes(dtype, {}, element), c.Ints(kShapeSlots, "shape")}));
  }
  if (const auto value = c.Known("ValueTensor");
      value && dims && value->dtype == dtype && value->element_count() == 1) {
    return SetFull(c, dtype, *dims,
                   std::string(reinterpret_cast<const char*>(value->bytes.data()), value->bytes.size()));
  }
  const Name value = c.Reshape(c.InAs("ValueTensor", dtype), {});
  c.Set("Out", c.Node("Expand", {value, c.Ints(kShapeSlots, "shape")}));
}

void FullLike(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", c.DTypeOf("X"));
  Name value;
  if (c.Has("Value") && !c.Known("Value")) {
    value = c.Reshape(c.InAs("Value", dtype), {});
  } else {
    value = c.Scalar(dtype, c.KnownNumber("Value", "value", 0));
  }
  c.Set("Out", c.Node("Expand", {value, c.ShapeOf(c.In("X"))}));
}

void FullBatchSizeLike(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", DType::kF32);
  const std::vector<int64_t> shape = c.IntList("shape");
  const auto rank = static_cast<int64_t>(shape.size());
  const int64_t place = c.Axis(c.Int("output_dim_idx", 0), rank);
  const Name batch = c.DimOf(c.In("Input"), c.Int("input_dim_idx", 0));
  std::vector<Name> dims;
  for (int64_t i = 0; i < rank; ++i) dims.push_back(i == place ? batch : c.IntVector({shape[static_cast<size_t>(i)]}));
  c.Set("Out", c.Node("Expand", {c.Bytes(dtype, {}, FilledElement(c, dtype)), c.Concat(dims, 0)}));
}

void AssignValue(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", DType::kF32);
  const std::vector<int64_t> dims = c.IntList("shape");
  std::string bytes = LiteralBytes(c, dtype);
  const size_t size = ElementSizeBytes(dtype);
  if (size == 0) return c.Fail(Unimplemented("a constant of elements that ONNX has no type for"));
  const auto expected = static_cast<size_t>(ElementCount(c, dims));
  if (bytes.size() / size != expected) {
    return c.Fail(InvalidArgument("{} values for a constant of {}", bytes.size() / size, expected));
  }
  c.SetConstant("Out", dtype, dims, std::move(bytes));
}

// Ones where the row is the column. Without columns it is square.
void Eye(Conversion& c) {
  const Name rows = c.Ints("Rows", "num_rows");
  const bool is_square = !c.Has("Columns") && c.Int("num_columns", -1) < 0;
  const Name columns = is_square ? rows : c.Ints("Columns", "num_columns");
  const Name ones =
      c.Node("Equal", {c.Unsqueeze(c.Counted(c.Reshape(rows, {})), {1}), c.Counted(c.Reshape(columns, {}))});
  c.Set("Out", c.Cast(ones, c.DTypeAttribute("dtype", DType::kF32)));
}

}  // namespace oarlock::paddle
