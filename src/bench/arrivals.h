// When the requests of an open load are due. Pure; the same seed gives the same times on every machine.
#ifndef OARLOCK_BENCH_ARRIVALS_H_
#define OARLOCK_BENCH_ARRIVALS_H_

#include <vector>

#include "bench/load.h"

namespace oarlock {

// Nanoseconds from the start, ascending, all before `load.duration`. Empty for a closed load.
// Poisson gaps are -ln(u)/rate for u uniform in (0,1]: the inverse of the exponential distribution's function.
std::vector<int64_t> ArrivalTimes(const Load& load);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_ARRIVALS_H_
