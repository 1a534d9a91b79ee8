// What the conversion of one Paddle operator works with: its operands, results and attributes on one side, ONNX nodes
// on the other. An operator is a function of this alone (operators/*.cc), listed in operators.def.
//
//   void Softmax(Conversion& c) { c.Set("Out", c.Node("Softmax", {c.In("X")}, {{"axis", c.Int("axis", -1)}})); }
//
// Errors stick: the first one is kept, every call after it does nothing and gives back something harmless, and the
// converter names the operator in the message. Slots and attributes are asked for by ProgramDesc's names; operators.def
// says which operand of PIR a slot is. An attribute that PIR spells otherwise is asked for as "alpha|negative_slope".
// In ProgramDesc a tensor-valued attribute is an extra slot; in PIR it always is one, mostly fed by a constant. So ask
// the slot first, then the attribute: Ints(), Number() do.
#ifndef OARLOCK_IMPORT_PADDLE_CONVERSION_H_
#define OARLOCK_IMPORT_PADDLE_CONVERSION_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "import/paddle/constant.h"
#include "import/paddle/program.h"
#include "tensor/dtype.h"

namespace oarlock::paddle {

class Converter;

// A value in the ONNX graph; empty stands for an optional input that is absent.
using Name = std::string;

struct NodeAttribute {
  std::string_view name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>, std::vector<float>, std::vector<std::string>> value;
};

class Conversion {
 public:
  Conversion(Converter* converter, const Operator& op, std::string_view input_slots, std::string_view output_slots,
             std::string_view onnx_type);
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  void Fail(absl::Status status);

  // The ONNX operator named in this operator's row of operators.def, for functions that serve several rows.
  std::string onnx_type() const { return std::string(onnx_type_); }
  const std::string& type() const { return op_.type; }
  int opset() const;

  // Operands. `slot` is ProgramDesc's name.
  bool Has(std::string_view slot) const;  // present, with at least one value
  Name In(std::string_view slot);         // of the only value; an error if it is absent or a list of several
  std::vector<Name> InList(std::string_view slot);
  size_t InCount(std::string_view slot) const;
  // What the program says of operand `index` of a slot; dtype kInvalid and an unknown rank where it says nothing.
  const Value& About(std::string_view slot, size_t index = 0) const;
  DType DTypeOf(std::string_view slot) const { return About(slot).dtype; }
  int Rank(std::string_view slot);  // an error if the program does not say
  // A dim, kDynamic if it is not known. 0 is not known either: Paddle's shape inference makes it from -1.
  int64_t Dim(std::string_view slot, int axis);
  // `axis` of a tensor of `rank`, counted from the front; an error if it lies outside.
  int64_t Axis(int64_t axis, int64_t rank);
  // Its elements if they are known now; none if they are computed, or the slot is absent.
  std::optional<Constant> Known(std::string_view slot, size_t index = 0);

  // Results.
  bool Wants(std::string_view slot) const;  // the program has this result
  void Set(std::string_view slot, const Name& name);
  void SetList(std::string_view slot, const std::vector<Name>& names);
  // The result is the operand itself; what is known of it stays known.
  void SetSame(std::string_view slot, std::string_view operand);
  size_t OutCount(std::string_view slot) const;
  const Value& AboutResult(std::string_view slot, size_t index = 0) const;

  // Attributes; `name` may list spellings, "a|b". A missing one is its default; one of another type is an error.
  int64_t Int(std::string_view name, int64_t otherwise);
  double Float(std::string_view name, double otherwise);
  bool Bool(std::string_view name, bool otherwise);
  std::string String(std::string_view name, std::string_view otherwise);
  std::vector<int64_t> IntList(std::string_view name);
  std::vector<double> FloatList(std::string_view name);
  DType DTypeAttribute(std::string_view name, DType otherwise);

  // Integers that are an attribute in one form and an operand in another, where ONNX wants them known: from the first
  // of `slots` ("ShapeTensor|Shape") that is there (one tensor, or a list of one-element tensors), else from the
  // attribute. An error if they are computed; TryInts gives none then.
  std::vector<int64_t> KnownInts(std::string_view slots, std::string_view attribute);
  std::optional<std::vector<int64_t>> TryInts(std::string_view slots, std::string_view attribute);
  // The same where ONNX takes a tensor: an int64 vector, known or computed. `-1` and `0` entries are left as they are.
  Name Ints(std::string_view slots, std::string_view attribute);
  // One number, known; from the slot, else the attribute.
  double KnownNumber(std::string_view slots, std::string_view attribute, double otherwise);
  int64_t KnownInt(std::string_view slots, std::string_view attribute, int64_t otherwise);

  // Constants of the ONNX graph.
  Name IntVector(std::span<const int64_t> values);  // int64 [n]
  Name IntVector(std::initializer_list<int64_t> values) { return IntVector(std::span(values.begin(), values.size())); }
  Name IntScalar(int64_t value);  // int64 []
  // A scalar, or `dims` times the value, of any dtype that is a number or BOOL.
  Name Scalar(DType dtype, double value);
  Name Full(DType dtype, std::span<const int64_t> dims, double value);
  Name Floats(std::span<const float> values, std::span<const int64_t> dims);
  Name Bytes(DType dtype, std::span<const int64_t> dims, std::string bytes);  // packed elements

  // Nodes. Gives the name of the only (or first) result.
  Name Node(std::string_view onnx_type, std::initializer_list<Name> inputs,
            std::initializer_list<NodeAttribute> attributes = {});
  std::vector<Name> Nodes(std::string_view onnx_type, std::span<const Name> inputs,
                          std::span<const NodeAttribute> attributes, size_t result_count);
  // Often needed.
  Name Cast(const Name& value, DType dtype);
  Name Squeeze(const Name& value, std::initializer_list<int64_t> axes);
  Name Unsqueeze(const Name& value, std::initializer_list<int64_t> axes);
  Name Reshape(const Name& value, std::initializer_list<int64_t> dims);  // 0 = copy, -1 = infer
  Name Transpose(const Name& value, std::vector<int64_t> permutation);
  Name Concat(std::span<const Name> values, int64_t axis);
  Name Concat(std::initializer_list<Name> values, int64_t axis) {
    return Concat(std::span(values.begin(), values.size()), axis);
  }
  Name Gather(const Name& value, const Name& indices, int64_t axis);
  // int64 [n], one dim int64 [1].
  Name ShapeOf(const Name& value);
  Name DimOf(const Name& value, int64_t axis);
  // 0, 1, 2, ... of `count`, an int64 scalar.
  Name Counted(const Name& count);
  // The only tensor of a slot as another element type.
  Name InAs(std::string_view slot, DType dtype);

  // A result that is known now: folded where it is used, an initializer where it is asked for by name.
  void SetConstant(std::string_view slot, DType dtype, std::span<const int64_t> dims, std::string bytes);

  // For control flow: the converter itself.
  Converter& converter() { return *converter_; }
  const Operator& op() const { return op_; }

 private:
  const Slot* FindInput(std::string_view slot) const;
  const Slot* FindOutput(std::string_view slot) const;
  // The first that is there; an attribute that is a variable is a slot of its name. Empty if there is none.
  std::string_view SlotOf(std::string_view slots, std::string_view attribute) const;
  const Attribute* Find(std::string_view names) const;
  void WrongType(std::string_view name, std::string_view wanted);

  Converter* converter_;
  const Operator& op_;
  std::string_view input_slots_;
  std::string_view output_slots_;
  std::string_view onnx_type_;
  absl::Status status_;
};

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_CONVERSION_H_
