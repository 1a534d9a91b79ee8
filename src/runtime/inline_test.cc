// When a request may run on the thread that brought it.
#include <gmock/gmock.h>

#include <future>

#include "runtime/fake_model_test.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;

class Inline : public FakeModels {
 protected:
  // Whatever else the machine does: a model without a delay is short.
  std::shared_ptr<Predictor> LoadShort() {
    PredictorOptions options;
    options.limits.inline_us_max = 1'000'000;
    return Load(kAddOne, options);
  }
  const std::vector<float> x_ = {1, 2, 3, 4};
  InferenceResponse response_;
};

TEST_F(Inline, AShortModelRunsAtOnceFromTheFirstRequestOn) {
  const auto predictor = LoadShort();  // the warm-up has told how long it takes
  const auto status = predictor->InferIfShort(Request(x_), &response_);
  ASSERT_TRUE(status.has_value());
  EXPECT_TRUE(status->ok()) << *status;
  EXPECT_THAT(Values(response_), ElementsAre(2, 3, 4, 5));
}

TEST_F(Inline, AModelThatTakesLongerThanTheLimitIsHandedOver) {
  const auto predictor = Load(fmt::format("{}delay_us 2000\n", kAddOne));
  EXPECT_FALSE(predictor->InferIfShort(Request(x_), &response_).has_value());
  PredictorOptions options;
  options.limits.inline_us_max = 100'000;
  const auto patient = Load(fmt::format("{}delay_us 2000\n", kAddOne), options);
  EXPECT_TRUE(patient->InferIfShort(Request(x_), &response_).has_value());
}

TEST_F(Inline, AnInputMuchLargerThanUsualIsHandedOver) {
  PredictorOptions options;
  options.limits.inline_us_max = 100'000;
  const auto predictor = Load(fmt::format("{}row_delay_us 2000\n", kAddOne), options);
  EXPECT_TRUE(predictor->InferIfShort(Request(x_), &response_).has_value());
  response_.Release();
  const std::vector<float> hundred_rows(400, 1.0F);
  EXPECT_FALSE(predictor->InferIfShort(Request(hundred_rows), &response_).has_value());
}

TEST_F(Inline, NeverMeansNever) {
  PredictorOptions options;
  options.inline_runs = false;
  options.limits.inline_us_max = 1'000'000;
  EXPECT_FALSE(Load(kAddOne, options)->InferIfShort(Request(x_), &response_).has_value());
}

TEST_F(Inline, NothingIsOvertakenAndNoExecutionWaitedFor) {
  const auto predictor = LoadShort();
  InferenceResponse holds;
  ASSERT_TRUE(predictor->Infer(Request(x_), &holds).ok());
  ASSERT_TRUE(holds.holds_execution());
  EXPECT_FALSE(predictor->InferIfShort(Request(x_), &response_).has_value());
  holds.Release();
  EXPECT_TRUE(predictor->InferIfShort(Request(x_), &response_).has_value());
}

TEST_F(Inline, WhatIsWrongIsSaidAtOnce) {
  const auto predictor = LoadShort();
  InferenceRequest request = Request(x_);
  request.inputs[0].name = "y";
  const auto status = predictor->InferIfShort(request, &response_);
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->code(), absl::StatusCode::kInvalidArgument);
  predictor->Unload();
  EXPECT_EQ(predictor->InferIfShort(Request(x_), &response_)->code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace oarlock
