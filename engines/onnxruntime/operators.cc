#include "operators.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "import/wire.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;
using plugin::UnsupportedOperator;

// Graphs nest in attributes of operators; nobody nests them deeper.
constexpr int kDepthMax = 64;

// What one type of operator is asked about with: the first node of it, as it stands in the file.
struct Sample {
  size_t count = 0;
  std::string_view node;
  std::set<std::string, std::less<>> inputs;
};
struct Operators {
  std::map<std::string, Sample> by_type;         // "Relu", or "domain:Relu" outside ONNX's own domain
  std::set<std::string, std::less<>> functions;  // defined by the model itself
  std::string head;                              // ir_version and opset_import fields, as they stand in the file
};

std::string TypeName(std::string_view domain, std::string_view type) {
  return domain.empty() || domain == "ai.onnx" ? std::string(type) : std::string(domain) + ":" + std::string(type);
}

// Each field with its number and, for those of a length, its bytes: a message is written with the same ones.
void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}
void AppendBytes(uint32_t field, std::string_view bytes, std::string* out) {
  AppendVarint(field << 3 | 2, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}
void AppendNumber(uint32_t field, uint64_t value, std::string* out) {
  AppendVarint(field << 3, out);
  AppendVarint(value, out);
}

bool ReadGraph(std::string_view bytes, int depth, Operators* found);

// NodeProto {1 input, 4 op_type, 5 attribute {6 g, 11 graphs}, 7 domain}
bool ReadNode(std::string_view bytes, int depth, Operators* found) {
  std::string_view type;
  std::string_view domain;
  std::set<std::string, std::less<>> inputs;
  WireReader node(bytes);
  while (node.Next()) {
    if (!node.is_bytes()) continue;
    if (node.field() == 1 && !node.bytes().empty()) inputs.emplace(node.bytes());
    if (node.field() == 4) type = node.bytes();
    if (node.field() == 7) domain = node.bytes();
    if (node.field() != 5) continue;
    WireReader attribute(node.bytes());
    while (attribute.Next()) {
      const bool is_graph = attribute.is_bytes() && (attribute.field() == 6 || attribute.field() == 11);
      if (is_graph && !ReadGraph(attribute.bytes(), depth + 1, found)) return false;
    }
    if (!attribute.ok()) return false;
  }
  Sample& sample = found->by_type[TypeName(domain, type)];
  if (sample.count++ == 0) {
    sample.node = bytes;
    sample.inputs = std::move(inputs);
  }
  return node.ok();
}

// GraphProto {1 node}
bool ReadGraph(std::string_view bytes, int depth, Operators* found) {
  if (depth > kDepthMax) return false;
  WireReader graph(bytes);
  while (graph.Next()) {
    if (graph.field() == 1 && graph.is_bytes() && !ReadNode(graph.bytes(), depth, found)) return false;
  }
  return graph.ok();
}

// ModelProto {1 ir_version, 7 graph, 8 opset_import, 25 functions: FunctionProto {1 name, 7 node, 10 domain}}
bool ReadModel(std::string_view bytes, Operators* found) {
  WireReader model(bytes);
  while (model.Next()) {
    if (model.field() == 1 && model.is_varint()) AppendNumber(1, model.varint(), &found->head);
    if (!model.is_bytes()) continue;
    if (model.field() == 8) AppendBytes(8, model.bytes(), &found->head);
    if (model.field() == 7 && !ReadGraph(model.bytes(), 0, found)) return false;
    if (model.field() != 25) continue;
    std::string_view name;
    std::string_view domain;
    WireReader function(model.bytes());
    while (function.Next()) {
      if (!function.is_bytes()) continue;
      if (function.field() == 1) name = function.bytes();
      if (function.field() == 10) domain = function.bytes();
      if (function.field() == 7 && !ReadNode(function.bytes(), 1, found)) return false;
    }
    if (!function.ok()) return false;
    found->functions.insert(TypeName(domain, name));
  }
  return model.ok();
}

// A model of this one node, whose inputs are floats of any shape. ModelProto {7 graph: GraphProto {1 node, 2 name,
// 11 input: ValueInfoProto {1 name, 2 type: TypeProto {1 tensor_type {1 elem_type}}}}}
std::string ModelOf(const Operators& operators, const Sample& sample) {
  std::string graph;
  AppendBytes(1, sample.node, &graph);
  AppendBytes(2, "probe", &graph);
  for (const std::string& input : sample.inputs) {
    std::string tensor;
    AppendNumber(1, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &tensor);
    std::string type;
    AppendBytes(1, tensor, &type);
    std::string value;
    AppendBytes(1, input, &value);
    AppendBytes(2, type, &value);
    AppendBytes(11, value, &graph);
  }
  std::string model = operators.head;
  AppendBytes(7, graph, &model);
  return model;
}

bool IsUnknown(std::string_view text) { return text.find("is not a registered function/op") != std::string_view::npos; }
bool HasNoKernel(std::string_view text) {
  return text.find("Could not find an implementation for") != std::string_view::npos;
}

// Knows ONNX Runtime this type at this version at all? Whatever else it objects to, it met the operator and knew it.
bool IsKnown(const oar_engine& engine, const std::string& model) {
  OrtSessionOptions* made = nullptr;
  Check(Api().CreateSessionOptions(&made));
  const Owned<OrtSessionOptions> options(made);
  Check(Api().SetIntraOpNumThreads(made, 1));
  OrtSession* session = nullptr;
  OrtStatus* status = Api().CreateSessionFromArray(engine.env.get(), model.data(), model.size(), made, &session);
  if (status == nullptr) {
    Api().ReleaseSession(session);
    return true;
  }
  return !IsUnknown(Take(status).text);
}

// "Could not find an implementation for Relu(14) node with name ''"
std::string TypeWithoutKernel(std::string_view text) {
  constexpr std::string_view kBefore = "Could not find an implementation for ";
  const size_t at = text.find(kBefore);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + kBefore.size());
  return std::string(rest.substr(0, rest.find('(')));
}

