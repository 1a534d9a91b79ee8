#include "runtime/predictor.h"

#include <new>

#include "base/out_of_memory.h"
#include "base/status.h"
#include "base/stopwatch.h"
#include "base/timeout.h"
#include "runtime/batch_run.h"
#include "runtime/request_check.h"
#include "runtime/request_run.h"

namespace oarlock {

std::string_view NameOf(PredictorState state) {
  constexpr std::string_view kNames[] = {"INIT", "LOADING", "READY", "ERROR", "DESTROYED"};
  return kNames[static_cast<size_t>(state)];
}

namespace {

// Unloading must not fail for want of a text.
absl::Status Unloaded() {
  return StatusOrCode(absl::StatusCode::kCancelled,
                      [] { return Cancelled("the model was unloaded before the request ran"); });
}

bool IsExpired(const LoadedModel& model, const InferenceRequest& request) {
  return request.deadline != kNoDeadline && model.clock->Now() >= request.deadline;
}

absl::Status Expired(const LoadedModel& model) {
  model.refusals.AddDrop(DropReason::kExpired);
  return DeadlineExceeded("the deadline passed before the request ran");
}

// What a caller waited for its execution, and what it had been told that a run takes.
struct Wait {
  std::chrono::nanoseconds took{0};
  std::chrono::nanoseconds guess{-1};  // it did not wait
};

// Runs on the calling thread, which holds `execution` and its permits. `batch`, of a model with batching, is that of
// this request alone. `owner` keeps the model while a response shows memory of it; null if its caller does.
absl::Status RunOn(Execution* execution, const LoadedModel& model, std::shared_ptr<const void> owner,
                   const InferenceRequest& request, const Wait& wait, const Batch* batch, InferenceResponse* response) {
  RequestRun run(model, request, ExecutionLease(std::move(owner), model.pool.get(), execution), batch);
  const absl::Status status = run.Run(wait.took, response);
  if (!status.ok()) model.refusals.AddFailure(wait.took + run.took());
  // The guess is that of the warm-up where all requests are synchronous, and may be far too long: it is only ever made
  // shorter here, because a run that was interrupted says nothing of the model.
  if (status.ok() && response->times().run() < wait.guess) {
    model.service_time.Add(response->times().run(), InputBytes(request));
  }
  run.HandOver(response);
  return status;
}

// Waits for an execution if there has to be.
absl::Status RunHere(const LoadedModel& model, std::shared_ptr<const void> owner, const InferenceRequest& request,
                     const Batch* batch, InferenceResponse* response) {
  if (IsExpired(model, request)) return Expired(model);
  Execution* execution = model.pool->TryAcquire();
  if (execution != nullptr) {
    return RunOn(execution, model, std::move(owner), request, Wait(), batch, response);
  }
  const TimePoint began = model.clock->Now();
  Wait wait;
  wait.guess = model.service_time.Guess(InputBytes(request));
  const auto acquired = model.pool->Acquire(request.deadline, model.execution_wait_max, request.priority, wait.guess);
  wait.took = model.clock->Now() - began;
  if (!acquired.ok()) {
    if (absl::IsDeadlineExceeded(acquired.status())) return Expired(model);
    model.refusals.AddFailure(wait.took);
    return acquired.status();
  }
  return RunOn(*acquired, model, std::move(owner), request, wait, batch, response);
}

// That of a request which shares it with no other, and waits for none; nothing if it would have to be padded.
std::optional<Batch> BatchOfOne(const BatchingOptions& batching, int64_t rows) {
  if (rows < 1 || rows > batching.max_batch_size || batching.PaddedRows(rows) != rows) return std::nullopt;
  Batch batch;
  batch.rows = batch.padded_rows = rows;
  batch.reason = rows == batching.max_batch_size ? CloseReason::kFull
                 : batching.eager                ? CloseReason::kEager
                                                 : CloseReason::kDelay;
  return batch;
}

// An asynchronous answer waited for.
class Waiter {
 public:
  InferenceCallback Callback(InferenceResponse* response) {
    return [this, response](absl::Status status, InferenceResponse answer) {
      *response = std::move(answer);
      const std::lock_guard lock(mutex_);
      status_ = std::move(status);
      called_ = true;
      changed_.notify_one();
    };
  }
  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return called_; });
    return std::move(status_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  absl::Status status_;
  bool called_ = false;
};

}  // namespace

