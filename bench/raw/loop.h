// What the programs share that make calls for `oarlock bench --against exec:PROGRAM`: to each line with a number N on
// standard input, N calls are made, by each of their threads, and a line tells the nanoseconds it took.
#ifndef OARLOCK_BENCH_RAW_LOOP_H_
#define OARLOCK_BENCH_RAW_LOOP_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <thread>
#include <vector>

// All threads begin together, once they are there: making them is not measured.
template <typename Call>
int64_t TimeOnThreads(std::vector<Call>& calls, long long count) {
  std::atomic<size_t> ready{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> threads;
  for (Call& call : calls) {
    threads.emplace_back([&call, &ready, &go, count] {
      ++ready;
      while (!go) std::this_thread::yield();
      for (long long i = 0; i < count; ++i) call();
    });
  }
  while (ready < calls.size()) std::this_thread::yield();
  const auto before = std::chrono::steady_clock::now();
  go = true;
  for (std::thread& thread : threads) thread.join();
  return (std::chrono::steady_clock::now() - before).count();
}

// One call for each thread; a single one is made on the main thread.
template <typename Call>
int AnswerWithTimes(std::vector<Call> calls) {
  std::puts("ready");
  std::fflush(stdout);
  for (long long count = 0; std::scanf("%lld", &count) == 1;) {
    int64_t took = 0;
    if (calls.size() > 1) {
      took = TimeOnThreads(calls, count);
    } else {
      const auto before = std::chrono::steady_clock::now();
      for (long long i = 0; i < count; ++i) calls[0]();
      took = (std::chrono::steady_clock::now() - before).count();
    }
    std::printf("%lld\n", static_cast<long long>(took));
    std::fflush(stdout);
  }
  return 0;
}

#endif  // OARLOCK_BENCH_RAW_LOOP_H_
