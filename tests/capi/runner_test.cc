// Runners: bound once, run often, started and waited for, stopped from elsewhere.
#include <thread>

#include "event.h"
#include "fixture.h"

namespace oarlock::capi_test {
namespace {

class Runner : public CApi {
 protected:
  // Bound to an input of sixteen numbers.
  Owned<oar_runner> Bound(oar_predictor predictor) {
    Owned<oar_runner> runner;
    EXPECT_TRUE(Ok(oar_runner_create, predictor, runner.out()));
    EXPECT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
    return runner;
  }
  static std::vector<float> Output(oar_runner runner) {
    oar_view view{};
    EXPECT_TRUE(Ok(oar_runner_output, runner, size_t{0}, &view));
    const auto* const numbers = static_cast<const float*>(view.data);
    return {numbers, numbers + view.size_bytes / sizeof(float)};
  }

  Owned<oar_runtime> runtime_ = NewRuntime();
  Owned<oar_tensor> x_ = Of<float>({1, 16}, Numbers(16));
};

TEST_F(Runner, ReadsWhatIsInItsInputAtEachRun) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto runner = Bound(predictor.get());
  const auto y = Of<float>({1, 16}, std::vector<float>(16));
  ASSERT_TRUE(Ok(oar_runner_bind_output, runner.get(), size_t{0}, y.get()));
  for (int i = 0; i < 5; ++i) {
    static_cast<float*>(DataOf(x_.get()))[0] = static_cast<float>(100 * i);
    ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
    EXPECT_EQ(Elements<float>(y.get())[0], static_cast<float>(100 * i + 1));
    EXPECT_EQ(Elements<float>(y.get())[15], 16);
  }
  oar_view view{};
  ASSERT_TRUE(Ok(oar_runner_output, runner.get(), size_t{0}, &view));
  EXPECT_EQ(view.data, DataOf(y.get()));
  EXPECT_EQ(view.dtype, OAR_DTYPE_F32);
  EXPECT_EQ(Dims(view.dims, view.dims + view.rank), (Dims{1, 16}));
}

TEST_F(Runner, AnotherBindingTakesThePlaceOfTheFirst) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto runner = Bound(predictor.get());
  const auto first = Of<float>({1, 16}, std::vector<float>(16));
  ASSERT_TRUE(Ok(oar_runner_bind_output, runner.get(), size_t{0}, first.get()));
  ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
  const auto other = Of<float>({1, 16}, Numbers(16, 50));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, other.get()));
  ASSERT_TRUE(Ok(oar_runner_bind_output, runner.get(), size_t{0}, oar_tensor{0}));
  oar_view view{};
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "no run", oar_runner_output, runner.get(), size_t{0}, &view));
  ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
  EXPECT_EQ(Output(runner.get()), Numbers(16, 51));
  EXPECT_EQ(Elements<float>(first.get()), Numbers(16, 1)) << "what is bound no longer is not written";
}

TEST_F(Runner, BindingThatIsRefusedLeavesTheOldOne) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto runner = Bound(predictor.get());
  const auto integers = Of<int32_t>({1, 16}, std::vector<int32_t>(16));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "INT32", oar_runner_bind_input, runner.get(), size_t{0}, integers.get()));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "INT32", oar_runner_bind_output, runner.get(), size_t{0}, integers.get()));
  EXPECT_TRUE(Fails(OAR_OUT_OF_RANGE, "1", oar_runner_bind_input, runner.get(), size_t{1}, x_.get()));
  EXPECT_TRUE(Fails(OAR_OUT_OF_RANGE, "", oar_runner_bind_output, runner.get(), SIZE_MAX, x_.get()));
  std::vector<float> lent(16);
  const auto read_only = Over(lent.data(), 16, {1, 16}, OAR_TENSOR_READ_ONLY);
  EXPECT_TRUE(
      Fails(OAR_FAILED_PRECONDITION, "read-only", oar_runner_bind_output, runner.get(), size_t{0}, read_only.get()));
  EXPECT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, read_only.get()));
  EXPECT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
  ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
  EXPECT_EQ(Output(runner.get()), Numbers(16, 1));
}

TEST_F(Runner, WithoutAnInputItSaysWhichOne) {
  const auto predictor = Load(runtime_.get(), kAdd);
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "'x'", oar_runner_run, runner.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "'x'", oar_runner_start, runner.get(), nullptr, nullptr));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_wait, runner.get(), int64_t{0}));
  EXPECT_TRUE(Fails(OAR_NOT_FOUND, "", oar_runner_cancel, runner.get()));
}

