#include "model.h"

#include <algorithm>

#include "error.h"
#include "openvino/op/constant.hpp"
#include "openvino/op/parameter.hpp"
#include "openvino/op/result.hpp"
#include "openvino/runtime/properties.hpp"

namespace oarlock::openvino {
namespace {

// Of a tensor's many names the one that the file gives the port, else the first by byte order.
std::string PortName(const ov::Output<const ov::Node>& output, const std::vector<std::string>& given,
                     std::string otherwise) {
  const auto& names = output.get_names();
  for (const std::string& name : given) {
    if (names.count(name) > 0) return name;
  }
  const auto first = std::min_element(names.begin(), names.end());
  return first == names.end() ? std::move(otherwise) : *first;
}

std::vector<Port> PortsOf(const std::vector<ov::Output<const ov::Node>>& outputs, const std::vector<std::string>& given,
                          const std::string& what) {
  std::vector<Port> ports;
  for (size_t i = 0; i < outputs.size(); ++i) {
    ports.push_back(PortOf(outputs[i], PortName(outputs[i], given, what + "_" + std::to_string(i)), what));
  }
  return ports;
}

uint64_t ConstantBytes(const ov::Model& model) {
  uint64_t bytes = 0;
  for (const auto& node : model.get_ops()) {
    if (const auto* constant = dynamic_cast<const ov::op::v0::Constant*>(node.get()))
      bytes += constant->get_byte_size();
  }
  return bytes;
}

// Operators that compute: without constants, inputs and outputs.
size_t NodeCount(const ov::Model& model) {
  size_t count = 0;
  for (const auto& node : model.get_ops()) {
    const bool computes = !ov::is_type<ov::op::v0::Constant>(node) && !ov::is_type<ov::op::v0::Parameter>(node) &&
                          !ov::is_type<ov::op::v0::Result>(node);
    if (computes) ++count;
  }
  return count;
}

// A run on one of several streams is handed to a thread of OpenVINO's: 20 us for a model that computes in 4. A compiled
// model with one stream runs on the caller's thread, so a small model is compiled once for each execution. A larger one
// is not: its weights would be held as often, and it computes for longer than the hand-over takes.
constexpr uint64_t kCopiedWeightsBytesMax = 4 << 20;

}  // namespace

std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                       const oar_engine_options& options) {
  const Graph graph = ReadGraph(engine, source);
  // Before the long part: a port that cannot cross the ABI is refused at once.
  const std::shared_ptr<const ov::Model> uncompiled = graph.model;
  PortsOf(uncompiled->inputs(), graph.names, "input");
  PortsOf(uncompiled->outputs(), graph.names, "output");

  auto model = std::make_unique<oar_engine_model>();
  const uint64_t weights_bytes = ConstantBytes(*graph.model);
  const bool copies = weights_bytes <= kCopiedWeightsBytesMax;
  const ov::AnyMap properties = PropertiesOf(options, copies ? 1 : options.executions, NodeCount(*graph.model));
  model->copies.resize(copies ? static_cast<size_t>(options.executions) : 1);
  for (oar_engine_model_copy& copy : model->copies) {
    copy.compiled = Explained(Code::kInternal, "the model cannot be compiled",
                              [&] { return engine.core.compile_model(graph.model, "CPU", properties); });
  }
  const ov::CompiledModel& compiled = model->copies.front().compiled;
  model->inputs = PortsOf(compiled.inputs(), graph.names, "input");
  model->outputs = PortsOf(compiled.outputs(), graph.names, "output");
  model->has_dynamic_inputs =
      std::any_of(model->inputs.begin(), model->inputs.end(), [](const Port& port) { return !port.is_static; });
  for (Port& port : model->outputs) {
    if (port.is_static) port.flags |= OAR_PORT_IN_PLACE;
  }
  model->keeps_source = graph.keeps_source;
  model->precision = PrecisionOf(compiled);
  // OpenVINO does not say what it keeps; it packs the weights into a copy of its own, of about their size.
  model->weights_private_bytes = weights_bytes * model->copies.size();
  // OpenVINO takes no more threads than there are cores, whatever it was asked for.
  const int32_t streams = std::max(1, static_cast<int32_t>(compiled.get_property(ov::num_streams).num));
  const int32_t threads = std::max(1, static_cast<int32_t>(compiled.get_property(ov::inference_num_threads)));
  model->threads_per_execution = std::max(1, threads / streams);
  return model;
}

}  // namespace oarlock::openvino

oar_engine_model_copy& oar_engine_model::Take() {
  const std::lock_guard lock(mutex);
  auto least = std::min_element(copies.begin(), copies.end(),
                                [](const auto& a, const auto& b) { return a.execution_count < b.execution_count; });
  ++least->execution_count;
  return *least;
}

void oar_engine_model::GiveBack(oar_engine_model_copy& copy) {
  const std::lock_guard lock(mutex);
  --copy.execution_count;
}
