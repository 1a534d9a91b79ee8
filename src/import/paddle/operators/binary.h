// Two operands that are brought to one element type, and to dims that ONNX broadcasts.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_BINARY_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_BINARY_H_

#include "import/paddle/conversion.h"
#include "import/paddle/operators/number_type.h"

namespace oarlock::paddle {

class Operands {
 public:
  explicit Operands(Conversion& c);

  bool of_bool() const { return dtype_ == DType::kBool; }
  // One operand under the other's dims, in its own element type.
  static Name Aligned(Conversion& c, std::string_view slot, std::string_view other);
  // Out, of the type that the program says.
  void SetResult(Conversion& c, const Name& value) const;

  DType work;  // of both
  Name x;
  Name y;

 private:
  DType dtype_;
};

// x = quotient * y + remainder, where the remainder has y's sign.
struct Division {
  Name quotient;
  Name remainder;
};
Division FloorDivision(Conversion& c, const Name& x, const Name& y, DType dtype);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_BINARY_H_
