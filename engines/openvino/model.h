// A compiled model: OpenVINO's, and its ports in the terms of the plugin ABI.
#ifndef OARLOCK_ENGINES_OPENVINO_MODEL_H_
#define OARLOCK_ENGINES_OPENVINO_MODEL_H_

#include <memory>
#include <vector>

#include "openvino/runtime/compiled_model.hpp"
#include "options.h"
#include "port.h"
#include "source.h"

struct oar_engine_model {
  ov::CompiledModel compiled;
  std::vector<oarlock::openvino::Port> inputs;
  std::vector<oarlock::openvino::Port> outputs;
  bool keeps_source = false;
  oar_precision precision = OAR_PRECISION_F32;
  int32_t threads_per_execution = 1;
  uint64_t weights_bytes = 0;
};

namespace oarlock::openvino {

std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                       const oar_engine_options& options);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_MODEL_H_
