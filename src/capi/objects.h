// What handles of the C API name. Each keeps what it needs of its parent, so that handles may be destroyed in any
// order.
#ifndef OARLOCK_CAPI_OBJECTS_H_
#define OARLOCK_CAPI_OBJECTS_H_

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "oarlock/oarlock.h"
#include "pipeline/image.h"
#include "runtime/predictor.h"
#include "runtime/runner.h"
#include "runtime/runtime.h"
#include "server/embedded/server_abi.h"
#include "tensor/strided_tensor.h"

namespace oarlock::capi {

inline constexpr int32_t kThreadsMax = 4096;  // of a budget, or of one run

class RuntimeObject {
 public:
  explicit RuntimeObject(const oar_runtime_options& options);

  Runtime& runtime() { return runtime_; }
  const std::filesystem::path& cache_dir() const { return cache_dir_; }
  // To the callback; without one, warnings and errors to the standard error stream. Never throws.
  void Log(oar_log_level level, std::string_view message) const noexcept;
  // A text that lives as long as the runtime. Equal texts are one.
  const char* Keep(std::string text);

 private:
  const std::filesystem::path cache_dir_;
  const oar_log_fn log_;
  void* const log_user_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<std::string>, std::less<>> texts_;  // guarded by mutex_
  Runtime runtime_;
};

class TensorObject {
 public:
  StridedTensor tensor;
};

class PredictorObject {
 public:
  PredictorObject(std::shared_ptr<RuntimeObject> owner, std::shared_ptr<Predictor> loaded)
      : runtime(std::move(owner)), predictor(std::move(loaded)) {}
  // Waits for a load under way, unless this is its thread.
  ~PredictorObject();

  const std::shared_ptr<RuntimeObject> runtime;  // outlives the predictor
  const std::shared_ptr<Predictor> predictor;
  std::thread loader;  // where it loads in the background
};

class RunnerObject {
 public:
  RunnerObject(std::shared_ptr<PredictorObject> owner, std::unique_ptr<Runner> made)
      : predictor(std::move(owner)), runner(std::move(made)) {}

  const std::shared_ptr<PredictorObject> predictor;  // outlives the runner
  const std::unique_ptr<Runner> runner;
};

class ImageObject {
 public:
  Image image;
  ColorOrder color = ColorOrder::kRgb;
};

class ServerObject {
 public:
  ServerObject(std::shared_ptr<RuntimeObject> owner, const ServerApi* library)
      : runtime(std::move(owner)), api(library) {}
  ~ServerObject() { api->destroy(server); }

  const std::shared_ptr<RuntimeObject> runtime;  // outlives the server
  const ServerApi* const api;
  Server* server = nullptr;
};

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_OBJECTS_H_