TEST_F(Runner, UntilItsEndIsToldAStartedRunRefusesAllElse) {
  const auto predictor = Load(runtime_.get(), kSlow);
  const auto runner = Bound(predictor.get());
  ASSERT_TRUE(Ok(oar_runner_start, runner.get(), nullptr, nullptr));
  oar_view view{};
  auto report = Sized<oar_copy_report>();
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_run, runner.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_start, runner.get(), nullptr, nullptr));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
  EXPECT_TRUE(
      Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_bind_output, runner.get(), size_t{0}, oar_tensor{0}));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_set_deadline, runner.get(), int64_t{0}));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_output, runner.get(), size_t{0}, &view));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_copy_report, runner.get(), &report));
  EXPECT_TRUE(Fails(OAR_DEADLINE_EXCEEDED, "goes on", oar_runner_wait, runner.get(), int64_t{0}));
  EXPECT_TRUE(Fails(OAR_DEADLINE_EXCEEDED, "goes on", oar_runner_wait, runner.get(), int64_t{1'000'000}));
  std::thread other([&] {
    while (oar_runner_cancel(runner.get(), nullptr) != OAR_OK) std::this_thread::yield();
  });
  EXPECT_TRUE(Fails(OAR_CANCELLED, "", oar_runner_wait, runner.get(), INT64_MAX)) << "no clock can be asked for that";
  other.join();
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "started", oar_runner_wait, runner.get(), int64_t{-1}));
}

TEST_F(Runner, StartedRunAnswersAsARunWouldHave) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto runner = Bound(predictor.get());
  struct Told {
    Event ended;
    oar_code code = -1;
  };
  for (int i = 0; i < 50; ++i) {
    Told told;
    ASSERT_TRUE(Ok(
        oar_runner_start, runner.get(),
        [](void* user, oar_code code) {
          static_cast<Told*>(user)->code = code;
          static_cast<Told*>(user)->ended.Set();
        },
        &told));
    ASSERT_TRUE(Ok(oar_runner_wait, runner.get(), int64_t{-1}));
    EXPECT_EQ(Output(runner.get()), Numbers(16, 1));
    ASSERT_TRUE(told.ended.Wait());
    EXPECT_EQ(told.code, OAR_OK);
  }
}

TEST_F(Runner, CancelEndsTheRunOfAnotherThread) {
  const auto predictor = Load(runtime_.get(), kSlow);
  const auto runner = Bound(predictor.get());
  Answer answer{};
  std::thread owner([&] { answer = Ask(oar_runner_run, runner.get()); });
  while (oar_runner_cancel(runner.get(), nullptr) != OAR_OK) std::this_thread::yield();
  owner.join();
  EXPECT_EQ(answer.code, OAR_CANCELLED) << answer.text;
}

TEST_F(Runner, SecondThreadIsRefusedAndNothingHappens) {
  const auto predictor = Load(runtime_.get(), kSlow);
  const auto runner = Bound(predictor.get());
  // The question below can hold the runner as well, so the owner may be the one who is refused at first.
  std::thread owner([&] {
    oar_code code = OAR_FAILED_PRECONDITION;
    while (code == OAR_FAILED_PRECONDITION) code = oar_runner_run(runner.get(), nullptr);
    EXPECT_EQ(code, OAR_CANCELLED);
  });
  oar_view view{};
  Answer answer{};
  do {
    answer = Ask(oar_runner_output, runner.get(), size_t{0}, &view);
    EXPECT_EQ(answer.code, OAR_FAILED_PRECONDITION);
  } while (answer.text.find("another thread") == std::string::npos);
  EXPECT_TRUE(
      Fails(OAR_FAILED_PRECONDITION, "another thread", oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "another thread", oar_runner_run, runner.get()));
  while (oar_runner_cancel(runner.get(), nullptr) != OAR_OK) std::this_thread::yield();
  owner.join();
}

TEST_F(Runner, DeadlineHoldsUntilItIsSetAnew) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto runner = Bound(predictor.get());
  for (const int64_t deadline : {int64_t{-1}, INT64_MIN}) {
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "deadline", oar_runner_set_deadline, runner.get(), deadline));
  }
  ASSERT_TRUE(Ok(oar_runner_set_deadline, runner.get(), oar_monotonic_now_ns()));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(Fails(OAR_DEADLINE_EXCEEDED, "", oar_runner_run, runner.get()));
  ASSERT_TRUE(Ok(oar_runner_start, runner.get(), nullptr, nullptr));
  EXPECT_TRUE(Fails(OAR_DEADLINE_EXCEEDED, "", oar_runner_wait, runner.get(), int64_t{-1}));
  for (const int64_t deadline : {oar_monotonic_now_ns() + int64_t{3'600'000'000'000}, INT64_MAX, int64_t{0}}) {
    ASSERT_TRUE(Ok(oar_runner_set_deadline, runner.get(), deadline));
    EXPECT_TRUE(Ok(oar_runner_run, runner.get()));
  }
}

