// Targets under the same load, in interleaved blocks: what disturbs the machine for a while disturbs all of them. The
// order is turned round in each round (A B, B A, ...), so that none always follows another.
#ifndef OARLOCK_BENCH_COMPARISON_H_
#define OARLOCK_BENCH_COMPARISON_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "bench/statistics.h"
#include "bench/target.h"

namespace oarlock {

struct Schedule {
  Load load;  // of one block
  int rounds = 10;
  std::chrono::nanoseconds warm_up{0};  // of each target, thrown away
};

struct Measured {
  std::string name;
  LatencySummary latency;  // of all blocks together; count 0 where the target tells no single latencies
  std::vector<BlockResult> blocks;
  std::optional<BatchCounts> batches;  // of all blocks together
  int64_t requests = 0;
  int64_t errors = 0;
  std::string first_error;
  double requests_per_s = 0;  // median of the blocks
  double call_us = 0;         // median over the blocks of elapsed time by requests, one caller's
  Anatomy anatomy;
};

// The first target against one of the others, block by block.
struct Versus {
  std::string ours;
  std::string theirs;
  Interval call_ratio;  // time per call
  Interval call_difference_us;
  Interval throughput_ratio;          // requests per second
  std::optional<Interval> p50_ratio;  // of the blocks' latencies; nullopt where one tells none
  std::optional<Interval> p99_ratio;
};

struct Comparison {
  std::vector<Measured> measured;  // in the order of the targets
  std::vector<Versus> versus;
};

// `on_block` is told how far it is: block, of how many.
absl::StatusOr<Comparison> Compare(const std::vector<std::unique_ptr<Target>>& targets, const Schedule& schedule,
                                   const std::function<void(int block, int blocks)>& on_block);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_COMPARISON_H_
