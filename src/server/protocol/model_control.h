// Loading, unloading and routing of models as clients ask for it, unless the server was not started so. One thing at a
// time, on a thread of this object: a load takes seconds, and whoever was asked has others to answer meanwhile.
//
//   ModelControl control(&repository, /*allowed=*/true, read_config, log, limits);
//   control.Load("resnet", [](absl::Status status) { ... });   // on that thread
//
// Thread-safe. Callbacks come exactly once, on the caller's thread or its own; on its own it must not be stopped.
// Ownership: `repository` must outlive it.
#ifndef OARLOCK_SERVER_PROTOCOL_MODEL_CONTROL_H_
#define OARLOCK_SERVER_PROTOCOL_MODEL_CONTROL_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/limits.h"
#include "base/log.h"
#include "runtime/repository.h"

namespace oarlock {

// Parameters of a load or an unload. INVALID_ARGUMENT for a configuration or files that a client brings along, which
// are never taken, and for a name that is none of the protocol's.
absl::Status CheckLoadParameter(std::string_view name);
absl::Status CheckUnloadParameter(
    std::string_view name);  // `unload_dependents`, a boolean: no model depends on another

class ModelControl {
 public:
  // What is to be served, read anew.
  using Source = std::function<absl::StatusOr<ModelsConfig>()>;
  using Done = absl::AnyInvocable<void(absl::Status) &&>;

  // `source` and `log` may be null unless it is `allowed`.
  ModelControl(Repository* repository, bool allowed, Source source, LogFn log, const Limits& limits);
  ~ModelControl() { Stop(); }
  ModelControl(const ModelControl&) = delete;
  ModelControl& operator=(const ModelControl&) = delete;

  bool allowed() const { return allowed_; }
  // OK if models may be changed; UNAVAILABLE says how to start the server so. For who has more to check first.
  absl::Status CheckAllowed() const;

  // The model of that name as the configuration says it now: put back, or made anew where something of it changed.
  void Load(std::string_view model, Done done);
  // Out of what is served, until it is loaded again. Done once its requests have been answered, or after
  // `drain_timeout_ms`.
  void Unload(std::string_view model, Done done);
  void SetRoute(std::string_view model, RouteOptions route, Done done);

  // What waits ends with UNAVAILABLE, what is under way is waited for; and nothing begins any more. Idempotent.
  void Stop();
  bool IsOwnThread() const;

 private:
  using Changes = std::vector<std::string>;
  struct Task {
    std::string what;  // "loading 'm'"
    absl::AnyInvocable<absl::Status(Changes*)> run;
    Done done;
  };

  void Enqueue(std::string_view model, std::string_view verb, absl::AnyInvocable<absl::Status(Changes*)> run,
               Done done);
  absl::Status LoadNow(const std::string& model, Changes* changes);
  absl::Status UnloadNow(const std::string& model, Changes* changes);
  bool IsStopping() const;
  void Run(Task task);
  void Work();

  Repository* const repository_;
  const bool allowed_;
  const Source source_;
  const LogFn log_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> waiting_;  // this and below guarded by mutex_
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_MODEL_CONTROL_H_
