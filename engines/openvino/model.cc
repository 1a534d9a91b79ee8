#include "model.h"

#include <algorithm>

#include "error.h"
#include "openvino/op/constant.hpp"

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

}  // namespace

std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                       const oar_engine_options& options) {
  const std::string device = DeviceOf(options);
  const ov::AnyMap properties = PropertiesOf(options);
  if (!Reads(source.format)) {
    throw Failure(Code::kUnimplemented,
                  "the engine openvino does not read format number " + std::to_string(source.format));
  }
  const Graph graph = ReadGraph(engine, source);
  auto model = std::make_unique<oar_engine_model>();
  // Before the long part: a port that cannot cross the ABI is refused at once.
  const std::shared_ptr<const ov::Model> uncompiled = graph.model;
  PortsOf(uncompiled->inputs(), graph.names, "input");
  PortsOf(uncompiled->outputs(), graph.names, "output");
  model->weights_bytes = ConstantBytes(*graph.model);
  model->compiled = Explained(Code::kInternal, "the model cannot be compiled",
                              [&] { return engine.core.compile_model(graph.model, device, properties); });
  model->inputs = PortsOf(model->compiled.inputs(), graph.names, "input");
  model->outputs = PortsOf(model->compiled.outputs(), graph.names, "output");
  for (Port& port : model->outputs) {
    if (port.is_static) port.flags |= OAR_PORT_IN_PLACE;
  }
  model->keeps_source = graph.keeps_source;
  model->precision = PrecisionOf(model->compiled);
  model->threads_per_execution = options.threads_per_execution;
  return model;
}

}  // namespace oarlock::openvino
