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
  // Y under X's dims, in its own element type.
  Name RawY(Conversion& c) const;
  // Out, of the type that the program says.
  void SetResult(Conversion& c, const Name& value) const;

  DType work;  // of both
  Name x;
  Name y;

 private:
  DType dtype_;
};

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_BINARY_H_
