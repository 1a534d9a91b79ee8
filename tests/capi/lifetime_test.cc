// Handles that end while something runs with them, on other threads and within callbacks.
#include <atomic>
#include <memory>
#include <thread>

#include "asked.h"

namespace oarlock::capi_test {
namespace {

class Lifetime : public CApi {};

// Each run takes 50 ms, unless it is cancelled.
constexpr char kShort[] = "input x FP32 1,16\noutput y FP32 1,16\nop add 1\ndelay_us 50000\n";

oar_statistics StatisticsOf(oar_predictor predictor) {
  auto statistics = Sized<oar_statistics>();
  EXPECT_TRUE(Ok(oar_predictor_statistics, predictor, &statistics));
  return statistics;
}

TEST_F(Lifetime, ChildrenKeepWhatTheyNeed) {
  auto runtime = NewRuntime();
  auto predictor = Load(runtime.get(), kAdd);
  runtime.Reset();
  const auto x = Of<float>({1, 16}, Numbers(16));
  Owned<oar_tensor> y;
  const oar_tensor inputs[] = {x.get()};
  EXPECT_TRUE(Ok(oar_predictor_infer, predictor.get(), nullptr, inputs, size_t{1}, y.out(), size_t{1}));
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
  predictor.Reset();
  EXPECT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x.get()));
  EXPECT_TRUE(Ok(oar_runner_bind_output, runner.get(), size_t{0}, y.get()));
  EXPECT_TRUE(Ok(oar_runner_run, runner.get()));
  EXPECT_EQ(Elements<float>(y.get()), Numbers(16, 1));
}

TEST_F(Lifetime, BoundTensorsMayBeReleased) {
  const auto runtime = NewRuntime();
  const auto predictor = Load(runtime.get(), kAdd);
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
  auto x = Of<float>({1, 16}, Numbers(16));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x.get()));
  x.Reset();
  ASSERT_TRUE(Ok(oar_runner_run, runner.get()));
  oar_view view{};
  ASSERT_TRUE(Ok(oar_runner_output, runner.get(), size_t{0}, &view));
  const auto* const numbers = static_cast<const float*>(view.data);
  EXPECT_EQ(std::vector<float>(numbers, numbers + 16), Numbers(16, 1));
}

TEST_F(Lifetime, WhatWaitsIsCancelledWithTheLastHandleOfItsModel) {
  const auto runtime = NewRuntime();
  auto predictor = Load(runtime.get(), kShort);
  const auto x = Of<float>({1, 16}, Numbers(16));
  std::vector<Asked> asked(8);
  for (Asked& each : asked) ASSERT_EQ(each.Ask(predictor.get(), x.get()).code, OAR_OK);
  predictor.Reset();
  // The last handle's end has waited for all of them.
  int cancelled = 0;
  for (Asked& each : asked) {
    EXPECT_EQ(each.ended.count(), 1);
    EXPECT_TRUE(each.code == OAR_OK || each.code == OAR_CANCELLED) << oar_code_name(each.code) << ": " << each.text;
    cancelled += each.code == OAR_CANCELLED ? 1 : 0;
  }
  EXPECT_GE(cancelled, 6) << "one execution, two of eight at most";
}

TEST_F(Lifetime, CloneKeepsTheModelAndItsQueue) {
  const auto runtime = NewRuntime();
  auto predictor = Load(runtime.get(), kShort);
  Owned<oar_predictor> clone;
  ASSERT_TRUE(Ok(oar_predictor_clone, predictor.get(), clone.out()));
  const auto x = Of<float>({1, 16}, Numbers(16));
  std::vector<Asked> asked(3);
  for (Asked& each : asked) ASSERT_EQ(each.Ask(predictor.get(), x.get()).code, OAR_OK);
  predictor.Reset();
  for (Asked& each : asked) {
    ASSERT_TRUE(each.ended.Wait());
    EXPECT_EQ(each.code, OAR_OK) << each.text;
  }
  EXPECT_EQ(StatisticsOf(clone.get()).request_count, 3);
}

