#include "bench/comparison.h"

#include <algorithm>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr uint64_t kBootstrapSeed = 1;

std::vector<double> Each(const Measured& measured, const std::function<double(const BlockResult&)>& value) {
  std::vector<double> values;
  for (const BlockResult& block : measured.blocks) values.push_back(value(block));
  return values;
}

double CallUs(const BlockResult& block) { return block.MeanNs() / 1000.0; }

void Add(const BatchCounts& more, BatchCounts* sum) {
  for (const auto& [rows, count] : more.runs) sum->runs[rows] += count;
  for (const auto& [reason, count] : more.closed) sum->closed[reason] += count;
  sum->padding_rows += more.padding_rows;
}

void Sum(Measured* measured) {
  std::vector<int64_t> latencies;
  for (const BlockResult& block : measured->blocks) {
    latencies.insert(latencies.end(), block.latencies_ns.begin(), block.latencies_ns.end());
    measured->requests += block.requests;
    if (measured->errors == 0) measured->first_error = block.first_error;
    measured->errors += block.errors;
    if (!block.batches) continue;
    if (!measured->batches) measured->batches.emplace();
    Add(*block.batches, &*measured->batches);
  }
  measured->latency = Summarize(std::move(latencies));
  measured->requests_per_s =
      Median(Each(*measured, [](const BlockResult& block) { return block.RequestsPerSecond(); }));
  measured->call_us = Median(Each(*measured, CallUs));
}

std::optional<Interval> PercentileRatio(const Measured& ours, const Measured& theirs,
                                        double LatencySummary::*percentile) {
  if (ours.latency.count == 0 || theirs.latency.count == 0) return std::nullopt;
  const auto of = [percentile](const BlockResult& block) { return Summarize(block.latencies_ns).*percentile; };
  return BootstrapMedian(Ratios(Each(ours, of), Each(theirs, of)), kBootstrapSeed);
}

Versus Against(const Measured& ours, const Measured& theirs) {
  Versus versus;
  versus.ours = ours.name;
  versus.theirs = theirs.name;
  const auto a = Each(ours, CallUs);
  const auto b = Each(theirs, CallUs);
  versus.call_ratio = BootstrapMedian(Ratios(a, b), kBootstrapSeed);
  versus.call_difference_us = BootstrapMedian(Differences(a, b), kBootstrapSeed);
  const auto rate = [](const BlockResult& block) { return block.RequestsPerSecond(); };
  versus.throughput_ratio = BootstrapMedian(Ratios(Each(ours, rate), Each(theirs, rate)), kBootstrapSeed);
  versus.p50_ratio = PercentileRatio(ours, theirs, &LatencySummary::p50_us);
  versus.p99_ratio = PercentileRatio(ours, theirs, &LatencySummary::p99_us);
  return versus;
}

}  // namespace

absl::StatusOr<Comparison> Compare(const std::vector<std::unique_ptr<Target>>& targets, const Schedule& schedule,
                                   const std::function<void(int block, int blocks)>& on_block) {
  Comparison comparison;
  const int target_count = static_cast<int>(targets.size());
  const bool sum_only =
      std::any_of(targets.begin(), targets.end(), [](const auto& target) { return !target->tells_latencies(); });
  for (const auto& target : targets) {
    comparison.measured.emplace_back().name = target->name();
    if (schedule.warm_up.count() <= 0) continue;
    Load warm_up = schedule.load;
    warm_up.duration = schedule.warm_up;
    warm_up.calls = 0;
    OAR_RETURN_IF_ERROR(target->Run(warm_up).status());
  }
  for (int round = 0; round < schedule.rounds; ++round) {
    Load load = schedule.load;
    load.sum_only = sum_only;
    load.seed += static_cast<uint64_t>(round);  // the same for each target of a round
    for (int i = 0; i < target_count; ++i) {
      const int at = round % 2 == 0 ? i : target_count - 1 - i;
      on_block(round * target_count + i + 1, schedule.rounds * target_count);
      OAR_ASSIGN_OR_RETURN(BlockResult block, targets[static_cast<size_t>(at)]->Run(load));
      if (block.requests == 0) {
        return FailedPrecondition("{}: no request of a block was answered{}{}",
                                  comparison.measured[static_cast<size_t>(at)].name,
                                  block.errors > 0 ? "; the first error: " : "", block.first_error);
      }
      comparison.measured[static_cast<size_t>(at)].blocks.push_back(std::move(block));
    }
  }
  for (size_t i = 0; i < targets.size(); ++i) {
    Sum(&comparison.measured[i]);
    OAR_ASSIGN_OR_RETURN(comparison.measured[i].anatomy, targets[i]->LookInside());
    if (i > 0) comparison.versus.push_back(Against(comparison.measured[0], comparison.measured[i]));
  }
  return comparison;
}

}  // namespace oarlock
