// What the table tells of a compiled model; an engine's own oar_engine_model adds to it.
#ifndef OARLOCK_ENGINES_PLUGIN_MODEL_H_
#define OARLOCK_ENGINES_PLUGIN_MODEL_H_

#include <cstdint>
#include <vector>

#include "oarlock/engine.h"

namespace oarlock::plugin {

// `AnyPort`: Port, or what derives from it.
template <typename AnyPort>
struct Model {
  std::vector<AnyPort> inputs;
  std::vector<AnyPort> outputs;
  bool keeps_source = false;
  oar_precision precision = OAR_PRECISION_F32;
  int32_t threads_per_execution = 1;
  uint64_t weights_private_bytes = 0;
  uint64_t weights_shared_bytes = 0;  // where the host put them
};

}  // namespace oarlock::plugin

#endif  // OARLOCK_ENGINES_PLUGIN_MODEL_H_