TEST_F(Lifetime, CallbackMayEndTheLastHandlesOfItsModelAndRuntime) {
  for (const bool batched : {false, true}) {
    auto runtime = NewRuntime();
    auto options = FakeOptions();
    auto batching = Sized<oar_batching_options>();
    batching.max_batch_size = 4;
    if (batched) options.batching = &batching;
    auto predictor = Load(runtime.get(), kAddRows, options);
    const auto x = Of<float>({2, 4}, Numbers(8));
    Asked asked;
    Event may_end;
    asked.within = [&] {
      EXPECT_TRUE(may_end.Wait());
      predictor.Reset();
      runtime.Reset();
    };
    ASSERT_EQ(asked.Ask(predictor.get(), x.get()).code, OAR_OK);
    may_end.Set();
    ASSERT_TRUE(asked.ended.Wait());
    ASSERT_EQ(asked.code, OAR_OK) << asked.text;
    EXPECT_EQ(Elements<float>(asked.outputs[0].get()), Numbers(8, 1));
  }
}

TEST_F(Lifetime, CallbackMayEndTheLastHandlesWhileOthersWaitAndRun) {
  auto runtime = NewRuntime(4);
  auto options = FakeOptions();
  options.execution_count = 2;
  auto predictor = Load(runtime.get(), kShort, options);
  const auto x = Of<float>({1, 16}, Numbers(16));
  std::vector<Asked> asked(12);
  std::atomic<bool> first{true};
  Event all_asked;
  for (Asked& each : asked) {
    each.within = [&] {
      if (!first.exchange(false)) return;
      EXPECT_TRUE(all_asked.Wait());
      predictor.Reset();
      runtime.Reset();
    };
  }
  for (Asked& each : asked) ASSERT_EQ(each.Ask(predictor.get(), x.get()).code, OAR_OK);
  all_asked.Set();
  for (Asked& each : asked) {
    ASSERT_TRUE(each.ended.Wait());
    EXPECT_TRUE(each.code == OAR_OK || each.code == OAR_CANCELLED) << oar_code_name(each.code) << ": " << each.text;
  }
  for (Asked& each : asked) EXPECT_EQ(each.ended.count(), 1);
}

TEST_F(Lifetime, EverythingMayEndWhileOtherThreadsRun) {
  for (int round = 0; round < 20; ++round) {
    auto runtime = NewRuntime();
    auto predictor = Load(runtime.get(), kAdd);
    const oar_predictor handle = predictor.get();
    std::atomic<bool> ran{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        const auto x = Of<float>({1, 16}, Numbers(16));
        while (true) {
          oar_tensor y{0};
          const oar_tensor input = x.get();
          const oar_code code = oar_predictor_infer(handle, nullptr, &input, 1, &y, 1, nullptr);
          if (code != OAR_OK) {
            EXPECT_EQ(code, OAR_FAILED_PRECONDITION);
            EXPECT_EQ(y.value, 0U);
            return;
          }
          const Owned<oar_tensor> made(y);
          EXPECT_EQ(Elements<float>(y), Numbers(16, 1));
          ran = true;
        }
      });
    }
    while (!ran) std::this_thread::yield();
    predictor.Reset();
    runtime.Reset();
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(Lifetime, RunnersEndWaitsForItsRun) {
  const auto runtime = NewRuntime();
  const auto predictor = Load(runtime.get(), kShort);
  const auto x = Of<float>({1, 16}, Numbers(16));
  const auto y = Of<float>({1, 16}, std::vector<float>(16));
  struct Told {
    Event ended;
    oar_code code = -1;
  } told;
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x.get()));
  ASSERT_TRUE(Ok(oar_runner_bind_output, runner.get(), size_t{0}, y.get()));
  ASSERT_TRUE(Ok(
      oar_runner_start, runner.get(),
      [](void* user, oar_code code) {
        static_cast<Told*>(user)->code = code;
        static_cast<Told*>(user)->ended.Set();
      },
      &told));
  runner.Reset();
  ASSERT_TRUE(told.ended.Wait());
  EXPECT_TRUE(told.code == OAR_OK || told.code == OAR_CANCELLED) << oar_code_name(told.code);
}

