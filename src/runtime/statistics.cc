#include "runtime/statistics.h"

namespace oarlock {
namespace {

int64_t Read(const std::atomic<int64_t>& count) { return count.load(std::memory_order_relaxed); }
std::chrono::nanoseconds ReadTime(const std::atomic<int64_t>& count) { return std::chrono::nanoseconds(Read(count)); }

}  // namespace

std::string_view NameOf(DropReason reason) {
  constexpr std::string_view kNames[kDropReasonCount] = {"queue_full", "expired", "cancelled"};
  return kNames[static_cast<size_t>(reason)];
}

void ExecutionStatistics::AddRequest(const RequestTimes& times, int64_t rows, const CopyReport& copies) {
  Add(&requests_, 1);
  Add(&rows_, rows);
  Add(&queue_ns_, times.queue.count());
  Add(&prepare_ns_, times.prepare.count());
  Add(&compute_ns_, times.compute.count());
  Add(&finish_ns_, times.finish.count());
  Add(&queue_[HistogramBucket(times.queue)], 1);
  Add(&compute_[HistogramBucket(times.compute)], 1);
  last_.store(Stopwatch::Read(), std::memory_order_relaxed);
  if (!copies.any) return;
  for (size_t reason = 0; reason < OAR_COPY_REASON_COUNT; ++reason) {
    Add(&copy_counts_[reason], copies.by_reason[reason].count);
    Add(&copy_bytes_[reason], copies.by_reason[reason].bytes);
  }
}

void ExecutionStatistics::AddRun(const RequestTimes& times, const Batch* batch) {
  const auto add = [&times](Runs* runs) {
    Add(&runs->runs, 1);
    Add(&runs->prepare_ns, times.prepare.count());
    Add(&runs->compute_ns, times.compute.count());
    Add(&runs->finish_ns, times.finish.count());
  };
  add(&all_);
  if (batch == nullptr) return;
  Add(&closed_[static_cast<size_t>(batch->reason)], 1);
  Add(&padding_rows_, batch->padded_rows - batch->rows);
  if (const auto size = static_cast<size_t>(batch->rows); size < by_batch_size_.size()) add(&by_batch_size_[size]);
}

void ExecutionStatistics::AddTo(ModelStatistics* sum) const {
  sum->requests += Read(requests_);
  sum->rows += Read(rows_);
  sum->times.queue += ReadTime(queue_ns_);
  sum->times.prepare += ReadTime(prepare_ns_);
  sum->times.compute += ReadTime(compute_ns_);
  sum->times.finish += ReadTime(finish_ns_);
  sum->queue.sum += ReadTime(queue_ns_);
  sum->compute.sum += ReadTime(compute_ns_);
  for (size_t i = 0; i < kHistogramBuckets; ++i) {
    sum->queue.counts[i] += Read(queue_[i]);
    sum->compute.counts[i] += Read(compute_[i]);
  }
  const auto add = [](const Runs& runs, BatchSizeStatistics* to) {
    to->runs += Read(runs.runs);
    to->prepare += ReadTime(runs.prepare_ns);
    to->compute += ReadTime(runs.compute_ns);
    to->finish += ReadTime(runs.finish_ns);
  };
  sum->runs += Read(all_.runs);
  if (by_batch_size_.empty() && Read(all_.runs) > 0) add(all_, &sum->by_batch_size[1]);
  for (size_t size = 0; size < by_batch_size_.size(); ++size) {
    if (Read(by_batch_size_[size].runs) > 0) add(by_batch_size_[size], &sum->by_batch_size[static_cast<int64_t>(size)]);
  }
  for (size_t i = 0; i < kCloseReasonCount; ++i) sum->closed[i] += Read(closed_[i]);
  sum->padding_rows += Read(padding_rows_);
  sum->reruns += Read(reruns_);
  for (size_t reason = 0; reason < OAR_COPY_REASON_COUNT; ++reason) {
    CopyReport::Entry& entry = sum->copies.by_reason[reason];
    entry.count += Read(copy_counts_[reason]);
    entry.bytes += Read(copy_bytes_[reason]);
    sum->copies.any |= entry.count > 0;
  }
  if (const Stopwatch::Ticks last = last_.load(std::memory_order_relaxed); last != 0) {
    const std::chrono::nanoseconds since = Stopwatch::Since(last);
    if (sum->since_last.count() < 0 || since < sum->since_last) sum->since_last = since;
  }
}

void RefusalStatistics::AddTo(ModelStatistics* sum) const {
  sum->failed += Read(failed_);
  sum->failed_time += ReadTime(failed_ns_);
  for (size_t i = 0; i < kDropReasonCount; ++i) sum->dropped[i] += Read(dropped_[i]);
}

}  // namespace oarlock
