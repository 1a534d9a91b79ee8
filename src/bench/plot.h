// Latencies as a picture: for each target how many microseconds its percentiles take, the percentiles spread so that
// the tail can be seen. A self-contained SVG that reads on light and dark paper. Pure.
#ifndef OARLOCK_BENCH_PLOT_H_
#define OARLOCK_BENCH_PLOT_H_

#include <string>

#include "bench/comparison.h"

namespace oarlock {

// Targets that tell no single latencies are left out; empty if all are.
std::string LatencyPlot(const Comparison& comparison, std::string_view title);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_PLOT_H_
