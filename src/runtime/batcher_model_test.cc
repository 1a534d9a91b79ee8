// What holds of a batcher whatever is asked of it: every short sequence of operations, and long ones by seed. The rules
// are written down here a second time, over a plain list of what waits, and are checked after every step.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>

#include "base/rounds_test.h"
#include "base/status.h"
#include "runtime/batcher.h"

namespace oarlock {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

constexpr TimePoint At(int64_t us) { return TimePoint(microseconds(us)); }

struct OptionSet {
  BatchingOptions options;
  size_t queue_max = 100;
  std::vector<std::pair<int64_t, int64_t>> service_us;  // padded rows, and what they take
};

OptionSet Set(int64_t max, int64_t delay_us, bool eager, std::vector<int64_t> buckets = {}) {
  OptionSet set;
  set.options.max_batch_size = max;
  set.options.delay_max = microseconds(delay_us);
  set.options.eager = eager;
  set.options.buckets = std::move(buckets);
  return set;
}

std::string Describe(const OptionSet& set) {
  std::string text = fmt::format("max {}, delay {} us, eager {}, queue {}, buckets", set.options.max_batch_size,
                                 set.options.delay_max.count(), set.options.eager, set.queue_max);
  for (const int64_t bucket : set.options.buckets) text += fmt::format(" {}", bucket);
  for (const auto& [rows, us] : set.service_us) text += fmt::format(", {} rows take {} us", rows, us);
  return text;
}

struct Op {
  enum class Kind { kAdd, kAdvance, kTake, kDrop, kCancelOldest, kCancelNewest, kServed };
  Kind kind;
  int64_t rows = 0;
  int64_t shape = 0;
  Priority priority = Priority::kNormal;
  int64_t us = 0;  // of kAdd: the deadline from now, 0 = none; of kAdvance: how far; of kServed: how long
  bool idle = false;
};

std::string Describe(const Op& op) {
  switch (op.kind) {
    case Op::Kind::kAdd:
      return fmt::format("add({} rows, shape {}, priority {}, deadline in {})", op.rows, op.shape,
                         static_cast<int>(op.priority), op.us);
    case Op::Kind::kAdvance:
      return fmt::format("advance({})", op.us);
    case Op::Kind::kTake:
      return op.idle ? "take(idle)" : "take(busy)";
    case Op::Kind::kDrop:
      return "drop";
    case Op::Kind::kCancelOldest:
      return "cancel(oldest)";
    case Op::Kind::kCancelNewest:
      return "cancel(newest)";
    case Op::Kind::kServed:
      return fmt::format("served({} rows, {})", op.rows, op.us);
  }
  return "";
}

// A batcher, and the plain list beside it. A copy goes its own way.
class Checked {
 public:
  explicit Checked(const OptionSet& set)
      : options_(set.options), queue_max_(set.queue_max), batcher_(options_, queue_max_) {
    for (const auto& [rows, us] : set.service_us) batcher_.Served(rows, microseconds(us));
  }

  // Does `op`, and checks all. False once something did not hold.
  bool Do(const Op& op) {
    switch (op.kind) {
      case Op::Kind::kAdd:
        Add(op);
        break;
      case Op::Kind::kAdvance:
        now_ += microseconds(op.us);
        break;
      case Op::Kind::kTake:
        Take(op.idle);
        break;
      case Op::Kind::kDrop:
        Drop();
        break;
      case Op::Kind::kCancelOldest:
      case Op::Kind::kCancelNewest:
        if (!waiting_.empty()) Cancel(op.kind == Op::Kind::kCancelOldest ? 0 : waiting_.size() - 1);
        break;
      case Op::Kind::kServed:
        batcher_.Served(op.rows, microseconds(op.us));
        break;
    }
    CheckWhatWaits();
    CheckWhenDue();
    return fault_.empty();
  }
  // Everything that still waits runs, given time, and then every request has ended once.
  bool Drain() {
    for (size_t i = added_; i-- > 0 && !waiting_.empty() && fault_.empty();) {
      now_ += options_.delay_max + microseconds(1);
      Take(false);
    }
    Must(waiting_.empty(), "something waits for ever");
    Must(ended_.size() == added_, "not every request has ended");
    CheckWhatWaits();
    return fault_.empty();
  }
  const std::string& fault() const { return fault_; }
  size_t refused() const { return refused_; }
  const std::array<size_t, kCloseReasonCount>& closed() const { return closed_; }

