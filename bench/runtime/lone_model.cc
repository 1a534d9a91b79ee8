#include "lone_model.h"

#include "arguments.h"
#include "bench/random_tensor.h"

namespace oarlock {

LoneModel LoadLoneModel(const std::string& path, PredictorOptions options, Runtime* runtime) {
  LoneModel lone;
  lone.predictor = Predictor::Create(std::move(options), runtime);
  Need(lone.predictor->Load(path));
  for (const Port& port : lone.predictor->model()->inputs) {
    lone.inputs.push_back(Need(RandomTensor(port, lone.inputs.size())));
    lone.request.inputs.push_back(RequestInput::Of(port.name, lone.inputs.back().view()));
  }
  return lone;
}

}  // namespace oarlock
