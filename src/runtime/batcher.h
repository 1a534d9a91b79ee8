// Which waiting requests run together, and when: a state machine without threads, and without a clock of its own. It
// knows requests by number, rows and shape only; whoever drives it keeps the rest.
//
//   Batcher batcher(options);
//   OAR_RETURN_IF_ERROR(batcher.Add({id, rows, shape, Priority::kNormal, now, deadline}));
//   batcher.DropExpired(now, &dropped);                    // before Next()
//   if (auto batch = batcher.Next(now, idle)) Run(*batch);  // once an execution is free
//   else SleepUntil(batcher.DueAt());
//
// Rules. Arrival order holds within a priority and shape. The most urgent priority goes first, and in it the oldest
// request; less urgent ones of its shape fill what room it leaves. A batch closes at the first of
//   full      the maximum is reached, or the next in order would pass it
//   eager     nothing of the model runs, and `eager` is set
//   shape     a request of another shape waits
//   deadline  a request would miss its deadline, by the moving average of what a batch of that size takes
//   delay     the oldest has waited delay_max
// Not thread-safe.
#ifndef OARLOCK_RUNTIME_BATCHER_H_
#define OARLOCK_RUNTIME_BATCHER_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "base/clock.h"
#include "model/batching.h"
#include "runtime/priority.h"

namespace oarlock {

enum class CloseReason : uint8_t { kFull, kEager, kShape, kDeadline, kDelay };
inline constexpr size_t kCloseReasonCount = 5;
std::string_view NameOf(CloseReason reason);  // "full", "eager", ...

// The dims that must agree for two requests to share a batch: every open one other than dim 0.
using BatchShape = absl::InlinedVector<int64_t, 8>;

struct Waiting {
  uint64_t id = 0;  // ascending in the order of arrival
  int64_t rows = 1;
  BatchShape shape;
  Priority priority = Priority::kNormal;
  TimePoint arrived;
  TimePoint deadline = kNoDeadline;
};

struct Batch {
  absl::InlinedVector<uint64_t, 16> ids;  // in the order of their rows
  int64_t rows = 0;
  int64_t padded_rows = 0;  // >= rows
  CloseReason reason = CloseReason::kFull;
};

class Batcher {
 public:
  // At most `queue_max` requests wait.
  Batcher(BatchingOptions options, size_t queue_max) : options_(std::move(options)), queue_max_(queue_max) {}

  const BatchingOptions& options() const { return options_; }
  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  // UNAVAILABLE if the queue is full, INVALID_ARGUMENT for more rows than a batch holds.
  absl::Status Add(Waiting waiting);
  // False if it does not wait (any more).
  bool Remove(uint64_t id);
  // Takes out all.
  void Clear();
  // Takes out those whose deadline has passed.
  void DropExpired(TimePoint now, std::vector<uint64_t>* dropped);

  // The most urgent priority that waits.
  std::optional<Priority> Urgency() const;
  // Which request goes first. Something must wait.
  uint64_t FirstId() const;
  // When the oldest of those that go first came; kNoDeadline if nothing waits.
  TimePoint OldestArrival() const;
  // Is a batch closed at `now`? `idle`: nothing of the model runs.
  bool IsDue(TimePoint now, bool idle) const { return Close(now, idle).has_value(); }
  // That batch; nothing if what waits may wait longer. Nothing has happened if it throws for want of memory.
  std::optional<Batch> Next(TimePoint now, bool idle);
  // When IsDue() becomes true without another Add(), and when DropExpired() may find something; kNoDeadline = never.
  TimePoint DueAt() const;
  TimePoint ExpiresAt() const { return earliest_deadline_; }
  // Would a request that came now to an idle model run alone, and at once?
  bool RunsAtOnce() const { return empty() && (options_.eager || options_.delay_max.count() == 0); }

  // What a batch, with its padding, took from taking it to its answers.
  void Served(int64_t padded_rows, std::chrono::nanoseconds took);
  // The moving average for that size; of the nearest size seen if there is none; zero if nothing ran yet.
  std::chrono::nanoseconds ServiceTime(int64_t padded_rows) const;

 private:
  struct Lane {
    std::array<std::deque<Waiting>, kPriorityCount> by_priority;
    bool empty() const { return by_priority[0].empty() && by_priority[1].empty() && by_priority[2].empty(); }
  };
  // The lane whose head goes first, and its priority.
  struct First {
    const Lane* lane = nullptr;
    size_t priority = 0;
  };
  First FindFirst() const;
  // What `lane` would give now.
  struct Candidate {
    std::array<size_t, kPriorityCount> counts{};  // from the front of each queue
    int64_t rows = 0;
    bool full = false;
    TimePoint arrived = kNoDeadline;   // the oldest
    TimePoint deadline = kNoDeadline;  // the earliest
  };
  Candidate CandidateOf(const First& first) const;
  struct Closed {
    First first;
    Candidate candidate;
    CloseReason reason;
  };
  std::optional<Closed> Close(TimePoint now, bool idle) const;
  // By when the batch must run for its earliest deadline.
  TimePoint LatestStart(const Candidate& candidate) const;
  void ForgetLanes();

  const BatchingOptions options_;
  const size_t queue_max_;
  std::map<BatchShape, Lane> lanes_;
  size_t count_ = 0;
  TimePoint earliest_deadline_ = kNoDeadline;  // or earlier than that of any that waits
  std::map<int64_t, std::chrono::nanoseconds> service_times_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_BATCHER_H_
