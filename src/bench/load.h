// How hard a target is pressed, and what came of it. Values.
#ifndef OARLOCK_BENCH_LOAD_H_
#define OARLOCK_BENCH_LOAD_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace oarlock {

enum class Arrivals {
  kClosed,    // each of `concurrency` callers asks again when it has its answer
  kConstant,  // open: a request every 1/rate seconds, whether the one before is answered or not
  kPoisson,   // open: gaps from an exponential distribution, by seed
};

struct Load {
  Arrivals arrivals = Arrivals::kClosed;
  int concurrency = 1;
  double rate_per_s = 0;  // of an open load
  uint64_t seed = 0;
  std::chrono::nanoseconds duration{0};
  int64_t calls = 0;  // > 0: so many calls instead of a duration (closed loads)
  // Only the time of all calls together: reading the clock for each takes 2 % of a call of 2 us. What is compared with
  // a program that tells no more is measured so.
  bool sum_only = false;
};

struct CopyCount {
  int64_t count = 0;
  int64_t bytes = 0;
};

// The batches that requests were run in, where they went through a queue.
struct BatchCounts {
  std::map<int64_t, int64_t> runs;        // by rows, without padding
  std::map<std::string, int64_t> closed;  // by why; those that happened
  int64_t padding_rows = 0;
};

// What one block of requests took. Latencies count from the scheduled send time where there is a schedule.
struct BlockResult {
  std::vector<int64_t> latencies_ns;  // of answered requests; empty where the target tells only the sum
  int64_t requests = 0;               // answered well
  int64_t errors = 0;
  std::string first_error;
  std::chrono::nanoseconds elapsed{0};
  std::optional<BatchCounts> batches;

  double MeanNs() const {
    return requests == 0 ? 0 : static_cast<double>(elapsed.count()) / static_cast<double>(requests);
  }
  double RequestsPerSecond() const {
    return elapsed.count() == 0 ? 0 : static_cast<double>(requests) / (static_cast<double>(elapsed.count()) * 1e-9);
  }
};

// Where the time of a request goes, averaged over a block of its own; and what it costs besides.
struct Anatomy {
  std::vector<std::pair<std::string, double>> stages_us;  // in the order they happen
  std::map<std::string, CopyCount> copies_per_call;       // by reason
  std::optional<double> own_allocations_per_call;         // nullopt: not counted
  std::optional<double> engine_allocations_per_call;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_LOAD_H_
