// A model version that can be asked. Thread-safe throughout.
//
//   EngineRegistry engines;
//   auto predictor = Predictor::Create({}, &engines);
//   OAR_RETURN_IF_ERROR(predictor->Load("resnet50/"));
//   OAR_RETURN_IF_ERROR(predictor->Infer(request, &response));
//
// States: INIT -> LOADING -> READY or ERROR; any of them -> DESTROYED. Load() may be called once.
// Ownership: `engines` must outlive every predictor made with it. A response keeps what it shows, so that a predictor
// may be unloaded or destroyed while responses live. Steady state of Infer allocates nothing of ours (without pictures
// and decoders).
#ifndef OARLOCK_RUNTIME_PREDICTOR_H_
#define OARLOCK_RUNTIME_PREDICTOR_H_

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"

namespace oarlock {

enum class PredictorState { kInit, kLoading, kReady, kError, kDestroyed };
std::string_view NameOf(PredictorState state);  // "INIT", ...

class Predictor {
 public:
  // Called exactly once, outside all locks, on a thread of the predictor (or, for a request that never ran, on the one
  // that cancelled or unloaded). It may call anything here, and drop the last reference. On OK the response is its own.
  using Callback = absl::AnyInvocable<void(absl::Status, InferenceResponse) &&>;

  static std::shared_ptr<Predictor> Create(PredictorOptions options, EngineRegistry* engines);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  // Blocks until loaded or failed. A failure is also status() from then on.
  absl::Status Load(const std::filesystem::path& path);
  PredictorState state() const;
  // OK when READY; else why not.
  absl::Status status() const;
  // The loaded model: ports, identity, executions. Null unless READY.
  std::shared_ptr<const LoadedModel> model() const;

  // Runs on the calling thread. Past the deadline before it runs: DEADLINE_EXCEEDED; a run under way is not cut short.
  absl::Status Infer(const InferenceRequest& request, InferenceResponse* response);
  // The same if it takes no longer than handing it to another thread would: `inline: auto`, an execution is free,
  // nothing waits, and the model has been answering within `inline_us_max`. Else nullopt, and nothing has happened.
  std::optional<absl::Status> InferIfShort(const InferenceRequest& request, InferenceResponse* response);
  // Queues. An error (queue full, request wrong, not READY) means that the callback is never called.
  absl::StatusOr<uint64_t> InferAsync(InferenceRequest request, Callback callback);
  // A waiting request ends with CANCELLED at once; one under way ends early if the engine can. False: it is too late.
  bool Cancel(uint64_t id);

  // The same for every asynchronous request.
  void CancelAll();

  // What waits is cancelled, what runs finishes. Afterwards DESTROYED. Idempotent.
  void Unload();

 private:
  struct Running;
  Predictor(PredictorOptions options, EngineRegistry* engines);
  absl::StatusOr<std::shared_ptr<LoadedModel>> Ready() const;
  static absl::Status RunRequest(std::shared_ptr<LoadedModel> model, const InferenceRequest& request,
                                 std::chrono::nanoseconds queued, Running* running, uint64_t id,
                                 InferenceResponse* response);

  const PredictorOptions options_;
  EngineRegistry* const engines_;
  const std::shared_ptr<Running> running_;
  mutable std::mutex mutex_;
  PredictorState state_ = PredictorState::kInit;  // this and below guarded by mutex_
  absl::Status status_;
  std::shared_ptr<LoadedModel> model_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_PREDICTOR_H_
