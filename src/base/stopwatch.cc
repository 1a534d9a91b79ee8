#include "base/stopwatch.h"

#include <cpuid.h>

#include <algorithm>

namespace oarlock {
namespace {

// "Invariant TSC": CPUID 8000_0007h, EDX bit 8 (Intel SDM volume 3, 18.17.1; AMD APM volume 3).
bool CounterIsSteady() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  return __get_cpuid(0x80000007, &a, &b, &c, &d) != 0 && (d & (1U << 8)) != 0;
}

struct Pair {
  int64_t ns;
  int64_t ticks;
};

// Both clocks at the same moment: of some tries, the one that nothing came between.
Pair BothNow() {
  Pair best{};
  int64_t narrowest = INT64_MAX;
  for (int i = 0; i < 8; ++i) {
    const auto before = static_cast<int64_t>(__rdtsc());
    const int64_t ns = std::chrono::steady_clock::now().time_since_epoch().count();
    const auto after = static_cast<int64_t>(__rdtsc());
    if (after - before < narrowest) {
      narrowest = after - before;
      best = {ns, before + (after - before) / 2};
    }
  }
  return best;
}

}  // namespace

double Stopwatch::Calibrate() {
  if (!CounterIsSteady()) return 1.0;
  const Pair first = BothNow();
  Pair last = first;
  while (last.ns - first.ns < 200'000) last = BothNow();
  if (last.ticks <= first.ticks) return 1.0;
  return static_cast<double>(last.ns - first.ns) / static_cast<double>(last.ticks - first.ticks);
}

const double Stopwatch::ns_per_tick_ = Stopwatch::Calibrate();

}  // namespace oarlock
