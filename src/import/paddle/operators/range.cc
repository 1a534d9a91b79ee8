// Numbers at equal distances.
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

Name ScalarOf(Conversion& c, std::string_view slot, DType dtype) {
  if (const auto known = c.Known(slot); known && known->element_count() == 1) {
    if (dtype == DType::kI64) return c.IntScalar(known->Ints()[0]);
    return c.Scalar(dtype, known->Doubles()[0]);
  }
  return c.Reshape(c.InAs(slot, dtype), {});
}

bool IsInteger(DType dtype) { return dtype == DType::kI64 || dtype == DType::kI32; }

}  // namespace

void Range(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", c.DTypeOf("Start"));
  c.Set("Out", c.Node("Range", {ScalarOf(c, "Start", dtype), ScalarOf(c, "End", dtype), ScalarOf(c, "Step", dtype)}));
}

namespace {

// As Paddle: the first half is counted from the start, the second from the stop, so that both are exact. Integers are
// computed as doubles and cut.
Name Line(Conversion& c, DType dtype) {
  const DType computed = IsInteger(dtype) ? DType::kF64 : dtype;
  const Name start = ScalarOf(c, "Start", computed);
  const Name stop = ScalarOf(c, "Stop", computed);
  const Name count = ScalarOf(c, "Num", DType::kI64);
  const Name one = c.IntScalar(1);
  const Name last = c.Node("Sub", {count, one});
  const Name gaps = c.Cast(c.Node("Max", {last, one}), computed);
  const Name step = c.Node("Div", {c.Node("Sub", {stop, start}), gaps});
  const Name places = c.Counted(count);
  const Name from_start = c.Node("Add", {start, c.Node("Mul", {step, c.Cast(places, computed)})});
  const Name to_stop = c.Cast(c.Node("Sub", {last, places}), computed);
  const Name from_stop = c.Node("Sub", {stop, c.Node("Mul", {step, to_stop})});
  // A line of one is the start.
  const Name half = c.Node("Max", {c.Node("Div", {count, c.IntScalar(2)}), one});
  return c.Node("Where", {c.Node("Less", {places, half}), from_start, from_stop});
}

}  // namespace

void Linspace(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", c.DTypeOf("Start"));
  const Name line = Line(c, dtype);
  c.Set("Out", IsInteger(dtype) ? c.Cast(line, dtype) : line);
}

void Logspace(Conversion& c) {
  const DType dtype = c.DTypeAttribute("dtype", c.DTypeOf("Start"));
  if (IsInteger(dtype)) return c.Fail(Unimplemented("logspace of integers"));
  c.Set("Out", c.Node("Pow", {ScalarOf(c, "Base", dtype), Line(c, dtype)}));
}

}  // namespace oarlock::paddle
