#include "engine_run.h"

#include "base/status.h"
#include "engine/registry.h"

namespace oarlock {

std::vector<std::string> EnginesOfThisBuild() {
  std::vector<std::string> names;
#ifdef OARLOCK_TEST_ONNXRUNTIME
  names.emplace_back("onnxruntime");
#endif
#ifdef OARLOCK_TEST_OPENVINO
  names.emplace_back("openvino");
#endif
  return names;
}

absl::Status RunOn(const std::string& engine_name, const ModelSource& source, const Fixture& fixture) {
  static EngineRegistry registry(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  OAR_ASSIGN_OR_RETURN(const auto engine, registry.Get(engine_name));
  OAR_ASSIGN_OR_RETURN(const auto model, engine->Load(source, {}));
  OAR_ASSIGN_OR_RETURN(const auto execution, model->NewExecution());
  for (size_t i = 0; i < model->inputs().size(); ++i) {
    const auto input = fixture.inputs.find(model->inputs()[i].name);
    if (input == fixture.inputs.end()) return Internal("no input '{}' in the fixture", model->inputs()[i].name);
    CopyReason reason;
    OAR_RETURN_IF_ERROR(execution->BindInput(i, input->second.view(), &reason));
  }
  OAR_RETURN_IF_ERROR(execution->Run());
  if (model->outputs().size() != fixture.outputs.size()) {
    return Internal("{} outputs and not {}", model->outputs().size(), fixture.outputs.size());
  }
  for (size_t i = 0; i < fixture.outputs.size(); ++i) {
    EngineOutput output;
    OAR_RETURN_IF_ERROR(execution->Output(i, &output));
    const std::string difference = Difference(output.view, fixture.outputs[i].view());
    if (!difference.empty()) return Internal("output {} ('{}'): {}", i, model->outputs()[i].name, difference);
  }
  return absl::OkStatus();
}

}  // namespace oarlock
