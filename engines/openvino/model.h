// A compiled model: OpenVINO's, and its ports in the terms of the plugin ABI.
#ifndef OARLOCK_ENGINES_OPENVINO_MODEL_H_
#define OARLOCK_ENGINES_OPENVINO_MODEL_H_

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "../plugin/model.h"
#include "openvino/runtime/compiled_model.hpp"
#include "options.h"
#include "port.h"
#include "source.h"

// One set of packed weights and threads.
struct oar_engine_model_copy {
  ov::CompiledModel compiled;
  size_t execution_count = 0;
};

struct oar_engine_model : oarlock::plugin::Model<oarlock::openvino::Port> {
  bool has_dynamic_inputs = false;

  // The copy with the fewest executions, for one more.
  oar_engine_model_copy& Take();
  void GiveBack(oar_engine_model_copy& copy);

  std::mutex mutex;  // guards the counts
  std::vector<oar_engine_model_copy> copies;
};

namespace oarlock::openvino {

std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                       const oar_engine_options& options);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_MODEL_H_
