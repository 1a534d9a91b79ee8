// A comparison made up for tests of what is written about one.
#ifndef OARLOCK_BENCH_MEASURED_TEST_H_
#define OARLOCK_BENCH_MEASURED_TEST_H_

#include <string>

#include "bench/comparison.h"

namespace oarlock {

// Two blocks of 100 requests each, whose latencies are 1, 2, ... 100 times `us`.
inline Measured MadeUp(std::string name, double us) {
  Measured measured;
  measured.name = std::move(name);
  for (int block = 0; block < 2; ++block) {
    BlockResult result;
    for (int i = 1; i <= 100; ++i) result.latencies_ns.push_back(static_cast<int64_t>(i * us * 1000));
    result.requests = 100;
    result.elapsed = std::chrono::milliseconds(50);
    measured.blocks.push_back(result);
  }
  measured.requests = 200;
  measured.requests_per_s = 2000;
  measured.call_us = 500;
  measured.latency = Summarize(measured.blocks[0].latencies_ns);
  return measured;
}

// As a program does that tells only the time of all its calls together.
inline Measured WithoutLatencies(std::string name) {
  Measured measured = MadeUp(std::move(name), 1);
  measured.latency = LatencySummary();
  for (BlockResult& block : measured.blocks) block.latencies_ns.clear();
  return measured;
}

}  // namespace oarlock

#endif  // OARLOCK_BENCH_MEASURED_TEST_H_