 private:
  void Must(bool holds, const char* what) {
    if (!holds && fault_.empty()) fault_ = what;
  }
  int64_t rows_max() const { return std::max<int64_t>(1, options_.max_batch_size); }
  // The smallest bucket that holds them.
  int64_t Padded(int64_t rows) const {
    for (const int64_t bucket : options_.buckets) {
      if (bucket >= rows) return bucket;
    }
    return rows;
  }
  static bool HaveOneShape(const Waiting& one, const Waiting& other) { return one.shape == other.shape; }

  void Add(const Op& op) {
    Waiting waiting;
    waiting.id = ++last_id_;
    waiting.rows = op.rows;
    waiting.shape = {op.shape};
    waiting.priority = op.priority;
    waiting.arrived = now_;
    if (op.us > 0) waiting.deadline = now_ + microseconds(op.us);
    const bool at_once = batcher_.RunsAtOnce();
    const absl::Status status = batcher_.Add(waiting);
    if (op.rows > rows_max()) {
      Must(absl::IsInvalidArgument(status), "too many rows were taken");
    } else if (waiting_.size() >= queue_max_) {
      Must(absl::IsUnavailable(status), "the queue is longer than it may be");
    } else {
      Must(status.ok(), "a sound request was refused");
      waiting_.push_back(std::move(waiting));
      ++added_;
      if (waiting_.size() == 1) CheckLone(at_once);
      return;
    }
    ++refused_;
  }

  // One request, and nothing of the model runs.
  void CheckLone(bool at_once) {
    if (options_.eager) Must(at_once && batcher_.IsDue(now_, true), "a lone request waits, although eager");
    if (!at_once) return;
    Batcher copy = batcher_;
    const auto batch = copy.Next(now_, true);
    Must(batch && batch->ids.size() == 1 && batch->ids[0] == waiting_[0].id, "what runs at once did not");
  }

  void Cancel(size_t index) {
    const uint64_t id = waiting_[index].id;
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    Must(batcher_.Remove(id), "what waits could not be removed");
    Must(!batcher_.Remove(id), "what was removed still waits");
    End(id);
  }

  void Drop() {
    std::vector<uint64_t> dropped;
    batcher_.DropExpired(now_, &dropped);
    std::set<uint64_t> expired;
    for (const Waiting& each : waiting_) {
      if (each.deadline <= now_) expired.insert(each.id);
    }
    Must(std::set<uint64_t>(dropped.begin(), dropped.end()) == expired, "others were dropped than those that expired");
    Must(dropped.size() == expired.size(), "one was dropped twice");
    std::erase_if(waiting_, [&](const Waiting& each) { return each.deadline <= now_; });
    for (const uint64_t id : dropped) End(id);
  }

  void End(uint64_t id) { Must(ended_.insert(id).second, "a request ended twice"); }

  void Take(bool idle) {
    Drop();
    const bool due = batcher_.IsDue(now_, idle);
    const std::optional<Batch> batch = batcher_.Next(now_, idle);
    Must(batch.has_value() == due, "Next() and IsDue() disagree");
    if (!batch) return;
    std::vector<Waiting> members;
    for (const uint64_t id : batch->ids) {
      const auto found =
          std::find_if(waiting_.begin(), waiting_.end(), [id](const Waiting& each) { return each.id == id; });
      Must(found != waiting_.end(), "a batch holds what does not wait");
      if (found == waiting_.end()) return;
      members.push_back(*found);
      waiting_.erase(found);
      End(id);
    }
    ++closed_[static_cast<size_t>(batch->reason)];
    CheckBatch(*batch, members);
    CheckOrder(members);
    if (fault_.empty()) CheckReason(*batch, members, idle);
  }

  void CheckBatch(const Batch& batch, const std::vector<Waiting>& members) {
    Must(!members.empty(), "a batch is empty");
    int64_t rows = 0;
    for (const Waiting& each : members) {
      rows += each.rows;
      Must(HaveOneShape(each, members[0]), "a batch has two shapes");
      Must(each.deadline > now_, "an expired request runs");
    }
    Must(batch.rows == rows, "the rows do not add up");
    Must(rows <= rows_max(), "a batch is larger than the maximum");
    Must(batch.padded_rows == Padded(rows), "the padding is not to the smallest bucket");
  }

