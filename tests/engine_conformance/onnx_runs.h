// What every engine that reads ONNX must do with an execution of these models, whatever its options.
#ifndef OARLOCK_TESTS_ENGINE_CONFORMANCE_ONNX_RUNS_H_
#define OARLOCK_TESTS_ENGINE_CONFORMANCE_ONNX_RUNS_H_

#include <algorithm>
#include <atomic>
#include <thread>

#include "conformance.h"

namespace oarlock {

inline SampleFiles Onnx(std::string_view name) {
  return ReadSampleFile(Format::kOnnx, fmt::format("onnx/{}.onnx", name));
}

// Of nonzero_dynamic, with room for one of the up to sixteen columns.
inline void ExpectNothingPastTheRoom(EngineExecution& execution) {
  std::vector<int64_t> room(32, -1);
  CopyReason reason;
  ASSERT_TRUE(execution.BindOutput(0, DType::kI64, {2, 1}, room.data(), 16, &reason).ok());
  EXPECT_EQ(reason, CopyReason::kDynamicOutput);
  for (int64_t positive : {16, 3, 0, 16, 1}) {
    std::vector<float> x(16, -1.0F);
    std::fill_n(x.begin(), positive, 1.0F);
    ASSERT_TRUE(execution.BindInput(0, ViewOf(x, {1, 16}), &reason).ok());
    ASSERT_TRUE(execution.Run().ok());
    EngineOutput output;
    ASSERT_TRUE(execution.Output(0, &output).ok());
    EXPECT_EQ(output.view.shape, (Shape{2, positive}));
    EXPECT_EQ(output.copied, CopyReason::kDynamicOutput);
    auto expected = std::vector<int64_t>(static_cast<size_t>(positive), 0);
    const auto columns = Counting<int64_t>(static_cast<size_t>(positive));
    expected.insert(expected.end(), columns.begin(), columns.end());
    EXPECT_EQ(ValuesOf<int64_t>(execution, 0), expected);
    EXPECT_EQ(room, std::vector<int64_t>(32, -1));
  }
}

// Of sum_dynamic: the request is at fault, the result of the run before is gone, and the next run is well.
inline void ExpectDimsThatDoNotGoTogetherToFail(EngineExecution& execution) {
  const auto x = Counting<float>(12);
  CopyReason reason;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(execution.BindInput(0, ViewOf(x, {3, 4}), &reason).ok());
    ASSERT_TRUE(execution.BindInput(1, ViewOf(x, {4, 3}), &reason).ok());
    ExpectError(execution.Run(), absl::StatusCode::kInvalidArgument, {"do not go together"});
    EngineOutput output;
    ExpectError(execution.Output(0, &output), absl::StatusCode::kFailedPrecondition, {"'y'"});
    ASSERT_TRUE(execution.BindInput(1, ViewOf(x, {3, 4}), &reason).ok());
    ASSERT_TRUE(execution.Run().ok());
    EXPECT_EQ(ValuesOf<float>(execution, 0)[11], 22.0F);
  }
}

// Of matmul_chain, which takes long enough to be met in the middle.
inline void ExpectCancelToStopARun(EngineExecution& execution) {
  const std::vector<float> x(384 * 384, 0.01F);
  CopyReason reason;
  ASSERT_TRUE(execution.BindInput(0, ViewOf(x, {384, 384}), &reason).ok());
  ASSERT_TRUE(execution.Run().ok());  // compiled for these dims
  std::atomic<bool> done = false;
  absl::Status status;
  std::thread runner([&] {
    status = execution.Run();
    done = true;
  });
  while (!done) {
    execution.Cancel();
    std::this_thread::yield();
  }
  runner.join();
  ExpectError(status, absl::StatusCode::kCancelled, {"cancelled"});
  ASSERT_TRUE(execution.Run().ok()) << "the wish to stop fell on the next run";
}

}  // namespace oarlock

#endif  // OARLOCK_TESTS_ENGINE_CONFORMANCE_ONNX_RUNS_H_
