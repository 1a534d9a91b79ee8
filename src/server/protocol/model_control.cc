#include "server/protocol/model_control.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/codes.h"
#include "base/signals.h"
#include "base/status.h"

namespace oarlock {
namespace {

absl::Status Stopping() { return Unavailable("the server is stopping; models are not changed any more"); }

// An error that speaks of files is for the log; a client gets its code, and is told where to look.
absl::Status WithoutPaths(const absl::Status& status, std::string_view what) {
  return MakeStatus(status.code(),
                    fmt::format("{} failed ({}); the server's log says why", what, RowOf(status.code()).name));
}

bool Knows(const Repository& repository, std::string_view model) {
  const std::vector<VersionState> states = repository.States();
  return std::any_of(states.begin(), states.end(), [&](const VersionState& state) { return state.model == model; });
}

bool IsUnloading(const Repository& repository, std::string_view model) {
  const std::vector<VersionState> states = repository.States();
  return std::any_of(states.begin(), states.end(), [&](const VersionState& state) {
    return state.model == model && state.state == ServingState::kUnloading;
  });
}

// How often it is looked whether a server that stops waits for the end of a model's requests.
constexpr std::chrono::milliseconds kLook(10);

}  // namespace

absl::Status CheckLoadParameter(std::string_view name) {
  if (name == "config" || name.starts_with("file:")) {
    return InvalidArgument("parameter '{}': models are read where the server is configured to, never from a request",
                           Printable(name));
  }
  return InvalidArgument("a load has no parameter '{}'", Printable(name));
}

absl::Status CheckUnloadParameter(std::string_view name) {
  if (name == "unload_dependents") return absl::OkStatus();
  return InvalidArgument("an unload has no parameter '{}'; it has unload_dependents", Printable(name));
}

ModelControl::ModelControl(Repository* repository, bool allowed, Source source, LogFn log, const Limits& limits)
    : repository_(repository), allowed_(allowed), source_(std::move(source)), log_(std::move(log)), limits_(limits) {
  if (!allowed_) return;
  const BlockSignals block;
  const std::lock_guard lock(mutex_);  // Work() begins once thread_ is set
  thread_ = std::thread([this] { Work(); });
}

absl::Status ModelControl::CheckAllowed() const {
  if (allowed_) return absl::OkStatus();
  return Unavailable("models are not changed by clients here; start the server with --model-control-mode explicit");
}

void ModelControl::Load(std::string_view model, Done done) {
  const auto run = [this, name = std::string(model)](Changes* changes) { return LoadNow(name, changes); };
  Enqueue(model, "loading", run, std::move(done));
}

void ModelControl::Unload(std::string_view model, Done done) {
  const auto run = [this, name = std::string(model)](Changes* changes) { return UnloadNow(name, changes); };
  Enqueue(model, "unloading", run, std::move(done));
}

void ModelControl::SetRoute(std::string_view model, RouteOptions route, Done done) {
  auto run = [this, name = std::string(model), route = std::move(route)](Changes* changes) {
    return repository_->SetRoute(name, route, changes);
  };
  Enqueue(model, "routing", std::move(run), std::move(done));
}

void ModelControl::Enqueue(std::string_view model, std::string_view verb,
                           absl::AnyInvocable<absl::Status(Changes*)> run, Done done) {
  absl::Status status = CheckAllowed();
  if (status.ok()) status = CheckModelName(model, limits_);
  if (status.ok()) {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      status = Stopping();
    } else if (std::cmp_greater_equal(waiting_.size(), limits_.model_control_requests_max)) {
      status = Unavailable("{} requests to change models wait already; as many as model_control_requests_max allows",
                           waiting_.size());
    } else {
      waiting_.push_back({fmt::format("{} '{}'", verb, Printable(model)), std::move(run), std::move(done)});
      changed_.notify_all();
      return;
    }
  }
  std::move(done)(std::move(status));
}

absl::Status ModelControl::LoadNow(const std::string& model, Changes* changes) {
  const auto config = source_();
  const absl::Status status = config.ok() ? repository_->Load(model, *config, nullptr, changes) : config.status();
  // What is said of a name that is not configured names no paths, and the name that may have been meant.
  if (status.ok() || (config.ok() && !Knows(*repository_, model))) return status;
  log_(LogLevel::kError, fmt::format("model '{}' was not loaded: {}", Printable(model), MessageOf(status)));
  return WithoutPaths(status, fmt::format("loading '{}'", Printable(model)));
}

absl::Status ModelControl::UnloadNow(const std::string& model, Changes* changes) {
  OAR_RETURN_IF_ERROR(repository_->Unload(model, changes));
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits_.drain_timeout_ms);
  while (IsUnloading(*repository_, model) && !IsStopping() && std::chrono::steady_clock::now() < until) {
    // True at once if whoever holds the last of it lets go this moment.
    if (repository_->WaitUntilRetired(kLook)) std::this_thread::yield();
  }
  return absl::OkStatus();
}

bool ModelControl::IsStopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void ModelControl::Run(Task task) {
  Changes changes;
  absl::Status status;
  try {
    status = task.run(&changes);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("no memory left for {}", task.what);
  } catch (const std::exception& error) {
    log_(LogLevel::kError, fmt::format("{} failed: {}", task.what, error.what()));
    status = WithoutPaths(Internal(""), task.what);
  }
  for (const std::string& change : changes) log_(LogLevel::kInfo, fmt::format("{}, as a client asked", change));
  std::move(task.done)(std::move(status));
}

void ModelControl::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Task task = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    Run(std::move(task));
    lock.lock();
  }
}

void ModelControl::Stop() {
  std::deque<Task> refused;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    refused.swap(waiting_);
  }
  changed_.notify_all();
  for (Task& task : refused) std::move(task.done)(Stopping());
  if (thread_.joinable()) thread_.join();
}

bool ModelControl::IsOwnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

}  // namespace oarlock
