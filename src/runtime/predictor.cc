#include "runtime/predictor.h"

#include <algorithm>
#include <new>

#include "base/status.h"
#include "runtime/request_check.h"
#include "runtime/request_run.h"

namespace oarlock {

std::string_view NameOf(PredictorState state) {
  constexpr std::string_view kNames[] = {"INIT", "LOADING", "READY", "ERROR", "DESTROYED"};
  return kNames[static_cast<size_t>(state)];
}

// Asynchronous requests that have left the queue, for Cancel().
struct Predictor::Running {
  struct Entry {
    uint64_t id;
    Execution* execution;  // null while the request waits for one
    bool cancelled;
  };
  std::mutex mutex;
  std::vector<Entry> entries;  // guarded by mutex

  void Add(uint64_t id) {
    const std::lock_guard lock(mutex);
    entries.push_back({id, nullptr, false});
  }
  // False: the request was cancelled while it waited.
  bool Begin(uint64_t id, Execution* execution) {
    const std::lock_guard lock(mutex);
    for (Entry& entry : entries) {
      if (entry.id != id) continue;
      entry.execution = execution;
      return !entry.cancelled;
    }
    return true;
  }
  // Before the execution is given back: it must not be cancelled for the sake of a request that is over.
  void Remove(uint64_t id) {
    const std::lock_guard lock(mutex);
    std::erase_if(entries, [id](const Entry& entry) { return entry.id == id; });
  }
  void CancelAll() {
    const std::lock_guard lock(mutex);
    for (Entry& entry : entries) {
      entry.cancelled = true;
      if (entry.execution != nullptr) entry.execution->Cancel();
    }
  }
  bool Cancel(uint64_t id) {
    const std::lock_guard lock(mutex);  // held, so that the execution cannot go on to another request
    for (Entry& entry : entries) {
      if (entry.id != id) continue;
      if (entry.execution != nullptr) return entry.execution->Cancel();
      entry.cancelled = true;
      return true;
    }
    return false;
  }
};

namespace {

// For the guess of InferIfShort. Requests that come in synchronously, and never ask it, are spared.
void NoteServiceTime(const LoadedModel& model, const InferenceRequest& request, const InferenceResponse& response) {
  const RequestTimes& times = response.times();
  model.service_time.Add(times.prepare + times.compute + times.finish, InputBytes(request));
}

}  // namespace

// `running` is null for a synchronous request.
absl::Status Predictor::RunRequest(std::shared_ptr<LoadedModel> model, const InferenceRequest& request,
                                   std::chrono::nanoseconds queued, Running* running, uint64_t id,
                                   InferenceResponse* response) {
  const Clock& clock = *model->clock;
  if (request.deadline != kNoDeadline && clock.Now() >= request.deadline) {
    return DeadlineExceeded("the deadline passed before the request ran");
  }
  Execution* execution = model->pool->TryAcquire();
  if (execution == nullptr) {
    const TimePoint began = clock.Now();
    OAR_ASSIGN_OR_RETURN(execution, model->pool->Acquire(request.deadline, model->execution_wait_max, clock));
    queued += clock.Now() - began;
  }
  const LoadedModel& kept = *model;  // by the lease, from here on
  RequestRun run(kept, request, ExecutionLease(std::move(model), kept.pool.get(), execution));
  if (running != nullptr && !running->Begin(id, execution)) {
    return Cancelled("the request was cancelled before it ran");
  }
  absl::Status status;
  // A picture or an answer may want more memory than there is.
  try {
    status = run.Run(queued, response);
  } catch (const std::bad_alloc&) {
    response->Release();
    status = ResourceExhausted("no memory left for the request");
  }
  if (running != nullptr) running->Remove(id);
  return status;
}

std::shared_ptr<Predictor> Predictor::Create(PredictorOptions options, EngineRegistry* engines) {
  return std::shared_ptr<Predictor>(new Predictor(std::move(options), engines));
}

Predictor::Predictor(PredictorOptions options, EngineRegistry* engines)
    : options_(std::move(options)),
      engines_(engines),
      running_(std::make_shared<Running>()),
      status_(FailedPrecondition("the model is not loaded yet")) {}

Predictor::~Predictor() { Unload(); }

absl::Status Predictor::Load(const std::filesystem::path& path) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != PredictorState::kInit) {
      return FailedPrecondition("Load() was called already; the predictor is {}", NameOf(state_));
    }
    state_ = PredictorState::kLoading;
    status_ = Unavailable("the model is still loading");
  }
  auto model = [&]() -> absl::StatusOr<std::shared_ptr<LoadedModel>> {
    try {
      return LoadModel(path, options_, *engines_);
    } catch (const std::bad_alloc&) {
      return ResourceExhausted("no memory left to load '{}'", path.string());
    }
  }();
  const std::lock_guard lock(mutex_);
  if (state_ == PredictorState::kDestroyed) return status_;
  state_ = model.ok() ? PredictorState::kReady : PredictorState::kError;
  status_ = model.status();
  if (model.ok()) model_ = *std::move(model);
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
  return RunRequest(std::move(model), request, std::chrono::nanoseconds(0), nullptr, 0, response);
}

std::optional<absl::Status> Predictor::InferIfShort(const InferenceRequest& request, InferenceResponse* response) {
  auto model = Ready();
  if (!model.ok()) return model.status();
  const std::chrono::nanoseconds guess = (*model)->service_time.Guess(InputBytes(request));
  const bool is_short = (*model)->inline_runs && guess.count() >= 0 &&
                        guess < std::chrono::microseconds((*model)->limits.inline_us_max) &&
                        (*model)->executor->queue_size() == 0 && (*model)->pool->free_count() > 0;
  if (!is_short) return std::nullopt;
  response->Release();
  if (const absl::Status status = CheckRequest(**model, request); !status.ok()) return status;
  const absl::Status status = RunRequest(*model, request, std::chrono::nanoseconds(0), nullptr, 0, response);
  if (status.ok()) NoteServiceTime(**model, request, *response);
  return status;
}

absl::StatusOr<uint64_t> Predictor::InferAsync(InferenceRequest request, Callback callback) {
  OAR_ASSIGN_OR_RETURN(const auto model, Ready());
  OAR_RETURN_IF_ERROR(CheckRequest(*model, request));
  const TimePoint asked = options_.clock->Now();
  return model->executor->Post([model, running = running_, request = std::move(request), callback = std::move(callback),
                                asked](uint64_t id, absl::Status status) mutable {
    InferenceResponse response;
    if (status.ok()) {
      running->Add(id);
      status = RunRequest(model, request, model->clock->Now() - asked, running.get(), id, &response);
      running->Remove(id);
      if (status.ok()) NoteServiceTime(*model, request, response);
    }
    std::move(callback)(std::move(status), std::move(response));
  });
}

bool Predictor::Cancel(uint64_t id) {
  const auto model = Ready();
  if (!model.ok()) return false;
  return (*model)->executor->Cancel(id) || running_->Cancel(id);
}

void Predictor::CancelAll() {
  const auto model = Ready();
  if (!model.ok()) return;
  (*model)->executor->CancelAll();
  running_->CancelAll();
}

void Predictor::Unload() {
  std::shared_ptr<LoadedModel> model;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != PredictorState::kDestroyed) {
      state_ = PredictorState::kDestroyed;
      status_ = FailedPrecondition("the model was unloaded");
    }
    model.swap(model_);
  }
  if (model != nullptr) model->executor->Stop();
}

}  // namespace oarlock
