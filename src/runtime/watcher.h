// Keeps a repository as its configuration and files say, while they change: looks at them again and again, and applies
// what it finds once it has been the same twice, so that files under way are left alone. Thread-safe.
#ifndef OARLOCK_RUNTIME_WATCHER_H_
#define OARLOCK_RUNTIME_WATCHER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "base/log.h"
#include "runtime/repository.h"

namespace oarlock {

class Watcher {
 public:
  // What is to be served, read anew.
  using Source = std::function<absl::StatusOr<ModelsConfig>()>;

  // `applied` is what the repository serves now. All but `repository` is kept.
  Watcher(Repository* repository, Source source, const ModelsConfig& applied, const Limits& limits,
          std::chrono::milliseconds interval, LogFn log);
  ~Watcher();

  // One look, as the thread takes it every `interval`. For tests too, with an interval that never comes.
  void Look();
  // Is this the watcher's own thread, as it is within the log? From there it must not be destroyed.
  bool IsOwnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

 private:
  // All that Apply() depends on, in one text.
  std::string StampOf(const ModelsConfig& config) const;
  void Work();

  Repository* const repository_;
  const Source source_;
  const Limits limits_;
  const std::chrono::milliseconds interval_;
  const LogFn log_;
  std::mutex looking_;
  std::string applied_;     // this and below guarded by looking_
  std::string seen_;        // the last time
  std::string told_;        // the last error of the source
  std::string not_models_;  // what of the configuration only a start takes over
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_WATCHER_H_