TEST_F(Runner, RunThatFailsTakesTheAnswerWithIt) {
  const auto predictor = Load(runtime_.get(), With(kAdd, "fail_run 2 INTERNAL the engine stumbled\n"));
  const auto runner = Bound(predictor.get());
  oar_view view{};
  ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
  EXPECT_TRUE(Fails(OAR_INTERNAL, "stumbled", oar_runner_run, runner.get()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "no run", oar_runner_output, runner.get(), size_t{0}, &view));
  ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
  EXPECT_EQ(Output(runner.get()), Numbers(16, 1));
}

TEST_F(Runner, InfersWithTensorsOfItsOwnAndLetsGoOfThem) {
  const auto predictor = Load(runtime_.get(), kAddRows);
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
  bool released = false;
  std::vector<float> lent = Numbers(8);
  const int64_t dims[] = {2, 4};
  Owned<oar_tensor> x;
  ASSERT_TRUE(Ok(
      oar_tensor_wrap, lent.data(), sizeof(float) * lent.size(), oar_dtype{OAR_DTYPE_F32}, dims, int32_t{2}, nullptr,
      [](void* user) { *static_cast<bool*>(user) = true; }, &released, x.out()));
  const auto y = Of<float>({2, 4}, std::vector<float>(8));
  oar_view view{};
  oar_tensor input = x.get();
  oar_tensor output = y.get();
  const auto infer = [&](const oar_infer_options* options = nullptr) {
    return Ask(oar_runner_infer, runner.get(), options, &input, size_t{1}, &output, size_t{1});
  };
  ASSERT_EQ(infer().code, OAR_OK);
  EXPECT_EQ(output.value, y.get().value);
  EXPECT_EQ(Elements<float>(y.get()), Numbers(8, 1));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "given", oar_runner_output, runner.get(), size_t{0}, &view));
  x.Reset();
  EXPECT_TRUE(released) << "nothing is kept for the next request";
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "'x'", oar_runner_run, runner.get()));

  const auto one_row = Of<float>({1, 4}, Numbers(4));
  input = one_row.get();
  EXPECT_EQ(infer().code, OAR_INVALID_ARGUMENT) << "an output of two rows for one";
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "no run", oar_runner_output, runner.get(), size_t{0}, &view));
  output = {0};
  ASSERT_EQ(infer().code, OAR_OK);
  EXPECT_EQ(output.value, 0U);
  EXPECT_EQ(Output(runner.get()), Numbers(4, 1));
  const oar_tensor two[] = {y.get(), y.get()};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "2 outputs", oar_runner_infer, runner.get(), nullptr, &input, size_t{1}, two,
                    size_t{2}));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "0 inputs", oar_runner_infer, runner.get(), nullptr, nullptr, size_t{0}, two,
                    size_t{1}));
}

TEST_F(Runner, InferHasADeadlineOfItsOwn) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto runner = Bound(predictor.get());
  const auto y = Of<float>({1, 16}, std::vector<float>(16));
  const oar_tensor input = x_.get();
  oar_tensor output = y.get();
  auto options = Sized<oar_infer_options>();
  const auto infer = [&] {
    return Ask(oar_runner_infer, runner.get(), &options, &input, size_t{1}, &output, size_t{1});
  };
  options.deadline_ns = oar_monotonic_now_ns();
  EXPECT_EQ(infer().code, OAR_DEADLINE_EXCEEDED);
  options.deadline_ns = 0;
  options.priority = 2;
  EXPECT_EQ(infer().code, OAR_INVALID_ARGUMENT);
  options.priority = -1;
  options.batched = 1;
  EXPECT_EQ(infer().code, OAR_INVALID_ARGUMENT);
  options.batched = 0;
  ASSERT_TRUE(Ok(oar_runner_set_deadline, runner.get(), oar_monotonic_now_ns()));
  EXPECT_EQ(infer().code, OAR_OK);
  EXPECT_EQ(Elements<float>(y.get()), Numbers(16, 1));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
  EXPECT_TRUE(Fails(OAR_DEADLINE_EXCEEDED, "", oar_runner_run, runner.get())) << "the runner's own is as it was";
}

TEST_F(Runner, CancelEndsARequestOfAnotherThread) {
  const auto predictor = Load(runtime_.get(), kSlow);
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
  Answer answer{};
  std::thread owner([&] {
    const oar_tensor input = x_.get();
    oar_tensor output{0};
    answer = Ask(oar_runner_infer, runner.get(), nullptr, &input, size_t{1}, &output, size_t{1});
    EXPECT_EQ(output.value, 0U);
  });
  while (oar_runner_cancel(runner.get(), nullptr) != OAR_OK) std::this_thread::yield();
  owner.join();
  EXPECT_EQ(answer.code, OAR_CANCELLED) << answer.text;
}

}  // namespace
}  // namespace oarlock::capi_test
