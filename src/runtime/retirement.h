// Where versions go that are no longer served: their requests are answered, then they are freed, on a thread of this
// object. Thread-safe.
#ifndef OARLOCK_RUNTIME_RETIREMENT_H_
#define OARLOCK_RUNTIME_RETIREMENT_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/predictor.h"

namespace oarlock {

class Retirement {
 public:
  // After `drain_max` what still waits is cancelled.
  explicit Retirement(std::chrono::milliseconds drain_max);
  // Does not wait for requests any longer.
  ~Retirement();

  // Nobody else must be able to come by a reference to it from now on.
  void Add(std::shared_ptr<Predictor> predictor);
  // Waits until all have gone, at most so long; true if they have.
  bool WaitUntilEmpty(std::chrono::milliseconds wait_max);

 private:
  struct Entry {
    std::shared_ptr<Predictor> predictor;
    std::chrono::steady_clock::time_point until;
  };
  void Work();

  const std::chrono::milliseconds drain_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Entry> entries_;  // this and below guarded by mutex_
  bool freeing_ = false;        // some that are no longer among them
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_RETIREMENT_H_
