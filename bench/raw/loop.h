// What the raw programs share: to each line with a number N on standard input, N calls are made, and a line tells the
// nanoseconds they took. `oarlock bench --against exec:PROGRAM` speaks to it.
#ifndef OARLOCK_BENCH_RAW_LOOP_H_
#define OARLOCK_BENCH_RAW_LOOP_H_

#include <chrono>
#include <cstdint>
#include <cstdio>

template <typename Call>
int AnswerWithTimes(Call call) {
  std::puts("ready");
  std::fflush(stdout);
  for (long long count = 0; std::scanf("%lld", &count) == 1;) {
    const auto before = std::chrono::steady_clock::now();
    for (long long i = 0; i < count; ++i) call();
    const auto after = std::chrono::steady_clock::now();
    std::printf("%lld\n", static_cast<long long>((after - before).count()));
    std::fflush(stdout);
  }
  return 0;
}

#endif  // OARLOCK_BENCH_RAW_LOOP_H_