TEST_F(Lifetime, RunnersCallbackMayEndEverything) {
  struct All {
    Owned<oar_runtime> runtime;
    Owned<oar_predictor> predictor;
    Owned<oar_runner> runner;
    Event may_end;
    Event ended;
  } all;
  all.runtime = NewRuntime();
  all.predictor = Load(all.runtime.get(), kAdd);
  ASSERT_TRUE(Ok(oar_runner_create, all.predictor.get(), all.runner.out()));
  {
    const auto x = Of<float>({1, 16}, Numbers(16));
    ASSERT_TRUE(Ok(oar_runner_bind_input, all.runner.get(), size_t{0}, x.get()));
  }
  ASSERT_TRUE(Ok(
      oar_runner_start, all.runner.get(),
      [](void* user, oar_code code) {
        auto* const owned = static_cast<All*>(user);
        EXPECT_EQ(code, OAR_OK);
        EXPECT_TRUE(owned->may_end.Wait());
        owned->predictor.Reset();
        owned->runtime.Reset();
        owned->runner.Reset();
        owned->ended.Set();
      },
      &all));
  all.may_end.Set();
  EXPECT_TRUE(all.ended.Wait());
}

TEST_F(Lifetime, ReleaseCallbackMayRunAndEndTheModelThatReadItsMemory) {
  struct All {
    Owned<oar_runtime> runtime;
    Owned<oar_predictor> predictor;
    std::vector<float> memory = Numbers(16);
    std::vector<float> results;
    Event released;
  } all;
  all.runtime = NewRuntime();
  all.predictor = Load(all.runtime.get(), kAdd);
  const Dims dims{1, 16};
  Owned<oar_tensor> x;
  ASSERT_TRUE(Ok(
      oar_tensor_wrap, all.memory.data(), sizeof(float) * 16, OAR_DTYPE_F32, dims.data(), 2, nullptr,
      [](void* user) {
        auto* const owned = static_cast<All*>(user);
        {
          const auto again = Over(owned->memory.data(), 16, {1, 16});
          Owned<oar_tensor> y;
          const oar_tensor input = again.get();
          EXPECT_TRUE(Ok(oar_predictor_infer, owned->predictor.get(), nullptr, &input, size_t{1}, y.out(), size_t{1}));
          owned->results = Elements<float>(y.get());
        }
        owned->predictor.Reset();
        owned->runtime.Reset();
        owned->released.Set();
      },
      &all, x.out()));
  Asked asked;
  ASSERT_EQ(asked.Ask(all.predictor.get(), x.get()).code, OAR_OK);
  x.Reset();
  ASSERT_TRUE(asked.ended.Wait());
  ASSERT_TRUE(all.released.Wait());
  EXPECT_EQ(all.results, Numbers(16, 1));
}

TEST_F(Lifetime, BackgroundLoadMayEndWhileItLoads) {
  auto runtime = NewRuntime();
  auto options = FakeOptions();
  options.in_background = 1;
  auto predictor = Load(runtime.get(), With(kAdd, "load_delay_us 100000\n"), options);
  oar_state state = -1;
  EXPECT_TRUE(Ok(oar_predictor_state, predictor.get(), &state));
  EXPECT_TRUE(state == OAR_STATE_INIT || state == OAR_STATE_LOADING) << state;
  runtime.Reset();
  predictor.Reset();
}

TEST_F(Lifetime, ProgressOfABackgroundLoadMayEndItsOwnPredictorAndRuntime) {
  struct All {
    Owned<oar_runtime> runtime;
    Owned<oar_predictor> predictor;
    Event may_end;
    Event ended;
  } all;
  all.runtime = NewRuntime();
  auto options = FakeOptions();
  options.in_background = 1;
  options.progress = [](void* user, const char* phase) {
    auto* const owned = static_cast<All*>(user);
    if (std::string_view(phase) != "compile") return;
    EXPECT_TRUE(owned->may_end.Wait());
    owned->predictor.Reset();
    owned->runtime.Reset();
    owned->ended.Set();
  };
  options.progress_user = &all;
  all.predictor = Load(all.runtime.get(), kAdd, options);
  all.may_end.Set();
  EXPECT_TRUE(all.ended.Wait());
}

}  // namespace
}  // namespace oarlock::capi_test
