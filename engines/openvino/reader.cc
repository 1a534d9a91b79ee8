#include "reader.h"

#include "error.h"

namespace oarlock::openvino {

const char* FrameworkOf(oar_format format) {
  switch (format) {
    case OAR_FORMAT_PADDLE:
      return "paddle";
    case OAR_FORMAT_ONNX:
      return "onnx";
    default:
      return nullptr;
  }
}

Reader::Reader(oar_engine& engine, const oar_engine_source& source)
    : program_(source.model, source.model_size_bytes), weights_(source.weights, source.weights_size_bytes) {
  const std::string framework = FrameworkOf(source.format);
  frontend_ = engine.frontends.load_by_framework(framework);
  model_ = Explained(Code::kInvalidArgument, "the " + framework + " model cannot be read", [&] {
    std::istream* program = &program_;
    if (source.format == OAR_FORMAT_ONNX) {
      // The path leads to weights kept in files beside the model; false = read those, do not map them.
      const std::string path = source.model_path == nullptr ? "" : source.model_path;
      return path.empty() ? frontend_->load(program) : frontend_->load(program, path, false);
    }
    if (source.weights == nullptr) return frontend_->load(program);
    std::istream* weights = &weights_;
    return frontend_->load(program, weights);
  });
}

std::vector<std::string> Reader::PortNames() const {
  std::vector<std::string> names;
  const auto add = [&](const std::vector<ov::frontend::Place::Ptr>& places) {
    for (const auto& place : places) {
      for (const std::string& name : place->get_names()) names.push_back(name);
    }
  };
  add(model_->get_inputs());
  add(model_->get_outputs());
  return names;
}

}  // namespace oarlock::openvino
