#include <memory>
#include <vector>

#include "hpp_fixture.h"

namespace oarlock {
namespace {

using HppRunner = HppTest;

TEST_F(HppRunner, RunsWhatIsBoundWithoutACopy) {
  std::vector<float> x(16), y(16);
  Runner runner = Runner::Create(Load(kAddOne)).value();
  runner.BindInput(0, Tensor::Of(x, {1, 16}).value()).value();
  runner.BindOutput(0, Tensor::Of(y, {1, 16}).value()).value();
  for (float i = 0; i < 3; ++i) {
    x.assign(16, i);
    runner.Run().value();
    EXPECT_EQ(y, std::vector<float>(16, i + 1));
  }
  EXPECT_EQ(runner.Output<float>(0)->data(), y.data());
  EXPECT_EQ(runner.Copies()->copy_count, 0);
}

TEST_F(HppRunner, OutputThatIsNotBoundLiesInTheEngine) {
  std::vector<float> x(16, 4), y(16);
  Runner runner = Runner::Create(Load(kAddOne)).value();
  runner.BindInput(0, Tensor::Of(x, {1, 16}).value()).value();
  runner.BindOutput(0, Tensor::Of(y, {1, 16}).value()).value();
  runner.UnbindOutput(0).value();
  runner.Run().value();
  float sum = 0;
  for (const float value : runner.Output<float>(0).value()) sum += value;
  EXPECT_EQ(sum, 16 * 5);
  EXPECT_EQ(y[0], 0);
  EXPECT_EQ(DimsOf(runner.Output(0).value()), Dims({1, 16}));
}

TEST_F(HppRunner, OutputOfAnotherTypeIsRefusedByName) {
  Runner runner = Runner::Create(Load(kAddOne)).value();
  EXPECT_EQ(runner.Output<float>(0).code(), OAR_FAILED_PRECONDITION);
  EXPECT_EQ(runner.Run().code(), OAR_FAILED_PRECONDITION);
  std::vector<float> x(16);
  runner.BindInput(0, Tensor::Of(x, {1, 16}).value()).value();
  runner.Run().value();
  EXPECT_STREQ(runner.Output<int32_t>(0).message(), "output 0 is of FP32, not of INT32");
}

TEST_F(HppRunner, StartedRunTellsItsCallbackOnce) {
  std::vector<float> x(16, 1), y(16);
  Runner runner = Runner::Create(Load(kAddOne)).value();
  runner.BindInput(0, Tensor::Of(x, {1, 16}).value()).value();
  runner.BindOutput(0, Tensor::Of(y, {1, 16}).value()).value();
  std::promise<oar_code> told;
  runner.Start([&told, only = std::make_unique<int>(0)](oar_code code) { told.set_value(code); }).value();
  std::future<oar_code> code = told.get_future();
  ASSERT_EQ(code.wait_for(kWait), std::future_status::ready);
  EXPECT_EQ(code.get(), OAR_OK);
  runner.Wait(std::chrono::nanoseconds(kWait).count()).value();
  EXPECT_EQ(y[0], 2);
  runner.Start().value();
  runner.Wait().value();
  EXPECT_EQ(runner.Wait().code(), OAR_FAILED_PRECONDITION);
}

TEST_F(HppRunner, CallbackOfARefusedStartIsEndedUncalled) {
  Runner runner = Runner::Create(Load(kAddOne)).value();
  auto token = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = token;
  EXPECT_EQ(runner.Start([token = std::move(token)](oar_code) { ADD_FAILURE() << "it was called"; }).code(),
            OAR_FAILED_PRECONDITION);
  EXPECT_TRUE(alive.expired());
}

TEST_F(HppRunner, DeadlineHoldsUntilItIsSetAnew) {
  std::vector<float> x(16);
  Runner runner = Runner::Create(Load(kAddOne)).value();
  runner.BindInput(0, Tensor::Of(x, {1, 16}).value()).value();
  runner.SetDeadline(1).value();
  EXPECT_EQ(runner.Run().code(), OAR_DEADLINE_EXCEEDED);
  runner.SetDeadline(0).value();
  EXPECT_EQ(runner.Run().code(), OAR_OK);
  EXPECT_EQ(runner.Cancel().code(), OAR_NOT_FOUND);
}

TEST_F(HppRunner, CopiesAreTold) {
  Runner runner = Runner::Create(Load("input x FP32 2,4\noutput y FP32 2,4\n")).value();
  const Tensor room = Tensor::Allocate<float>({2, 8}).value();
  runner.BindInput(0, room.Slice(1, 0, 4).value()).value();
  runner.Run().value();
  const CopyReport report = runner.Copies().value();
  ASSERT_EQ(report.copy_count, 1);
  EXPECT_EQ(report.entries[0].condition, OAR_CONDITION_LAYOUT);
  EXPECT_EQ(report.size_bytes, 32);
}

}  // namespace
}  // namespace oarlock
