#include "process_exit.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace oarlock::plugin {
namespace {

// No destructors of their own, so that they can be asked at any time.
std::atomic<bool> exiting{false};
std::mutex kept_mutex;
std::vector<void*>* kept = nullptr;

struct AtExit {
  ~AtExit() { exiting = true; }
};

}  // namespace

bool IsExiting() { return exiting; }

void WatchExit() { static const AtExit at_exit; }

void Keep(void* object) {
  const std::lock_guard lock(kept_mutex);
  if (kept == nullptr) kept = new std::vector<void*>;
  kept->push_back(object);
}

}  // namespace oarlock::plugin
