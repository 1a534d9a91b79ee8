#include "runtime/retirement.h"

#include "base/signals.h"

namespace oarlock {
namespace {

using std::chrono::steady_clock;

// How often it is looked whether the last request of a version has gone.
constexpr std::chrono::milliseconds kLook(2);

}  // namespace

Retirement::Retirement(std::chrono::milliseconds drain_max) : drain_max_(drain_max) {
  const BlockSignals block;
  thread_ = std::thread([this] { Work(); });
}

Retirement::~Retirement() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Retirement::Add(std::shared_ptr<Predictor> predictor) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({std::move(predictor), steady_clock::now() + drain_max_});
  }
  changed_.notify_all();
}

bool Retirement::WaitUntilEmpty(std::chrono::milliseconds wait_max) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait_max, [this] { return entries_.empty() && !freeing_; });
}

void Retirement::Work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !entries_.empty(); });
    if (entries_.empty()) return;
    std::vector<std::shared_ptr<Predictor>> done;
    std::erase_if(entries_, [&](Entry& entry) {
      // Ours is the only reference once whoever picked it has asked; what was asked is in its queue, or runs.
      const bool drained = entry.predictor.use_count() == 1 && entry.predictor->is_idle();
      if (!drained && !stopping_ && steady_clock::now() < entry.until) return false;
      done.push_back(std::move(entry.predictor));
      return true;
    });
    if (done.empty()) {
      changed_.wait_for(lock, kLook, [this] { return stopping_; });
      continue;
    }
    freeing_ = true;
    lock.unlock();
    for (const auto& predictor : done) predictor->Unload();
    done.clear();
    lock.lock();
    freeing_ = false;
    changed_.notify_all();
  }
}

}  // namespace oarlock
