// Callbacks: what they are told, and that they may call anything.
#include <mutex>
#include <thread>

#include "asked.h"

namespace oarlock::capi_test {
namespace {

class Callback : public CApi {};

struct Lines {
  std::mutex mutex;
  std::vector<std::pair<oar_log_level, std::string>> lines;

  static void Add(void* user, oar_log_level level, const char* message) {
    // A callback of the log may call the API as well.
    const auto tensor = Of<float>({1}, {1});
    auto* const self = static_cast<Lines*>(user);
    const std::lock_guard lock(self->mutex);
    self->lines.emplace_back(level, message);
  }
};

TEST_F(Callback, LogIsToldOfABackgroundLoadThatFailed) {
  Lines log;
  {
    const auto runtime = NewRuntime(2, Lines::Add, &log);
    auto options = FakeOptions();
    options.in_background = 1;
    const auto predictor = Load(runtime.get(), With(kAdd, "fail_load UNAVAILABLE no such day\n"), options);
    EXPECT_TRUE(Fails(OAR_UNAVAILABLE, "no such day", oar_predictor_wait_ready, predictor.get(), int64_t{-1}));
    oar_state state = -1;
    ASSERT_TRUE(Ok(oar_predictor_state, predictor.get(), &state));
    EXPECT_EQ(state, OAR_STATE_ERROR);
    const auto x = Of<float>({1, 16}, Numbers(16));
    Asked asked;
    EXPECT_EQ(asked.Ask(predictor.get(), x.get()).code, OAR_UNAVAILABLE);
    EXPECT_EQ(asked.ended.count(), 0);
  }
  const std::lock_guard lock(log.mutex);
  ASSERT_EQ(log.lines.size(), 1U);
  EXPECT_EQ(log.lines[0].first, OAR_LOG_ERROR);
  EXPECT_NE(log.lines[0].second.find("no such day"), std::string::npos) << log.lines[0].second;
}

TEST_F(Callback, ProgressComesPhaseByPhaseAndMayCallTheApi) {
  struct Phases {
    std::vector<std::string> phases;
    Owned<oar_runtime> runtime = NewRuntime();
  } told;
  auto options = FakeOptions();
  options.progress = [](void* user, const char* phase) {
    auto* const phases = static_cast<Phases*>(user);
    phases->phases.emplace_back(phase);
    // Another model, while this one loads.
    const auto other = Load(phases->runtime.get(), kAddRows);
    EXPECT_NE(other.get().value, 0U);
  };
  options.progress_user = &told;
  const auto predictor = Load(told.runtime.get(), kAdd, options);
  EXPECT_EQ(told.phases, (std::vector<std::string>{"read", "compile", "warm up"}));
}

TEST_F(Callback, StateGoesFromLoadingToReady) {
  const auto runtime = NewRuntime();
  struct Gate {
    Event loading;
    Event may_go_on;
  } gate;
  auto options = FakeOptions();
  options.in_background = 1;
  options.progress = [](void* user, const char* phase) {
    auto* const at = static_cast<Gate*>(user);
    if (std::string_view(phase) != "compile") return;
    at->loading.Set();
    EXPECT_TRUE(at->may_go_on.Wait());
  };
  options.progress_user = &gate;
  const auto predictor = Load(runtime.get(), kAdd, options);
  ASSERT_TRUE(gate.loading.Wait());
  oar_state state = -1;
  ASSERT_TRUE(Ok(oar_predictor_state, predictor.get(), &state));
  EXPECT_EQ(state, OAR_STATE_LOADING);
  EXPECT_TRUE(Fails(OAR_DEADLINE_EXCEEDED, "loading", oar_predictor_wait_ready, predictor.get(), int64_t{0}));
  auto description = Sized<oar_model_description>();
  EXPECT_TRUE(Fails(OAR_UNAVAILABLE, "loading", oar_predictor_describe, predictor.get(), &description));
  Owned<oar_runner> runner;
  EXPECT_TRUE(Fails(OAR_UNAVAILABLE, "loading", oar_runner_create, predictor.get(), runner.out()));
  // As long as there is, which no clock can be asked for.
  Event waits;
  std::thread other([&] {
    EXPECT_TRUE(waits.Wait());
    gate.may_go_on.Set();
  });
  waits.Set();
  EXPECT_TRUE(Ok(oar_predictor_wait_ready, predictor.get(), INT64_MAX));
  other.join();
  EXPECT_TRUE(Ok(oar_predictor_wait_ready, predictor.get(), int64_t{-1}));
  EXPECT_TRUE(Ok(oar_predictor_describe, predictor.get(), &description));
  EXPECT_EQ(description.input_count, 1U);
  ASSERT_TRUE(Ok(oar_predictor_state, predictor.get(), &state));
  EXPECT_EQ(state, OAR_STATE_READY);
}

TEST_F(Callback, OfAnInferenceMayAskAgainAndRun) {
  const auto runtime = NewRuntime();
  const auto predictor = Load(runtime.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  Asked second;
  Asked first;
  std::vector<float> here;
  first.within = [&] {
    EXPECT_EQ(second.Ask(predictor.get(), first.outputs[0].get()).code, OAR_OK);
    Owned<oar_tensor> y;
    const oar_tensor input = first.outputs[0].get();
    EXPECT_TRUE(Ok(oar_predictor_infer, predictor.get(), nullptr, &input, size_t{1}, y.out(), size_t{1}));
    here = Elements<float>(y.get());
  };
  ASSERT_EQ(first.Ask(predictor.get(), x.get()).code, OAR_OK);
  ASSERT_TRUE(first.ended.Wait());
  ASSERT_TRUE(second.ended.Wait());
  EXPECT_EQ(here, Numbers(16, 2));
  EXPECT_EQ(Elements<float>(second.outputs[0].get()), Numbers(16, 2));
}

TEST_F(Callback, OfARunnerMayCancelAndLookElsewhere) {
  const auto runtime = NewRuntime();
  const auto predictor = Load(runtime.get(), kAdd);
  struct All {
    Owned<oar_runner> runner;
    Event ended;
  } all;
  ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), all.runner.out()));
  const auto x = Of<float>({1, 16}, Numbers(16));
  ASSERT_TRUE(Ok(oar_runner_bind_input, all.runner.get(), size_t{0}, x.get()));
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(Ok(
        oar_runner_start, all.runner.get(),
        [](void* user, oar_code code) {
          auto* const at = static_cast<All*>(user);
          EXPECT_EQ(code, OAR_OK);
          EXPECT_TRUE(Fails(OAR_NOT_FOUND, "", oar_runner_cancel, at->runner.get())) << "it is over";
          at->ended.Set();
        },
        &all));
    ASSERT_TRUE(all.ended.Wait(i + 1));
    ASSERT_TRUE(Ok(oar_runner_wait, all.runner.get(), int64_t{-1}));
  }
}

TEST_F(Callback, EngineMemoryIsNotHeldWhileItRuns) {
  const auto runtime = NewRuntime(2);
  // Its outputs' size is known after the run only, so that they lie in the engine; there is one execution.
  const auto predictor = Load(runtime.get(), With(kAddRows, "dynamic_output\n"));
  const auto x = Of<float>({1, 4}, Numbers(4));
  Asked asked;
  std::vector<float> again;
  asked.within = [&] {
    Owned<oar_tensor> y;
    const oar_tensor input = x.get();
    EXPECT_TRUE(Ok(oar_predictor_infer, predictor.get(), nullptr, &input, size_t{1}, y.out(), size_t{1}));
    again = Elements<float>(y.get());
  };
  ASSERT_EQ(asked.Ask(predictor.get(), x.get()).code, OAR_OK);
  ASSERT_TRUE(asked.ended.Wait());
  EXPECT_EQ(again, Numbers(4, 1));
}

}  // namespace
}  // namespace oarlock::capi_test
