// Bits of integers. ONNX has them from operator set 18 on; here they are numbers: one is digits of 16 bits, a digit is
// the powers of 2 in it. Engines that compute INT64 as INT32 see the upper digits of a number as its sign, as it should
// be.
#include "base/status.h"
#include "import/paddle/operators/binary.h"
#include "import/paddle/operators/literal.h"
#include "import/paddle/operators/selection.h"

namespace oarlock::paddle {
namespace {

constexpr int kDigitBits = 16;
constexpr int64_t kDigitBase = int64_t{1} << kDigitBits;

// Lowest first, each from 0 to 65535.
std::vector<Name> DigitsOf(Conversion& c, const Name& value, DType dtype) {
  const Name base = c.Scalar(dtype, kDigitBase);
  const size_t count = ElementSizeBytes(dtype) * 8 / kDigitBits;
  std::vector<Name> digits;
  Name rest = value;
  for (size_t i = 0; i < count; ++i) {
    const Division division = FloorDivision(c, rest, base, dtype);
    digits.push_back(division.remainder);
    rest = division.quotient;
  }
  return digits;
}

// Powers of 2 from `first` on.
Name Powers(Conversion& c, DType dtype, int first, int64_t count) {
  std::string bytes;  // the lower ones of each number: the highest bit of a type is its sign
  for (int64_t i = 0; i < count; ++i) {
    bytes +=
        IntegerBytes(DType::kI64, static_cast<int64_t>(uint64_t{1} << (first + i))).substr(0, ElementSizeBytes(dtype));
  }
  return c.Bytes(dtype, std::span(&count, 1), std::move(bytes));
}

// [..., 16] of whether a bit is set, lowest first.
Name BitsOf(Conversion& c, const Name& digit, DType dtype) {
  const Name up_to_it = c.Node("Mod", {c.Unsqueeze(digit, {-1}), Powers(c, dtype, 1, kDigitBits)});
  return c.Node("GreaterOrEqual", {up_to_it, Powers(c, dtype, 0, kDigitBits)});
}

Name NumberOf(Conversion& c, const Name& bits, DType dtype, bool is_signed) {
  Name weights = Powers(c, dtype, 0, kDigitBits);
  if (is_signed) {
    const Name sign = c.Bytes(dtype, std::vector<int64_t>{1}, IntegerBytes(dtype, -kDigitBase / 2));
    weights = c.Concat({Powers(c, dtype, 0, kDigitBits - 1), sign}, 0);
  }
  const Name weighted = c.Node("Mul", {c.Cast(bits, dtype), weights});
  return c.Node("ReduceSum", {weighted, c.IntVector({-1})}, {{"keepdims", int64_t{0}}});
}

}  // namespace

// Of conditions the same as logic.
void Bitwise(Conversion& c) {
  const Operands operands(c);
  if (operands.of_bool()) return operands.SetResult(c, c.Node(c.onnx_type(), {c.In("X"), c.In("Y")}));
  const DType work = operands.work;
  const std::vector<Name> x = DigitsOf(c, operands.x, work);
  const std::vector<Name> y = DigitsOf(c, operands.y, work);
  Name number;
  for (size_t i = x.size(); i-- > 0;) {
    const Name bits = c.Node(c.onnx_type(), {BitsOf(c, x[i], work), BitsOf(c, y[i], work)});
    const bool is_highest = i + 1 == x.size();
    const Name digit = NumberOf(c, bits, work, is_highest);
    number = is_highest ? digit : c.Node("Add", {c.Node("Mul", {number, c.Scalar(work, kDigitBase)}), digit});
  }
  operands.SetResult(c, number);
}

void BitwiseNot(Conversion& c) {
  const DType dtype = c.DTypeOf("X");
  if (dtype == DType::kBool) return c.Set("Out", c.Node("Not", {c.In("X")}));
  const DType work = WorkType(dtype);
  const Name x = CastTo(c, c.In("X"), dtype, work);
  c.Set("Out", CastTo(c, c.Node("Sub", {c.Scalar(work, -1), x}), work, dtype));
}

namespace {

bool IsSigned(DType dtype) {
  return dtype == DType::kI8 || dtype == DType::kI16 || dtype == DType::kI32 || dtype == DType::kI64;
}

struct Shift {
  Name is_inside;  // 0 <= shift < bits
  Name power;      // 2 to the power of the shift, as far as it is inside
};
Shift ShiftOf(Conversion& c, const Operands& operands, int bits) {
  const auto number = [&](double value) { return c.Scalar(operands.work, value); };
  const Name is_inside =
      c.Node("And", {c.Node("GreaterOrEqual", {operands.y, number(0)}), c.Node("Less", {operands.y, number(bits)})});
  const Name place = c.Node("Clip", {operands.y, number(0), number(bits - 1)});
  return {is_inside, c.Gather(Powers(c, operands.work, 0, bits), place, 0)};
}

}  // namespace

void LeftShift(Conversion& c) {
  const Operands operands(c);
  const auto bits = static_cast<int>(ElementSizeBytes(c.DTypeOf("X")) * 8);
  const Shift shift = ShiftOf(c, operands, bits);
  const Name shifted = c.Node("Mul", {operands.x, shift.power});
  operands.SetResult(c, Choice(c, shift.is_inside, shifted, c.Scalar(operands.work, 0), operands.work));
}

// Rounds down. A shift out of all bits leaves the sign, as does one that is negative.
void RightShift(Conversion& c) {
  const Operands operands(c);
  const DType dtype = c.DTypeOf("X");
  if (IsSigned(dtype) && !c.Bool("is_arithmetic", true)) {
    return c.Fail(Unimplemented("a shift that is not arithmetic, of integers with a sign"));
  }
  // By all but the sign's bit: 2 to the power of that one is no number of the type.
  const int bits = static_cast<int>(ElementSizeBytes(dtype) * 8) - (IsSigned(dtype) ? 1 : 0);
  const Shift shift = ShiftOf(c, operands, bits);
  const Name shifted = FloorDivision(c, operands.x, shift.power, operands.work).quotient;
  const Name is_negative = c.Node("Less", {operands.x, c.Scalar(operands.work, 0)});
  const Name sign = c.Node("Neg", {c.Cast(is_negative, operands.work)});
  operands.SetResult(c, Choice(c, shift.is_inside, shifted, sign, operands.work));
}

}  // namespace oarlock::paddle
