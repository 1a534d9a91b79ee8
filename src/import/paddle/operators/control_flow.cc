// Branches and loops. The readers give both forms of Paddle the same operands: see program.h.
#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/converter.h"

namespace oarlock::paddle {
namespace {

// ONNX wants conditions without dims; Paddle 2 has [1].
Name ScalarCondition(Conversion& c, ValueId id, const Name& name) {
  const Value& value = c.converter().program().value(id);
  return value.rank_known && value.dims.empty() ? name : c.Node("Reshape", {name, c.IntVector({})});
}

Name NameOf(Conversion& c, ValueId value) {
  auto name = c.converter().NameOf(value);
  if (name.ok()) return *std::move(name);
  c.Fail(name.status());
  return {};
}

// Operands and results stand in a slot each.
std::vector<ValueId> ValuesOf(Conversion& c, const std::vector<Slot>& slots) {
  std::vector<ValueId> values;
  for (const Slot& slot : slots) {
    if (slot.values.size() != 1) c.Fail(InvalidArgument("an operand or a result that is no single tensor"));
    values.push_back(slot.values.empty() ? kNoValue : slot.values[0]);
  }
  return values;
}

void AddGraph(onnx::NodeProto* node, const char* name, onnx::GraphProto graph) {
  onnx::AttributeProto* attribute = node->add_attribute();
  attribute->set_name(name);
  attribute->set_type(onnx::AttributeProto::GRAPH);
  attribute->mutable_g()->Swap(&graph);
}

void BindResults(Conversion& c, const std::vector<ValueId>& results, const onnx::NodeProto& node) {
  for (size_t i = 0; i < results.size(); ++i) c.converter().Bind(results[i], node.output(static_cast<int>(i)));
}

}  // namespace

void If(Conversion& c) {
  const std::vector<ValueId> operands = ValuesOf(c, c.op().inputs);
  const std::vector<ValueId> results = ValuesOf(c, c.op().outputs);
  const std::vector<Block>& blocks = c.op().blocks;
  if (operands.size() != 1 || blocks.size() != 2 || blocks[0].results.size() != results.size() ||
      blocks[1].results.size() != results.size()) {
    return c.Fail(InvalidArgument("it takes one condition and two blocks with as many results as it has"));
  }
  if (!c.ok() || results.empty()) return;  // without results it does nothing
  const Name condition = ScalarCondition(c, operands[0], NameOf(c, operands[0]));
  onnx::GraphProto graphs[2];
  for (size_t i = 0; i < 2; ++i) {
    if (absl::Status status = c.converter().ConvertBlock(blocks[i], &graphs[i]); !status.ok()) return c.Fail(status);
  }
  if (!c.ok()) return;
  onnx::NodeProto* node = c.converter().AddNode("If", results.size());
  node->add_input(condition);
  AddGraph(node, "then_branch", std::move(graphs[0]));
  AddGraph(node, "else_branch", std::move(graphs[1]));
  BindResults(c, results, *node);
}

// ONNX's Loop hands its body the number of the round, the condition and the variables.
void While(Conversion& c) {
  const std::vector<ValueId> operands = ValuesOf(c, c.op().inputs);
  const std::vector<ValueId> results = ValuesOf(c, c.op().outputs);
  if (operands.size() != results.size() + 1 || c.op().blocks.size() != 1) {
    return c.Fail(InvalidArgument("it takes a condition and as many variables as it has results, and one block"));
  }
  const Block& body = c.op().blocks[0];
  if (body.arguments.size() != results.size() || body.results.size() != operands.size()) {
    return c.Fail(InvalidArgument("its block takes {} variables and gives {} values; there are {} variables",
                                  body.arguments.size(), body.results.size(), results.size()));
  }
  if (!c.ok()) return;
  Converter& converter = c.converter();
  const Name condition = ScalarCondition(c, operands[0], NameOf(c, operands[0]));
  std::vector<Name> inputs;
  const auto type_of = [&c](ValueId value) { return c.converter().program().value(value).dtype; };
  for (size_t i = 1; i < operands.size(); ++i) {
    // A variable that is first written inside begins as a number that stands for nothing, of another element type.
    const DType carried = type_of(body.results[i]);
    const Name input = NameOf(c, operands[i]);
    inputs.push_back(type_of(operands[i]) == carried ? input : c.Cast(input, carried));
  }

  onnx::GraphProto graph;
  const auto add_input = [&](std::string_view hint, Value described) {
    described.name = converter.NewName(hint);
    converter.Describe(described, described.rank_known && described.dims.empty(), graph.add_input());
    return described.name;
  };
  add_input("round", {"", DType::kI64, true, {}});
  add_input("condition", {"", DType::kBool, true, {}});
  for (size_t i = 0; i < body.arguments.size(); ++i) {
    const ValueId argument = body.arguments[i];
    Value described = converter.program().value(argument);
    described.dtype = type_of(body.results[i + 1]);
    described.rank_known = false;  // dims may differ from round to round
    converter.Bind(argument, add_input("variable", described));
  }
  if (absl::Status status = converter.ConvertBlock(body, &graph); !status.ok()) return c.Fail(status);
  // The next condition, without dims.
  Value next{"", DType::kBool, true, {}};
  onnx::NodeProto* reshape = graph.add_node();
  reshape->set_op_type("Reshape");
  reshape->set_name(converter.NewName("n"));
  reshape->add_input(graph.output(0).name());
  reshape->add_input(c.IntVector({}));
  reshape->add_output(next.name = converter.NewName("v"));
  converter.Describe(next, true, graph.mutable_output(0));

  onnx::NodeProto* node = converter.AddNode("Loop", results.size());
  node->add_input("");  // no limit of rounds
  node->add_input(condition);
  for (const Name& input : inputs) node->add_input(input);
  AddGraph(node, "body", std::move(graph));
  BindResults(c, results, *node);
}

}  // namespace oarlock::paddle
