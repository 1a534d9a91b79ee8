// A session, and its ports in the terms of the plugin ABI.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_MODEL_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_MODEL_H_

#include <memory>
#include <vector>

#include "../plugin/model.h"
#include "library.h"
#include "port.h"

struct oar_engine {
  // ONNX Runtime has one environment in a process; this is a reference to it, and to its one pool of threads.
  oarlock::onnxruntime::Owned<OrtEnv> env;
  oarlock::onnxruntime::Owned<OrtMemoryInfo> memory_info;
  int32_t threads_max = 1;
};

struct oar_engine_model : oarlock::plugin::Model<oarlock::onnxruntime::Port> {
  const OrtMemoryInfo* memory_info = nullptr;                    // the engine's
  std::vector<oarlock::onnxruntime::Owned<OrtValue>> constants;  // over memory of the host
  oarlock::onnxruntime::Owned<OrtSession> session;
};

namespace oarlock::onnxruntime {

std::unique_ptr<oar_engine> Open(const oar_engine_settings& settings);
std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                       const oar_engine_options& options);

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_MODEL_H_
