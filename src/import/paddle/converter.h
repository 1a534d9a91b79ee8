// Makes an ONNX graph of a Paddle program, operator by operator. Conversion (conversion.h) is what an operator's
// function sees of it. Used once; not thread-safe.
#ifndef OARLOCK_IMPORT_PADDLE_CONVERTER_H_
#define OARLOCK_IMPORT_PADDLE_CONVERTER_H_

#include <onnx/onnx_pb.h>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "import/paddle/conversion.h"
#include "import/paddle/program.h"

namespace oarlock::paddle {

// An initializer whose elements stay where they are until the model is written.
struct LargeConstant {
  std::string name;
  Constant constant;
};

struct ConvertedGraph {
  onnx::GraphProto graph;            // nodes, inputs, outputs, small constants
  std::vector<LargeConstant> large;  // the others, to be written behind them
  std::deque<std::string> owned;     // bytes that `large` may point into, besides the weights
};

class Converter {
 public:
  // `weights`: elements of each parameter. Both live longer than the result.
  Converter(const Program& program, std::span<const std::span<const std::byte>> weights, int opset);

  // UNIMPLEMENTED names every operator that there is no conversion for, with its count.
  absl::StatusOr<ConvertedGraph> Convert();

  const Program& program() const { return program_; }
  int opset() const { return opset_; }

  // The name of a value in the ONNX graph; makes an initializer of a constant when it is first asked for.
  absl::StatusOr<Name> NameOf(ValueId value);
  std::optional<Constant> Known(ValueId value) const;
  void Bind(ValueId value, const Name& name);
  // Elements that live as long as the conversion.
  std::span<const std::byte> Own(std::string bytes);
  void BindConstant(ValueId value, Constant constant);
  Name AddConstant(Constant constant);
  // The same elements twice are one initializer.
  Name AddSmallConstant(DType dtype, std::span<const int64_t> dims, const std::string& bytes);
  onnx::NodeProto* AddNode(std::string_view onnx_type, size_t result_count);

  // Converts a nested block into `graph`: its operators become nodes there, its results outputs. Arguments are bound to
  // inputs before, by the caller.
  absl::Status ConvertBlock(const Block& block, onnx::GraphProto* graph);
  Name NewName(std::string_view hint);
  void Describe(const Value& value, bool with_dims, onnx::ValueInfoProto* info) const;

 private:
  struct Binding {
    Name name;  // empty until asked for
    std::optional<Constant> constant;
  };

  absl::Status FindUnknownOperators() const;
  absl::Status ConvertOperators(const Block& block);
  absl::Status ConvertOperator(const Operator& op);
  absl::Status AddInputs();
  absl::Status AddOutputs();

  const Program& program_;
  const std::span<const std::span<const std::byte>> weights_;
  const int opset_;
  ConvertedGraph result_;
  onnx::GraphProto* graph_;  // the one that nodes are added to
  std::vector<Binding> bindings_;
  std::set<Name> names_;
  std::map<std::string, Name> small_constants_;
  std::map<ValueId, Name> wanted_names_;  // of outputs
  int first_node_ = 0;                    // of the operator that is being converted
  size_t next_ = 0;
};

// TensorProto.DataType; 0 for a dtype that ONNX does not have.
int32_t OnnxTypeOf(DType dtype);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_CONVERTER_H_
