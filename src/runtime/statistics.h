// What a predictor did, counted: the data behind the statistics of Triton's protocol, and behind metrics.
//   ExecutionStatistics  one per execution, written by whoever holds it: no thread waits for another's cache line
//   RefusalStatistics    one per predictor: requests that reached no execution, or failed
//   ModelStatistics      a snapshot of all that; a value
// Thread rule: an ExecutionStatistics has one writer at a time (the execution's holder); reading is for any thread, and
// may see one figure of a request before another.
#ifndef OARLOCK_RUNTIME_STATISTICS_H_
#define OARLOCK_RUNTIME_STATISTICS_H_

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "base/stopwatch.h"
#include "runtime/batcher.h"
#include "runtime/copy_report.h"
#include "runtime/request_times.h"

namespace oarlock {

// A duration goes to the first bucket whose bound it does not pass: 1 us, 2 us, 4 us, ... 2^25 us (33 s), and beyond.
inline constexpr size_t kHistogramBuckets = 27;
constexpr size_t HistogramBucket(std::chrono::nanoseconds time) {
  const int64_t us = (time.count() + 999) / 1000;
  return us <= 1 ? 0 : std::min<size_t>(kHistogramBuckets - 1, std::bit_width(static_cast<uint64_t>(us - 1)));
}
struct Histogram {
  std::array<int64_t, kHistogramBuckets> counts{};
  std::chrono::nanoseconds sum{0};
};

enum class DropReason : uint8_t {
  kQueueFull,
  kExpired,    // the deadline passed before it ran
  kCancelled,  // before it ran
};
inline constexpr size_t kDropReasonCount = 3;
std::string_view NameOf(DropReason reason);  // "queue_full", ...

// Runs of batches of one size.
struct BatchSizeStatistics {
  int64_t runs = 0;
  std::chrono::nanoseconds prepare{0};
  std::chrono::nanoseconds compute{0};
  std::chrono::nanoseconds finish{0};
};

struct ModelStatistics {
  int64_t requests = 0;  // answered well
  int64_t rows = 0;      // of them; requests, where batching is off
  int64_t runs = 0;
  RequestTimes times;  // sums over requests: one in a batch counts the whole batch's time
  Histogram queue;
  Histogram compute;
  std::map<int64_t, BatchSizeStatistics> by_batch_size;
  std::array<int64_t, kCloseReasonCount> closed{};
  int64_t padding_rows = 0;
  int64_t reruns = 0;  // batches that failed, and whose requests were then run one by one
  CopyReport copies;
  int64_t failed = 0;
  std::chrono::nanoseconds failed_time{0};
  std::array<int64_t, kDropReasonCount> dropped{};
  std::chrono::nanoseconds since_last{-1};  // since the last good answer; negative: there was none
};

class ExecutionStatistics {
 public:
  // One request that was answered well.
  void AddRequest(const RequestTimes& times, int64_t rows, const CopyReport& copies);
  // One run; `batch` is null where batching is off.
  void AddRun(const RequestTimes& times, const Batch* batch);
  void AddRerun() { Add(&reruns_, 1); }
  void AddTo(ModelStatistics* sum) const;
  // So many sizes of batches are told apart; before the first run.
  void Size(int64_t max_batch_size) { by_batch_size_ = std::vector<Runs>(static_cast<size_t>(max_batch_size) + 1); }

 private:
  using Count = std::atomic<int64_t>;
  struct Runs {
    Count runs{0};
    Count prepare_ns{0};
    Count compute_ns{0};
    Count finish_ns{0};
  };
  // There is one writer, so nothing is lost between the two.
  static void Add(Count* count, int64_t by) {
    count->store(count->load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
  }

  Count requests_{0};
  Count rows_{0};
  Count queue_ns_{0};
  Count prepare_ns_{0};
  Count compute_ns_{0};
  Count finish_ns_{0};
  Runs all_;
  std::atomic<Stopwatch::Ticks> last_{0};
  Count padding_rows_{0};
  Count reruns_{0};
  std::array<Count, kHistogramBuckets> queue_{};
  std::array<Count, kHistogramBuckets> compute_{};
  std::array<Count, kCloseReasonCount> closed_{};
  std::array<Count, OAR_COPY_REASON_COUNT> copy_counts_{};
  std::array<Count, OAR_COPY_REASON_COUNT> copy_bytes_{};
  std::vector<Runs> by_batch_size_;
};

class RefusalStatistics {
 public:
  void AddFailure(std::chrono::nanoseconds time) {
    failed_.fetch_add(1, std::memory_order_relaxed);
    failed_ns_.fetch_add(time.count(), std::memory_order_relaxed);
  }
  void AddDrop(DropReason reason) { dropped_[static_cast<size_t>(reason)].fetch_add(1, std::memory_order_relaxed); }
  void AddTo(ModelStatistics* sum) const;

 private:
  std::atomic<int64_t> failed_{0};
  std::atomic<int64_t> failed_ns_{0};
  std::array<std::atomic<int64_t>, kDropReasonCount> dropped_{};
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_STATISTICS_H_
