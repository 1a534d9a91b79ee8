#include "import/paddle/converter.h"

#include <fmt/ranges.h>

#include "base/status.h"
#include "import/paddle/operator_list.h"

namespace oarlock::paddle {
namespace {

// Initializers above this stay out of the graph's message until it is written: no copy of the weights.
constexpr size_t kSmallBytesMax = 4096;

}  // namespace

int32_t OnnxTypeOf(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return onnx::TensorProto::FLOAT;
    case DType::kU8:
      return onnx::TensorProto::UINT8;
    case DType::kI8:
      return onnx::TensorProto::INT8;
    case DType::kU16:
      return onnx::TensorProto::UINT16;
    case DType::kI16:
      return onnx::TensorProto::INT16;
    case DType::kI32:
      return onnx::TensorProto::INT32;
    case DType::kI64:
      return onnx::TensorProto::INT64;
    case DType::kBool:
      return onnx::TensorProto::BOOL;
    case DType::kF16:
      return onnx::TensorProto::FLOAT16;
    case DType::kF64:
      return onnx::TensorProto::DOUBLE;
    case DType::kU32:
      return onnx::TensorProto::UINT32;
    case DType::kU64:
      return onnx::TensorProto::UINT64;
    case DType::kBF16:
      return onnx::TensorProto::BFLOAT16;
    case DType::kInvalid:
    case DType::kBytes:
      break;
  }
  return 0;
}

Converter::Converter(const Program& program, std::span<const std::span<const std::byte>> weights, int opset)
    : program_(program), weights_(weights), opset_(opset), graph_(&result_.graph), bindings_(program.values.size()) {}

absl::StatusOr<ConvertedGraph> Converter::Convert() {
  OAR_RETURN_IF_ERROR(FindUnknownOperators());
  result_.graph.set_name("paddle");
  for (size_t i = 0; i < program_.parameters.size(); ++i) {
    const Parameter& parameter = program_.parameters[i];
    bindings_[static_cast<size_t>(parameter.value)].constant = Constant{parameter.dtype, parameter.dims, weights_[i]};
  }
  OAR_RETURN_IF_ERROR(AddInputs());
  // An output keeps its name if a node writes it; one that is an input as well is copied at the end.
  for (const Output& output : program_.outputs) {
    if (!names_.insert(output.name).second) {
      const bool is_input = bindings_[static_cast<size_t>(output.value)].name == output.name;
      if (!is_input) return InvalidArgument("two inputs or outputs have the name '{}'", Printable(output.name));
    }
    wanted_names_.emplace(output.value, output.name);
  }
  OAR_RETURN_IF_ERROR(ConvertOperators(program_.main));
  OAR_RETURN_IF_ERROR(AddOutputs());
  return std::move(result_);
}

absl::Status Converter::FindUnknownOperators() const {
  const std::map<std::string, size_t> unknown = UnknownOperators(program_);
  if (unknown.empty()) return absl::OkStatus();
  std::vector<std::string> texts;
  for (const auto& [type, count] : unknown) texts.push_back(fmt::format("{} x{}", Printable(type), count));
  return Unimplemented("there is no conversion for {} of its operators: {}", unknown.size(), fmt::join(texts, ", "));
}

absl::Status Converter::AddInputs() {
  for (const ValueId id : program_.inputs) {
    const Value& value = program_.value(id);
    if (OnnxTypeOf(value.dtype) == 0) {
      return Unimplemented("input '{}' has elements that ONNX has no type for", Printable(value.name));
    }
    names_.insert(value.name);
    bindings_[static_cast<size_t>(id)].name = value.name;
    Describe(value, true, graph_->add_input());
  }
  return absl::OkStatus();
}

absl::Status Converter::AddOutputs() {
  if (program_.outputs.empty()) return InvalidArgument("the program has no output");
  std::set<Name> added;
  for (const Output& output : program_.outputs) {
    OAR_ASSIGN_OR_RETURN(const Name name, NameOf(output.value));
    Name public_name = output.name;
    const auto is_input = [&] {
      for (const auto& input : result_.graph.input()) {
        if (input.name() == public_name) return true;
      }
      return false;
    };
    // ONNX has no output that is an input.
    if (is_input()) public_name = NewName(output.name + ".out");
    if (!added.insert(public_name).second) {
      return InvalidArgument("two outputs have the name '{}'", Printable(public_name));
    }
    if (name != public_name) {
      onnx::NodeProto* node = AddNode("Identity", 0);
      node->add_input(name);
      node->add_output(public_name);
    }
    Value described = program_.value(output.value);
    described.name = public_name;
    Describe(described, true, graph_->add_output());
  }
  return absl::OkStatus();
}

// Dynamic dims that stand for the same number would need the same name, and nothing says which do: they have none. A
// dim of 0 is a dynamic one too: Paddle's shape inference makes it from -1 and an output_padding of 1.
void Converter::Describe(const Value& value, bool with_dims, onnx::ValueInfoProto* info) const {
  info->set_name(value.name);
  auto* type = info->mutable_type()->mutable_tensor_type();
  type->set_elem_type(OnnxTypeOf(value.dtype));
  if (!with_dims || !value.rank_known) return;
  auto* shape = type->mutable_shape();
  for (const int64_t dim : value.dims) {
    auto* made = shape->add_dim();
    if (dim > 0) made->set_dim_value(dim);
  }
}

