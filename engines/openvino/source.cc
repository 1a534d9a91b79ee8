#include "source.h"

#include "error.h"
#include "memory_stream.h"
#include "reader.h"

namespace oarlock::openvino {
namespace {

std::string Join(const std::vector<UnsupportedOperator>& operators) {
  std::string text;
  for (const UnsupportedOperator& o : operators) {
    text += (text.empty() ? "" : ", ") + o.type + " (" + std::to_string(o.count) + ")";
  }
  return text;
}

// IR has no reader of its own that takes weights: Core::read_model is the way in, and knows IR by its first bytes.
Graph ReadIr(oar_engine& engine, const oar_engine_source& source) {
  std::string xml(static_cast<const char*>(source.model), source.model_size_bytes);
  if (xml.find("<net") == std::string::npos) {
    throw Failure(Code::kInvalidArgument, "the program is no OpenVINO IR: it has no <net> element");
  }
  ov::Tensor weights;
  if (source.weights_size_bytes > 0) {
    weights = ov::Tensor(ov::element::u8, {source.weights_size_bytes}, source.weights);
  }
  Graph graph;
  graph.model = Explained(Code::kInvalidArgument, "the OpenVINO IR cannot be read",
                          [&] { return engine.core.read_model(xml, weights); });
  graph.keeps_source = source.weights_size_bytes > 0;
  return graph;
}

}  // namespace

bool Reads(oar_format format) { return format == OAR_FORMAT_OPENVINO_IR || FrameworkOf(format) != nullptr; }

Graph ReadGraph(oar_engine& engine, const oar_engine_source& source) {
  if (source.format == OAR_FORMAT_OPENVINO_IR) return ReadIr(engine, source);
  const Reader reader(engine, source);
  Graph graph;
  graph.names = reader.PortNames();
  try {
    graph.model = reader.Convert();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    // The text names one operator and a place in a source file; what a user needs is all of them.
    const Failure failure = ConversionFailure(e);
    const auto unsupported = UnsupportedOperators(engine, source);
    if (unsupported.empty()) throw failure;
    throw Failure(Code::kUnimplemented,
                  "the engine openvino has no counterpart for these operators: " + Join(unsupported));
  }
  return graph;
}

}  // namespace oarlock::openvino
