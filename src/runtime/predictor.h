// A model version that can be asked. Thread-safe throughout.
//
//   Runtime runtime;
//   auto predictor = Predictor::Create({}, &runtime);
//   OAR_RETURN_IF_ERROR(predictor->Load("resnet50/"));
//   OAR_RETURN_IF_ERROR(predictor->Infer(request, &response));
//
// States: INIT -> LOADING -> READY or ERROR; any of them -> DESTROYED. Load() may be called once.
// Ownership: `runtime` must outlive every predictor made with it. A response keeps what it shows, so that a predictor
// may be unloaded or destroyed while responses live. Steady state of Infer allocates nothing of ours (without pictures
// and decoders).
#ifndef OARLOCK_RUNTIME_PREDICTOR_H_
#define OARLOCK_RUNTIME_PREDICTOR_H_

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "runtime/loaded_model.h"
#include "runtime/queued_inference.h"
#include "runtime/request.h"

namespace oarlock {

enum class PredictorState { kInit, kLoading, kReady, kError, kDestroyed };
std::string_view NameOf(PredictorState state);  // "INIT", ...

class Predictor {
 public:
  using Callback = InferenceCallback;

  static std::shared_ptr<Predictor> Create(PredictorOptions options, Runtime* runtime);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  // Blocks until loaded or failed. A failure is also status() from then on. `root`, if `path` is a version's directory
  // beneath its model's: what the user named.
  absl::Status Load(const std::filesystem::path& path, std::shared_ptr<const Root> root = nullptr);
  absl::Status Load(const ModelBytes& bytes);
  // Until loading is over: status() then. DEADLINE_EXCEEDED if it is not by then; negative = without end.
  absl::Status WaitReady(std::chrono::nanoseconds timeout) const;
  PredictorState state() const;
  // OK when READY; else why not.
  absl::Status status() const;
  // The loaded model: ports, identity, executions. Null unless READY.
  std::shared_ptr<const LoadedModel> model() const;

  // The same for who runs on it; status() if it is not READY.
  absl::StatusOr<std::shared_ptr<LoadedModel>> Ready() const;

  // Runs on the calling thread, past all batching unless the request asks for it (`batched`). Past the deadline before
  // it runs: DEADLINE_EXCEEDED; a run under way is not cut short.
  absl::Status Infer(const InferenceRequest& request, InferenceResponse* response);
  // The same of a request that is known to fit the model, which Ready() gave and the caller keeps for longer than the
  // response; that must be empty.
  static absl::Status InferChecked(const LoadedModel& model, const InferenceRequest& request,
                                   InferenceResponse* response);
  // The same as Infer() if it takes no longer than handing it to another thread would: `inline: auto`, an execution is
  // free, nothing waits, a batch would not wait for others, and the model has been answering within `inline_us_max`.
  // Else nullopt, and nothing has happened.
  std::optional<absl::Status> InferIfShort(const InferenceRequest& request, InferenceResponse* response);
  // Queues, where it may share a batch with others. An error (queue full, request wrong, not READY) means that the
  // callback is never called.
  absl::StatusOr<uint64_t> InferAsync(InferenceRequest request, Callback callback);
  // A waiting request ends with CANCELLED at once; one under way ends early if it shares no batch and the engine can.
  // False: it is too late.
  bool Cancel(uint64_t id);

  // The same for every asynchronous request.
  void CancelAll();

  // No asynchronous request waits or runs.
  bool is_idle() const;
  // What waits is cancelled, what runs finishes. Afterwards DESTROYED. Idempotent.
  void Unload();

 private:
  Predictor(PredictorOptions options, Runtime* runtime);
  absl::Status LoadBy(absl::FunctionRef<absl::StatusOr<std::shared_ptr<LoadedModel>>()> load);
  absl::Status InferBatched(const std::shared_ptr<LoadedModel>& model, const InferenceRequest& request,
                            InferenceResponse* response);

  const PredictorOptions options_;
  Runtime* const runtime_;
  const std::shared_ptr<RunningRequests> running_;
  mutable std::mutex mutex_;
  mutable std::condition_variable loaded_;
  PredictorState state_ = PredictorState::kInit;  // this and below guarded by mutex_
  absl::Status status_;
  std::shared_ptr<LoadedModel> model_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_PREDICTOR_H_