absl::Status Converter::ConvertOperators(const Block& block) {
  for (const Operator& op : block.operators) OAR_RETURN_IF_ERROR(ConvertOperator(op));
  return absl::OkStatus();
}

absl::Status Converter::ConvertOperator(const Operator& op) {
  const OperatorRow* row = FindOperator(program_.dialect, op.type);
  first_node_ = result_.graph.node_size();
  Conversion conversion(this, op, row->inputs, row->outputs, row->onnx_type);
  row->convert(conversion);
  if (conversion.ok()) return absl::OkStatus();
  std::string result;
  for (const Slot& slot : op.outputs) {
    if (result.empty() && !slot.values.empty() && slot.values[0] != kNoValue)
      result = program_.value(slot.values[0]).name;
  }
  return Annotate(conversion.status(), fmt::format("operator '{}' (result '{}')", op.type, Printable(result)));
}

absl::Status Converter::ConvertBlock(const Block& block, onnx::GraphProto* graph) {
  onnx::GraphProto* const outer = std::exchange(graph_, graph);
  if (graph->name().empty()) graph->set_name(NewName("block"));
  absl::Status status = ConvertOperators(block);
  for (size_t i = 0; status.ok() && i < block.results.size(); ++i) {
    const auto name = NameOf(block.results[i]);
    if (!name.ok()) {
      status = name.status();
      break;
    }
    // A result has to be written in the block itself, once.
    onnx::NodeProto* node = AddNode("Identity", 1);
    node->add_input(*name);
    Value described = program_.value(block.results[i]);
    described.name = node->output(0);
    Describe(described, false, graph->add_output());
  }
  graph_ = outer;
  return status;
}

absl::StatusOr<Name> Converter::NameOf(ValueId value) {
  if (value == kNoValue) return InvalidArgument("a value is asked for that is not there");
  Binding& binding = bindings_[static_cast<size_t>(value)];
  if (!binding.name.empty()) return binding.name;
  if (!binding.constant) {
    return InvalidArgument("value '{}' has no record in the weights, and nothing writes it",
                           Printable(program_.value(value).name));
  }
  if (OnnxTypeOf(binding.constant->dtype) == 0) {
    return Unimplemented("'{}' has elements that ONNX has no type for", Printable(program_.value(value).name));
  }
  binding.name = AddConstant(*binding.constant);
  return binding.name;
}

std::optional<Constant> Converter::Known(ValueId value) const {
  if (value == kNoValue) return std::nullopt;
  return bindings_[static_cast<size_t>(value)].constant;
}

void Converter::Bind(ValueId value, const Name& name) {
  if (value == kNoValue) return;
  Binding& binding = bindings_[static_cast<size_t>(value)];
  binding.name = name;
  const auto wanted = wanted_names_.find(value);
  if (wanted == wanted_names_.end() || graph_ != &result_.graph || graph_->node_size() <= first_node_) return;
  // A node that this operator has just added, and that nothing reads yet, may carry the output's own name.
  for (std::string& output : *graph_->mutable_node()->rbegin()->mutable_output()) {
    if (output != name) continue;
    output = wanted->second;
    binding.name = wanted->second;
    wanted_names_.erase(wanted);
    return;
  }
}

std::span<const std::byte> Converter::Own(std::string bytes) {
  return std::as_bytes(std::span(result_.owned.emplace_back(std::move(bytes))));
}

void Converter::BindConstant(ValueId value, Constant constant) {
  if (value == kNoValue) return;
  Binding& binding = bindings_[static_cast<size_t>(value)];
  binding.constant = std::move(constant);
  binding.name.clear();
}

Name Converter::AddConstant(Constant constant) {
  if (constant.bytes.size() <= kSmallBytesMax) {
    return AddSmallConstant(constant.dtype, constant.dims,
                            std::string(reinterpret_cast<const char*>(constant.bytes.data()), constant.bytes.size()));
  }
  Name name = NewName("w");
  result_.large.push_back({name, std::move(constant)});
  return name;
}

Name Converter::AddSmallConstant(DType dtype, std::span<const int64_t> dims, const std::string& bytes) {
  const std::string key = fmt::format("{} {}:", static_cast<int>(dtype), fmt::join(dims, ",")) + bytes;
  const auto [entry, fresh] = small_constants_.try_emplace(key);
  if (!fresh) return entry->second;
  entry->second = NewName("c");
  onnx::TensorProto* tensor = result_.graph.add_initializer();
  tensor->set_name(entry->second);
  tensor->set_data_type(OnnxTypeOf(dtype));
  for (const int64_t dim : dims) tensor->add_dims(dim);
  tensor->set_raw_data(bytes);
  return entry->second;
}

onnx::NodeProto* Converter::AddNode(std::string_view onnx_type, size_t result_count) {
  onnx::NodeProto* node = graph_->add_node();
  node->set_op_type(std::string(onnx_type));
  node->set_name(NewName("n"));
  for (size_t i = 0; i < result_count; ++i) node->add_output(NewName("v"));
  return node;
}

Name Converter::NewName(std::string_view hint) {
  for (;;) {
    Name name = fmt::format("{}{}", hint, next_++);
    if (names_.insert(name).second) return name;
  }
}

}  // namespace oarlock::paddle
