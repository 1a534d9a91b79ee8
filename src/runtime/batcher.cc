#include "runtime/batcher.h"

#include <algorithm>
#include <numeric>

#include "base/status.h"

namespace oarlock {
namespace {

// Lanes that are empty are kept for their memory, up to so many.
constexpr size_t kLanesKept = 16;

}  // namespace

std::string_view NameOf(CloseReason reason) {
  constexpr std::string_view kNames[kCloseReasonCount] = {"full", "eager", "shape", "deadline", "delay"};
  return kNames[static_cast<size_t>(reason)];
}

absl::Status Batcher::Add(Waiting waiting) {
  const int64_t rows_max = std::max<int64_t>(1, options_.max_batch_size);
  if (waiting.rows < 1 || waiting.rows > rows_max) {
    return InvalidArgument("the request has {} rows; a batch holds 1 to {} (`max_batch_size`)", waiting.rows, rows_max);
  }
  if (count_ >= queue_max_) {
    return Unavailable("{} requests wait already, which is the limit (`queue_requests_max`); try again later", count_);
  }
  earliest_deadline_ = std::min(earliest_deadline_, waiting.deadline);
  lanes_[waiting.shape].by_priority[static_cast<size_t>(waiting.priority)].push_back(std::move(waiting));
  ++count_;
  return absl::OkStatus();
}

bool Batcher::Remove(uint64_t id) {
  for (auto& [shape, lane] : lanes_) {
    for (auto& queue : lane.by_priority) {
      // Ids ascend in a queue.
      const auto found = std::lower_bound(queue.begin(), queue.end(), id,
                                          [](const Waiting& each, uint64_t wanted) { return each.id < wanted; });
      if (found == queue.end() || found->id != id) continue;
      queue.erase(found);
      --count_;
      ForgetLanes();
      return true;
    }
  }
  return false;
}

void Batcher::Clear() {
  lanes_.clear();
  count_ = 0;
  earliest_deadline_ = kNoDeadline;
}

uint64_t Batcher::FirstId() const {
  const First first = FindFirst();
  return first.lane->by_priority[first.priority].front().id;
}

void Batcher::DropExpired(TimePoint now, std::vector<uint64_t>* dropped) {
  if (now < earliest_deadline_) return;  // which it always is where there are none
  TimePoint earliest = kNoDeadline;
  for (auto& [shape, lane] : lanes_) {
    for (auto& queue : lane.by_priority) {
      std::erase_if(queue, [&](const Waiting& each) {
        if (each.deadline > now) {
          earliest = std::min(earliest, each.deadline);
          return false;
        }
        dropped->push_back(each.id);
        --count_;
        return true;
      });
    }
  }
  earliest_deadline_ = earliest;
  ForgetLanes();
}

void Batcher::ForgetLanes() {
  if (lanes_.size() > kLanesKept) std::erase_if(lanes_, [](const auto& each) { return each.second.empty(); });
}

Batcher::First Batcher::FindFirst() const {
  First first;
  for (size_t priority = 0; priority < kPriorityCount && first.lane == nullptr; ++priority) {
    uint64_t oldest = UINT64_MAX;
    for (const auto& [shape, lane] : lanes_) {
      const auto& queue = lane.by_priority[priority];
      if (queue.empty() || queue.front().id >= oldest) continue;
      oldest = queue.front().id;
      first = {&lane, priority};
    }
  }
  return first;
}

std::optional<Priority> Batcher::Urgency() const {
  if (empty()) return std::nullopt;
  return static_cast<Priority>(FindFirst().priority);
}

TimePoint Batcher::OldestArrival() const {
  const First first = FindFirst();
  return first.lane == nullptr ? kNoDeadline : first.lane->by_priority[first.priority].front().arrived;
}

Batcher::Candidate Batcher::CandidateOf(const First& first) const {
  const int64_t rows_max = std::max<int64_t>(1, options_.max_batch_size);
  Candidate candidate;
  for (size_t priority = first.priority; priority < kPriorityCount && !candidate.full; ++priority) {
    for (const Waiting& each : first.lane->by_priority[priority]) {
      candidate.full = candidate.rows + each.rows > rows_max;
      if (candidate.full) break;
      candidate.rows += each.rows;
      ++candidate.counts[priority];
      candidate.arrived = std::min(candidate.arrived, each.arrived);
      candidate.deadline = std::min(candidate.deadline, each.deadline);
    }
  }
  candidate.full |= candidate.rows == rows_max;
  return candidate;
}

TimePoint Batcher::LatestStart(const Candidate& candidate) const {
  if (candidate.deadline == kNoDeadline) return kNoDeadline;
  return candidate.deadline - ServiceTime(options_.PaddedRows(candidate.rows));
}

std::optional<Batcher::Closed> Batcher::Close(TimePoint now, bool idle) const {
  Closed closed{FindFirst(), {}, CloseReason::kFull};
  if (closed.first.lane == nullptr) return std::nullopt;
  closed.candidate = CandidateOf(closed.first);
  const auto is_other = [&](const auto& each) { return &each.second != closed.first.lane && !each.second.empty(); };
  if (closed.candidate.full) {
    closed.reason = CloseReason::kFull;
  } else if (idle && options_.eager) {
    closed.reason = CloseReason::kEager;
  } else if (std::any_of(lanes_.begin(), lanes_.end(), is_other)) {
    closed.reason = CloseReason::kShape;
  } else if (now >= LatestStart(closed.candidate)) {
    closed.reason = CloseReason::kDeadline;
  } else if (now >= closed.candidate.arrived + options_.delay_max) {
    closed.reason = CloseReason::kDelay;
  } else {
    return std::nullopt;
  }
  return closed;
}

std::optional<Batch> Batcher::Next(TimePoint now, bool idle) {
  const std::optional<Closed> closed = Close(now, idle);
  if (!closed) return std::nullopt;
  Batch batch;
  batch.rows = closed->candidate.rows;
  batch.padded_rows = options_.PaddedRows(batch.rows);
  batch.reason = closed->reason;
  const auto& counts = closed->candidate.counts;
  batch.ids.reserve(std::accumulate(counts.begin(), counts.end(), size_t{0}));
  auto* const lane = const_cast<Lane*>(closed->first.lane);  // one of lanes_
  for (size_t priority = 0; priority < kPriorityCount; ++priority) {
    auto& queue = lane->by_priority[priority];
    for (size_t i = 0; i < counts[priority]; ++i) {
      batch.ids.push_back(queue.front().id);
      queue.pop_front();
    }
  }
  count_ -= batch.ids.size();
  if (empty()) earliest_deadline_ = kNoDeadline;
  ForgetLanes();
  return batch;
}

TimePoint Batcher::DueAt() const {
  const First first = FindFirst();
  if (first.lane == nullptr) return kNoDeadline;
  const Candidate candidate = CandidateOf(first);
  return std::min(candidate.arrived + options_.delay_max, LatestStart(candidate));
}

void Batcher::Served(int64_t padded_rows, std::chrono::nanoseconds took) {
  const auto [entry, fresh] = service_times_.emplace(padded_rows, took);
  if (!fresh) entry->second += (took - entry->second) / 8;
}

std::chrono::nanoseconds Batcher::ServiceTime(int64_t padded_rows) const {
  if (service_times_.empty()) return std::chrono::nanoseconds(0);
  const auto above = service_times_.lower_bound(padded_rows);
  return above == service_times_.end() ? std::prev(above)->second : above->second;
}

}  // namespace oarlock
