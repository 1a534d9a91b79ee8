// A runtime, models of the fake engine written where they are used, and a look at the end that no handle is left.
#ifndef OARLOCK_TESTS_CAPI_FIXTURE_H_
#define OARLOCK_TESTS_CAPI_FIXTURE_H_

#include <array>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "calls.h"
#include "tensors.h"

namespace oarlock::capi_test {

constexpr oar_object kObjects[] = {OAR_OBJECT_RUNTIME, OAR_OBJECT_TENSOR, OAR_OBJECT_PREDICTOR,
                                   OAR_OBJECT_RUNNER,  OAR_OBJECT_IMAGE,  OAR_OBJECT_SERVER};
using Counts = std::array<size_t, std::size(kObjects)>;
inline Counts CountsNow() {
  Counts counts{};
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = oar_object_count(kObjects[i]);
  return counts;
}

// y = x + 1, sixteen numbers.
constexpr char kAdd[] = "input x FP32 1,16\noutput y FP32 1,16\nop add 1\n";
// The same for any number of rows of four.
constexpr char kAddRows[] = "input x FP32 -1,4\noutput y FP32 -1,4\nop add 1\n";
// The same, each run for a minute unless it is cancelled.
constexpr char kSlow[] = "input x FP32 1,16\noutput y FP32 1,16\nop add 1\ndelay_us 60000000\n";

// A script with one line more. Inlined, GCC 12 takes the room for both for too small (a false alarm at -O1).
[[gnu::noinline]] inline std::string With(std::string_view script, std::string_view line) {
  std::string both(script);
  both.append(line);
  return both;
}

inline Owned<oar_runtime> NewRuntime(int32_t thread_budget = 2, oar_log_fn log = nullptr, void* user = nullptr) {
  auto options = Sized<oar_runtime_options>();
  options.thread_budget = thread_budget;
  options.engine_path = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
  options.cache_dir = "none";
  options.log = log != nullptr ? log : [](void*, oar_log_level, const char*) {};
  options.log_user = user;
  Owned<oar_runtime> runtime;
  EXPECT_TRUE(Ok(oar_runtime_create, &options, runtime.out()));
  return runtime;
}

// One execution, so that what runs is in the way of what waits; no runs while loading, so that runs can be counted.
inline oar_load_options FakeOptions() {
  auto options = Sized<oar_load_options>();
  options.format = OAR_FORMAT_FAKE;
  options.engine = "fake";
  options.execution_count = 1;
  options.warm_up = OAR_WARM_UP_NONE;
  return options;
}

inline Owned<oar_predictor> Load(oar_runtime runtime, std::string_view script,
                                 const oar_load_options& options = FakeOptions()) {
  Owned<oar_predictor> predictor;
  EXPECT_TRUE(Ok(oar_predictor_load_memory, runtime, script.data(), script.size(), nullptr, size_t{0}, &options,
                 predictor.out()));
  return predictor;
}

inline std::vector<float> Numbers(size_t count, float first = 0) {
  std::vector<float> numbers(count);
  for (size_t i = 0; i < count; ++i) numbers[i] = first + static_cast<float>(i);
  return numbers;
}

class CApi : public testing::Test {
 protected:
  void SetUp() override { before_ = CountsNow(); }
  void TearDown() override { EXPECT_EQ(CountsNow(), before_) << "handles are left"; }

 private:
  Counts before_;
};

}  // namespace oarlock::capi_test

#endif  // OARLOCK_TESTS_CAPI_FIXTURE_H_