  // `waiting_` is what was left behind.
  void CheckOrder(const std::vector<Waiting>& members) {
    const auto is_before = [](const Waiting& one, const Waiting& other) {
      return std::tuple(one.priority, one.id) < std::tuple(other.priority, other.id);
    };
    Must(std::is_sorted(members.begin(), members.end(), is_before), "rows are out of order");
    for (const Waiting& left : waiting_) {
      Must(!is_before(left, members[0]), "what is more urgent or older was left behind");
      if (!HaveOneShape(left, members[0])) continue;
      for (const Waiting& each : members) Must(!is_before(left, each), "one was overtaken");
    }
  }

  // The next of that shape in order, if there is one.
  const Waiting* NextInOrder(const std::vector<Waiting>& members) const {
    const Waiting* next = nullptr;
    for (const Waiting& left : waiting_) {
      if (!HaveOneShape(left, members[0])) continue;
      if (next == nullptr || std::tuple(left.priority, left.id) < std::tuple(next->priority, next->id)) next = &left;
    }
    return next;
  }

  void CheckReason(const Batch& batch, const std::vector<Waiting>& members, bool idle) {
    const Waiting* const next = NextInOrder(members);
    const bool is_full = batch.rows == rows_max() || (next != nullptr && batch.rows + next->rows > rows_max());
    Must(is_full || next == nullptr, "one that fits was left behind");
    const bool is_eager = idle && options_.eager;
    const bool has_other = std::any_of(waiting_.begin(), waiting_.end(),
                                       [&](const Waiting& each) { return !HaveOneShape(each, members[0]); });
    const bool would_miss = now_ >= LatestStart(members);
    const bool has_waited = std::any_of(members.begin(), members.end(),
                                        [&](const Waiting& each) { return now_ - each.arrived >= options_.delay_max; });
    // The first that holds, in the order that batcher.h gives them.
    const bool holds[] = {is_full, is_eager, has_other, would_miss, has_waited};
    const auto first = std::find(std::begin(holds), std::end(holds), true) - std::begin(holds);
    Must(first == static_cast<std::ptrdiff_t>(batch.reason), "the reason is not why it closed");
  }

  TimePoint LatestStart(const std::vector<Waiting>& members) const {
    int64_t rows = 0;
    TimePoint earliest = kNoDeadline;
    for (const Waiting& each : members) {
      rows += each.rows;
      earliest = std::min(earliest, each.deadline);
    }
    return earliest == kNoDeadline ? kNoDeadline : earliest - batcher_.ServiceTime(Padded(rows));
  }

  void CheckWhatWaits() {
    Must(batcher_.size() == waiting_.size() && batcher_.empty() == waiting_.empty(), "one is lost or too many");
    Must(waiting_.size() + ended_.size() == added_, "the count does not add up");
    std::optional<Priority> urgency;
    TimePoint oldest = kNoDeadline;
    TimePoint expires = kNoDeadline;
    for (const Waiting& each : waiting_) {
      expires = std::min(expires, each.deadline);
      if (urgency && *urgency <= each.priority) continue;
      urgency = each.priority;
      oldest = each.arrived;
    }
    Must(batcher_.Urgency() == urgency, "Urgency() is another's");
    Must(batcher_.OldestArrival() == oldest, "OldestArrival() is another's");
    Must(batcher_.ExpiresAt() <= expires, "one expires unnoticed");
  }

  // What the rules say of `time`, if nothing comes or goes until then.
  bool ShouldBeDue(TimePoint time, bool idle) const {
    if (waiting_.empty()) return false;
    int64_t rows = 0;
    bool has_waited = false;
    for (const Waiting& each : waiting_) {
      if (!HaveOneShape(each, waiting_[0])) return true;
      rows += each.rows;
      has_waited |= time - each.arrived >= options_.delay_max;
    }
    return rows >= rows_max() || (idle && options_.eager) || has_waited || time >= LatestStart(waiting_);
  }