std::shared_ptr<Predictor> Predictor::Create(PredictorOptions options, Runtime* runtime) {
  return std::shared_ptr<Predictor>(new Predictor(std::move(options), runtime));
}

Predictor::Predictor(PredictorOptions options, Runtime* runtime)
    : options_(std::move(options)),
      runtime_(runtime),
      running_(std::make_shared<RunningRequests>()),
      status_(FailedPrecondition("the model is not loaded yet")) {}

Predictor::~Predictor() { Unload(); }

absl::Status Predictor::Load(const std::filesystem::path& path, std::shared_ptr<const Root> root) {
  return LoadBy([&] { return LoadModel(path, std::move(root), options_, *runtime_); });
}

absl::Status Predictor::Load(const ModelBytes& bytes) {
  return LoadBy([&] { return LoadModel(bytes, options_, *runtime_); });
}

absl::Status Predictor::LoadBy(absl::FunctionRef<absl::StatusOr<std::shared_ptr<LoadedModel>>()> load) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != PredictorState::kInit) {
      return FailedPrecondition("Load() was called already; the predictor is {}", NameOf(state_));
    }
    state_ = PredictorState::kLoading;
    status_ = StatusOrCode(absl::StatusCode::kUnavailable, [] { return Unavailable("the model is still loading"); });
  }
  // Whatever happens from here on, those who wait are told.
  auto model = [&]() -> absl::StatusOr<std::shared_ptr<LoadedModel>> {
    try {
      return load();
    } catch (const std::bad_alloc&) {
      return StatusOrCode(absl::StatusCode::kResourceExhausted,
                          [] { return ResourceExhausted("no memory left to load the model"); });
    } catch (const std::exception& error) {
      return StatusOrCode(absl::StatusCode::kInternal, [&] { return Internal("loading failed: {}", error.what()); });
    }
  }();
  const std::lock_guard lock(mutex_);
  loaded_.notify_all();
  if (state_ == PredictorState::kDestroyed) return status_;
  state_ = model.ok() ? PredictorState::kReady : PredictorState::kError;
  status_ = model.status();
  if (model.ok()) model_ = *std::move(model);
  return status_;
}

absl::Status Predictor::WaitReady(std::chrono::nanoseconds timeout) const {
  std::unique_lock lock(mutex_);
  const auto is_over = [this] { return state_ > PredictorState::kLoading; };
  if (IsEndless(timeout)) {
    loaded_.wait(lock, is_over);
  } else if (!loaded_.wait_for(lock, timeout, is_over)) {
    return DeadlineExceeded("the model is still loading after {} ms",
                            std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count());
  }
  return status_;
}

PredictorState Predictor::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

absl::Status Predictor::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::shared_ptr<const LoadedModel> Predictor::model() const {
  const std::lock_guard lock(mutex_);
  return model_;
}

absl::StatusOr<std::shared_ptr<LoadedModel>> Predictor::Ready() const {
  const std::lock_guard lock(mutex_);
  if (model_ == nullptr) return status_;
  return model_;
}

absl::Status Predictor::Infer(const InferenceRequest& request, InferenceResponse* response) {
  response->Release();  // it may hold the execution that this request needs
  OAR_ASSIGN_OR_RETURN(auto model, Ready());
  OAR_RETURN_IF_ERROR(CheckRequest(*model, request));
  if (request.batched && model->pool->batching().enabled()) return InferBatched(model, request, response);
  const LoadedModel& ready = *model;
  return RunHere(ready, std::move(model), request, nullptr, response);
}

absl::Status Predictor::InferChecked(const LoadedModel& model, const InferenceRequest& request,
                                     InferenceResponse* response) {
  return RunHere(model, nullptr, request, nullptr, response);
}

