// Things that end by themselves, and that can be reached from outside until they have. Thread-safe. Ownership: none.
#ifndef OARLOCK_SERVER_HTTP_LIVING_H_
#define OARLOCK_SERVER_HTTP_LIVING_H_

#include <memory>
#include <mutex>
#include <set>

namespace oarlock {

template <typename Thing>
class Living {
 public:
  void Add(const std::shared_ptr<Thing>& thing) {
    const std::lock_guard lock(mutex_);
    // Ended ones are swept when the list has doubled, so that the sweep costs little for each.
    if (things_.size() >= sweep_at_) {
      std::erase_if(things_, [](const auto& each) { return each.expired(); });
      sweep_at_ = 64 + 2 * things_.size();
    }
    things_.insert(thing);
  }
  template <typename Action>
  void ForEach(Action action) {
    const std::lock_guard lock(mutex_);
    for (const auto& weak : things_) {
      if (const auto thing = weak.lock()) action(*thing);
    }
  }

 private:
  std::mutex mutex_;
  std::set<std::weak_ptr<Thing>, std::owner_less<>> things_;  // guarded by mutex_
  size_t sweep_at_ = 64;                                      // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_LIVING_H_
