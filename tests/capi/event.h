// Something that comes once or more often on other threads and is waited for, with a bound.
#ifndef OARLOCK_TESTS_CAPI_EVENT_H_
#define OARLOCK_TESTS_CAPI_EVENT_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace oarlock::capi_test {

class Event {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  // False if it has not come so often after a minute.
  bool Wait(int count = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return count_ >= count; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

}  // namespace oarlock::capi_test

#endif  // OARLOCK_TESTS_CAPI_EVENT_H_