  void CheckWhenDue() {
    const TimePoint due_at = batcher_.DueAt();
    Must((due_at == kNoDeadline) == waiting_.empty(), "DueAt() is never, or should be");
    for (const bool idle : {false, true}) {
      const bool due = batcher_.IsDue(now_, idle);
      Must(due == ShouldBeDue(now_, idle), due ? "due too early" : "waits longer than asked");
      if (due || waiting_.empty()) continue;
      Must(due_at > now_, "DueAt() has passed, and nothing is due");
      Must(!batcher_.IsDue(due_at - nanoseconds(1), idle), "due before DueAt()");
      Must(batcher_.IsDue(due_at, idle), "not due at DueAt()");
      Must(ShouldBeDue(due_at, idle) && !ShouldBeDue(due_at - nanoseconds(1), idle), "DueAt() is not when it is due");
    }
    if (waiting_.empty()) return;
    Must(batcher_.IsDue(std::max(now_, due_at), false), "not due after DueAt()");
  }

  BatchingOptions options_;
  size_t queue_max_;
  Batcher batcher_;
  TimePoint now_ = At(1000);
  uint64_t last_id_ = 0;
  std::vector<Waiting> waiting_;  // in the order of arrival
  std::set<uint64_t> ended_;      // ran, dropped or cancelled
  size_t added_ = 0;
  size_t refused_ = 0;
  std::array<size_t, kCloseReasonCount> closed_{};
  std::string fault_;
};

std::string Describe(const std::vector<Op>& ops) {
  std::string text;
  for (const Op& op : ops) text += (text.empty() ? "" : ", ") + Describe(op);
  return text;
}

// Every sequence of at most `depth` operations.
class Exhaustive {
 public:
  Exhaustive(std::vector<Op> alphabet, size_t depth) : alphabet_(std::move(alphabet)), depth_(depth) {}
  void Run(const OptionSet& set) {
    SCOPED_TRACE(Describe(set));
    path_.clear();
    Extend(Checked(set));
  }
  size_t count() const { return count_; }

 private:
  // False: a fault was found and told.
  bool Extend(const Checked& state) {
    if (path_.size() == depth_) return true;
    for (const Op& op : alphabet_) {
      // Nothing is new in a sequence that begins with another operation, or with another name for the first shape.
      if (path_.empty() && (op.kind != Op::Kind::kAdd || op.shape != 0)) continue;
      Checked next = state;
      path_.push_back(op);
      ++count_;
      const bool sound = next.Do(op) && (path_.size() < depth_ || Checked(next).Drain());
      if (!sound) {
        Checked last = next;
        if (last.fault().empty()) last.Drain();
        ADD_FAILURE() << last.fault() << " after " << Describe(path_);
      }
      if (!sound || !Extend(next)) return false;
      path_.pop_back();
    }
    return true;
  }

