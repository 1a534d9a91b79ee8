// Everything about a predictor that does not change once it is loaded: what callers see of it (ports, after the
// manifest's pre- and postprocessing), what the engine sees, and the executions. Const use from any thread.
#ifndef OARLOCK_RUNTIME_LOADED_MODEL_H_
#define OARLOCK_RUNTIME_LOADED_MODEL_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/model_content.h"
#include "model/models_config.h"
#include "runtime/engine_choice.h"
#include "runtime/execution_pool.h"
#include "runtime/runtime.h"
#include "runtime/service_time.h"
#include "runtime/statistics.h"

namespace oarlock {

struct PredictorOptions {
  std::string name;     // empty = that of the model's directory or file
  int64_t version = 0;  // 0 = as the path says
  std::string engine = "auto";
  ImporterChoice importer = ImporterChoice::kAuto;
  std::filesystem::path cache_dir;  // as in ConversionOptions
  Precision precision = Precision::kF32;
  Weights weights = Weights::kPacked;
  int executions = 0;  // 0 = one per usable core, divided by `threads`
  int threads = 1;     // of one execution
  bool inline_runs = true;
  bool warm_up = true;                      // runs while loading
  std::optional<BatchingOptions> batching;  // none = the manifest's
  Limits limits;
  const Clock* clock = nullptr;                          // null = the runtime's
  std::chrono::milliseconds execution_wait_max{60'000};  // for requests without a deadline
  std::function<void(std::string_view phase)> on_phase;  // "read", "compile", "warm up": for progress
  // What each engine said of the model, also if none loads it.
  std::function<void(const std::vector<EngineVerdict>&)> on_verdicts;

  static PredictorOptions Of(const ModelConfig& config, const Limits& limits);
};

// How an output that callers see comes to be.
struct PublicOutput {
  Port port;
  size_t size_bytes = 0;               // where the port is static; else 0
  size_t engine_index = 0;             // of the engine's output it comes from
  std::optional<size_t> answer_index;  // into DecodeAnswer's tensors; none = the engine's output as it is
};

struct LoadedModel {
  std::string name;
  int64_t version = 1;
  Format format = Format::kUnknown;
  std::string identity;
  std::map<std::string, size_t> operators;
  std::vector<std::string> warnings;  // of the load: what a user should know, and can go on with
  bool converted = false;             // engines see the ONNX model that was made of it
  bool from_cache = false;            // which was there already
  Manifest manifest;
  Limits limits;
  const Clock* clock = &Clock::Steady();
  std::chrono::milliseconds execution_wait_max{0};

  // In the order of destruction's reverse: bytes the engine may alias, the compiled model, its executions.
  ModelContent content;  // files only; its bytes are dropped unless the engine keeps them
  std::shared_ptr<CompiledModel> compiled;
  std::vector<Port> inputs;  // as callers see them, in the engine's order
  std::vector<PublicOutput> outputs;
  std::optional<size_t> image_input;  // index of the input that takes pictures
  bool inline_runs = true;
  mutable ServiceTime service_time;
  mutable RefusalStatistics refusals;
  std::unique_ptr<ExecutionPool> pool;

  ModelStatistics statistics() const;
};

// Reads, checks, compiles, warms up. Asynchronous signals are blocked meanwhile: engines create threads here. `root` as
// FindModel takes it, or null.
absl::StatusOr<std::shared_ptr<LoadedModel>> LoadModel(const std::filesystem::path& path,
                                                       std::shared_ptr<const Root> root,
                                                       const PredictorOptions& options, Runtime& runtime);
// The same of a model that lies in memory; what an engine keeps of it is copied.
absl::StatusOr<std::shared_ptr<LoadedModel>> LoadModel(const ModelBytes& bytes, const PredictorOptions& options,
                                                       Runtime& runtime);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_LOADED_MODEL_H_