absl::Status Predictor::InferBatched(const std::shared_ptr<LoadedModel>& model, const InferenceRequest& request,
                                     InferenceResponse* response) {
  OAR_ASSIGN_OR_RETURN(const BatchPlace place, PlaceInBatch(*model, request));
  const std::optional<Batch> batch = BatchOfOne(model->pool->batching(), place.rows);
  if (batch && model->pool->RunsAtOnce()) return RunHere(*model, model, request, &*batch, response);
  Waiter waiter;
  OAR_RETURN_IF_ERROR(InferAsync(request, waiter.Callback(response)).status());
  return waiter.Wait();
}

std::optional<absl::Status> Predictor::InferIfShort(const InferenceRequest& request, InferenceResponse* response) {
  auto ready = Ready();
  if (!ready.ok()) return ready.status();
  const LoadedModel& model = **ready;
  const std::chrono::nanoseconds guess = model.service_time.Guess(InputBytes(request));
  const bool is_short = model.inline_runs && guess.count() >= 0 &&
                        guess < std::chrono::microseconds(model.limits.inline_us_max) && model.pool->RunsAtOnce();
  if (!is_short) return std::nullopt;
  if (const absl::Status status = CheckRequest(model, request); !status.ok()) return status;
  std::optional<Batch> batch;
  if (model.pool->batching().enabled()) {
    const auto place = PlaceInBatch(model, request);
    if (!place.ok()) return place.status();
    batch = BatchOfOne(model.pool->batching(), place->rows);
    if (!batch) return std::nullopt;
  }
  response->Release();
  if (IsExpired(model, request)) return Expired(model);
  Execution* const execution = model.pool->TryAcquire();
  if (execution == nullptr) return std::nullopt;  // permits have gone to others: this thread does not wait
  const absl::Status status = RunOn(execution, model, *ready, request, Wait(), batch ? &*batch : nullptr, response);
  // For the next guess. Requests that come in synchronously, and never ask for it, are spared.
  if (status.ok()) model.service_time.Add(response->times().run(), InputBytes(request));
  return status;
}

absl::StatusOr<uint64_t> Predictor::InferAsync(InferenceRequest request, Callback callback) {
  OAR_ASSIGN_OR_RETURN(const auto model, Ready());
  OAR_RETURN_IF_ERROR(CheckRequest(*model, request));
  Waiting waiting;
  if (model->pool->batching().enabled()) {
    OAR_ASSIGN_OR_RETURN(BatchPlace place, PlaceInBatch(*model, request));
    waiting.rows = place.rows;
    waiting.shape = std::move(place.shape);
  }
  waiting.priority = request.priority;
  waiting.deadline =
      request.deadline == kNoDeadline ? model->clock->Now() + model->execution_wait_max : request.deadline;
  std::unique_ptr<QueuedRequest> queued =
      std::make_unique<QueuedInference>(model, running_, std::move(request), std::move(callback));
  const auto id = model->pool->Enqueue(std::move(waiting), &queued);
  if (absl::IsUnavailable(id.status())) model->refusals.AddDrop(DropReason::kQueueFull);
  return id;
}

bool Predictor::Cancel(uint64_t id) {
  const auto model = Ready();
  if (!model.ok()) return false;
  // A runner that is destroyed comes by here, and must not fail for want of a text.
  const absl::Status cancelled =
      StatusOrCode(absl::StatusCode::kCancelled, [] { return Cancelled("the request was cancelled before it ran"); });
  return (*model)->pool->Cancel(id, cancelled) || running_->Cancel(id);
}

void Predictor::CancelAll() {
  const auto model = Ready();
  if (!model.ok()) return;
  (*model)->pool->CancelAll(Unloaded());
  running_->CancelAll();
}

bool Predictor::is_idle() const {
  const auto model = Ready();
  return !model.ok() || (*model)->pool->is_idle();
}

void Predictor::Unload() {
  std::shared_ptr<LoadedModel> model;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != PredictorState::kDestroyed) {
      state_ = PredictorState::kDestroyed;
      status_ = StatusOrCode(absl::StatusCode::kFailedPrecondition,
                             [] { return FailedPrecondition("the model was unloaded"); });
      loaded_.notify_all();
    }
    model.swap(model_);
  }
  if (model != nullptr) model->pool->Stop(Unloaded());
}

}  // namespace oarlock