  const std::vector<Op> alphabet_;
  const size_t depth_;
  std::vector<Op> path_;
  size_t count_ = 0;
};

std::vector<OptionSet> OptionSets() {
  std::vector<OptionSet> sets = {Set(3, 0, true),          Set(3, 2, true),          Set(3, 2, false),
                                 Set(4, 2, false, {2, 4}), Set(4, 0, false, {1, 4}), Set(4, 2, true, {3}),
                                 Set(0, 0, true),          Set(1, 2, false)};
  sets[2].service_us = {{1, 1}, {3, 2}};
  sets[3].service_us = {{2, 1}, {4, 2}};
  sets[3].queue_max = 3;
  return sets;
}

constexpr Op kAdvance{.kind = Op::Kind::kAdvance, .us = 1};
constexpr Op kTakeBusy{.kind = Op::Kind::kTake};
constexpr Op kTakeIdle{.kind = Op::Kind::kTake, .idle = true};

TEST(BatcherModel, HoldsForAllShortSequencesOfAllOperations) {
  std::vector<Op> alphabet = {
      kAdvance, kTakeBusy, kTakeIdle, {.kind = Op::Kind::kCancelOldest}, {.kind = Op::Kind::kCancelNewest}};
  for (int64_t rows = 1; rows <= 3; ++rows) {
    for (const int64_t shape : {0, 1}) {
      for (const Priority priority : {Priority::kHigh, Priority::kNormal, Priority::kLow}) {
        for (const int64_t deadline : {0, 2}) {
          alphabet.push_back(
              {.kind = Op::Kind::kAdd, .rows = rows, .shape = shape, .priority = priority, .us = deadline});
        }
      }
    }
  }
  Exhaustive all(std::move(alphabet), IsLongRun() ? 4 : 3);
  for (const OptionSet& set : OptionSets()) all.Run(set);
  EXPECT_GT(all.count(), 200'000u);
}

TEST(BatcherModel, HoldsForAllLongerSequencesOfFewOperations) {
  const auto add = [](int64_t rows, int64_t shape, Priority priority, int64_t deadline) {
    return Op{.kind = Op::Kind::kAdd, .rows = rows, .shape = shape, .priority = priority, .us = deadline};
  };
  Exhaustive all({add(1, 0, Priority::kNormal, 0),
                  add(2, 0, Priority::kNormal, 3),
                  add(1, 0, Priority::kHigh, 0),
                  add(1, 1, Priority::kNormal, 0),
                  kAdvance,
                  kTakeBusy,
                  kTakeIdle,
                  {.kind = Op::Kind::kCancelOldest}},
                 IsLongRun() ? 7 : 5);
  for (const OptionSet& set : OptionSets()) all.Run(set);
  EXPECT_GT(all.count(), 100'000u);
}

class Sequence {
 public:
  explicit Sequence(uint32_t seed) : random_(seed) {}

  OptionSet Options() {
    const int64_t max = Below(5) == 0 ? 0 : 1 + Below(16);
    OptionSet set = Set(max, Below(2) * Below(40), Below(2) == 0);
    for (int64_t bucket = 1; bucket <= max; ++bucket) {
      if (Below(4) == 0) set.options.buckets.push_back(bucket);
    }
    set.queue_max = static_cast<size_t>(1 + Below(30));
    shapes_ = Below(4) == 0 ? 40 : 1 + Below(3);
    return set;
  }
  Op Next(const OptionSet& set) {
    Op op{.kind = Op::Kind::kAdd};
    switch (Below(10)) {
      case 0:
      case 1:
        op = {.kind = Op::Kind::kAdvance, .us = Below(6)};
        break;
      case 2:
      case 3:
        op = Below(3) == 0 ? kTakeIdle : kTakeBusy;
        break;
      case 4:
        op.kind = Below(2) == 0 ? Op::Kind::kCancelOldest : Op::Kind::kCancelNewest;
        break;
      case 5:
        if (Below(4) == 0) {
          op = {.kind = Op::Kind::kDrop};
        } else {
          op = {.kind = Op::Kind::kServed, .rows = 1 + Below(16), .us = Below(20)};
        }
        break;
      default:
        op.rows = 1 + Below(std::max<int64_t>(1, set.options.max_batch_size) + (Below(10) == 0 ? 1 : 0));
        op.shape = Below(shapes_);
        op.priority = static_cast<Priority>(Below(3));
        op.us = Below(3) == 0 ? 1 + Below(30) : 0;
    }
    return op;
  }

 private:
  int64_t Below(int64_t end) { return std::uniform_int_distribution<int64_t>(0, end - 1)(random_); }

  std::mt19937 random_;
  int64_t shapes_ = 1;
};

TEST(BatcherModel, HoldsForLongSequencesBySeed) {
  size_t refused = 0;
  std::array<size_t, kCloseReasonCount> closed{};
  for (int seed = 0; seed < Rounds(300); ++seed) {
    Sequence sequence(static_cast<uint32_t>(seed));
    const OptionSet set = sequence.Options();
    Checked checked(set);
    std::vector<Op> path;
    bool sound = true;
    for (int i = 0; i < 400 && sound; ++i) {
      path.push_back(sequence.Next(set));
      sound = checked.Do(path.back());
    }
    sound = sound && checked.Drain();
    ASSERT_TRUE(sound) << checked.fault() << " with " << Describe(set) << " after " << Describe(path);
    refused += checked.refused();
    for (size_t i = 0; i < closed.size(); ++i) closed[i] += checked.closed()[i];
  }
  // The sequences meet everything there is to meet.
  EXPECT_GT(refused, 100u);
  for (size_t i = 0; i < closed.size(); ++i) EXPECT_GT(closed[i], 100u) << NameOf(static_cast<CloseReason>(i));
}

}  // namespace
}  // namespace oarlock
