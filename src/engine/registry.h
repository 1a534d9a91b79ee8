// Finds engine plugins in a directory and opens each at most once. Thread-safe.
#ifndef OARLOCK_ENGINE_REGISTRY_H_
#define OARLOCK_ENGINE_REGISTRY_H_

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/engine.h"

namespace oarlock {

// One row per engine that exists (engines.def): what to say when it is not there.
struct KnownEngine {
  std::string_view name;
  std::string_view install;          // the command that installs it
  std::string_view private_library;  // a soname it must not share with the host program; empty = none
};

class EngineRegistry {
 public:
  // `directory` empty = lib/oarlock/engines beside the running program's bin directory. Engines share no more threads
  // than `threads_max`; 0 = the usable cores.
  explicit EngineRegistry(std::filesystem::path directory = {}, int threads_max = 0);

  const std::filesystem::path& directory() const { return directory_; }
  // Names of the plugins that lie in the directory and of the known ones that do not, known ones first.
  std::vector<std::string> Names() const;
  // Opens on first use. NOT_FOUND names the file looked for and the command that installs it;
  // FAILED_PRECONDITION says why an existing plugin cannot be used (wrong ABI, a library missing, a foreign
  // copy of its private library already in the process).
  absl::StatusOr<std::shared_ptr<Engine>> Get(std::string_view name);
  // Null if there is no such row.
  static const KnownEngine* Known(std::string_view name);

 private:
  const std::filesystem::path directory_;
  const int threads_max_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Engine>, std::less<>> engines_;  // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_ENGINE_REGISTRY_H_