std::vector<UnsupportedOperator> Find(const oar_engine& engine, const oar_engine_source& source,
                                      const Problem& problem) {
  std::vector<UnsupportedOperator> unsupported;
  if (!IsUnknown(problem.text) && !HasNoKernel(problem.text)) return unsupported;
  Operators operators;
  if (!ReadModel({static_cast<const char*>(source.model), source.model_size_bytes}, &operators)) return unsupported;
  const std::string without_kernel = TypeWithoutKernel(problem.text);
  for (const auto& [type, sample] : operators.by_type) {
    if (operators.functions.contains(type)) continue;
    const std::string plain = type.substr(type.rfind(':') + 1);
    if (plain == without_kernel || !IsKnown(engine, ModelOf(operators, sample))) {
      unsupported.push_back({plain, sample.count});
    }
  }
  return unsupported;
}

}  // namespace

std::vector<UnsupportedOperator> UnsupportedOperators(oar_engine& engine, const oar_engine_source& source) {
  oar_engine_options options{};
  options.threads_per_execution = 1;
  options.executions = 1;
  options.weights = OAR_WEIGHTS_SHARED;  // spares packing them for a session that is thrown away
  try {
    Load(engine, source, options);
  } catch (const UnsupportedFailure& e) {
    return e.operators();
  }
  return {};
}

void RefuseUnsupported(oar_engine& engine, const oar_engine_source& source, const Problem& problem) {
  auto unsupported = Find(engine, source, problem);
  if (!unsupported.empty()) throw UnsupportedFailure(std::move(unsupported));
}

UnsupportedFailure::UnsupportedFailure(std::vector<UnsupportedOperator> operators)
    : Failure(Code::kUnimplemented, Text(operators)), operators_(std::move(operators)) {}

std::string UnsupportedFailure::Text(const std::vector<UnsupportedOperator>& operators) {
  std::string text = "the engine onnxruntime has no counterpart for these operators: ";
  for (const UnsupportedOperator& each : operators) {
    if (&each != &operators.front()) text += ", ";
    text += each.type + " (" + std::to_string(each.count) + ")";
  }
  return text;
}

}  // namespace oarlock::onnxruntime
