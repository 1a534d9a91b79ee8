// How many answers a model gives in this process, and how long each takes:  load_generator MODEL [THREADS] [SECONDS]
//
// Each thread has a runner of its own, bound once, and asks again as soon as it is answered.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <iostream>
#include <oarlock/oarlock.hpp>
#include <vector>

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

// A thread: the time of each answer until `end`.
static std::vector<double> Ask(const oarlock::Predictor& predictor, Clock::time_point end) {
  oarlock::Runner runner = oarlock::Runner::Create(predictor).value();
  const std::vector<oarlock::Port> inputs = predictor.Inputs().value();
  for (size_t i = 0; i < inputs.size(); ++i) {
    oarlock::Port port = inputs[i];
    for (int64_t& dim : port.dims) dim = dim < 0 ? 1 : dim;  // an open dim counts 1
    const oarlock::Tensor zeros = oarlock::Tensor::Allocate(port.dtype, oarlock::DimsOf(port)).value();
    const oarlock::TensorDescription is = zeros.Describe().value();
    std::memset(is.data, 0, is.size_bytes);
    runner.BindInput(i, zeros).value();
  }
  std::vector<double> times_ms;
  for (Clock::time_point begin = Clock::now(); begin < end;) {
    runner.Run().value();
    const Clock::time_point answered = Clock::now();
    times_ms.push_back(Milliseconds(answered - begin).count());
    begin = answered;
  }
  return times_ms;
}

static void Generate(const char* path, int thread_count, double seconds) {
  oarlock::LoadOptions options;
  options.execution_count = thread_count;  // as many runs at once
  oarlock::RuntimeOptions runtime_options;
  runtime_options.thread_budget = thread_count;
  const oarlock::Runtime runtime = oarlock::Runtime::Create(runtime_options).value();
  const oarlock::Predictor predictor = oarlock::Predictor::Load(runtime, path, options).value();
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(Milliseconds(seconds * 1000));
  std::vector<std::future<std::vector<double>>> threads;
  for (int i = 0; i < thread_count; ++i) {
    threads.push_back(std::async(std::launch::async, Ask, std::cref(predictor), end));
  }
  std::vector<double> times_ms;
  for (auto& thread : threads) {
    const std::vector<double> of_thread = thread.get();  // rethrows what failed there
    times_ms.insert(times_ms.end(), of_thread.begin(), of_thread.end());
  }
  std::sort(times_ms.begin(), times_ms.end());
  if (times_ms.empty()) return void(std::cout << "no answer within the time\n");
  const auto percentile = [&](size_t percent) { return times_ms[(times_ms.size() - 1) * percent / 100]; };
  std::cout << thread_count << " threads, " << times_ms.size() << " answers, "
            << static_cast<double>(times_ms.size()) / seconds << " /s, p50 " << percentile(50) << " ms, p99 "
            << percentile(99) << " ms\n";
}

int main(int argc, char** argv) {
  const int thread_count = argc > 2 ? std::atoi(argv[2]) : 2;
  const double seconds = argc > 3 ? std::atof(argv[3]) : 5;
  if (argc < 2 || argc > 4 || thread_count < 1 || !(seconds > 0)) {
    return std::cerr << "usage: load_generator MODEL [THREADS] [SECONDS]\n", 2;
  }
  try {
    Generate(argv[1], thread_count, seconds);
  } catch (const oarlock::Error& error) {
    return std::cerr << "load_generator: " << error.what() << '\n', 1;
  }
}
