#include "server/protocol/model_control.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>

#include "base/codes.h"
#include "runtime/repository_fixture_test.h"
#include "server/protocol/service.h"

namespace oarlock {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// How something ended, from whatever thread.
class Ending {
 public:
  ModelControl::Done Done() {
    return [this](absl::Status status) {
      const std::lock_guard lock(mutex_);
      status_ = std::move(status);
      ++times_;
      changed_.notify_all();
    };
  }
  absl::Status Wait() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, kLong, [this] { return times_ > 0; }));
    EXPECT_LE(times_, 1);
    return status_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int times_ = 0;
  absl::Status status_;
};

class ModelControlTest : public RepositoryTest {
 protected:
  ModelControlTest() {
    Put("m.fake", Add(1));
    config_ = Of({Model("m.fake")});
    MustApply(config_);
  }
  std::unique_ptr<ModelControl> Control(bool allowed = true) {
    return std::make_unique<ModelControl>(
        repository_.get(), allowed,
        [this]() -> absl::StatusOr<ModelsConfig> {
          const std::lock_guard lock(mutex_);
          if (!config_status_.ok()) return config_status_;
          return config_;
        },
        [this](LogLevel, std::string_view line) {
          const std::lock_guard lock(mutex_);
          log_.emplace_back(line);
        },
        limits_);
  }
  static absl::Status Load(ModelControl* control, std::string_view model) {
    Ending ending;
    control->Load(model, ending.Done());
    return ending.Wait();
  }
  static absl::Status Unload(ModelControl* control, std::string_view model) {
    Ending ending;
    control->Unload(model, ending.Done());
    return ending.Wait();
  }
  // Until nothing is served, which comes before the end of an unload.
  void WaitUntilOut() {
    const auto until = std::chrono::steady_clock::now() + kLong;
    while (!repository_->Names().empty() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    EXPECT_THAT(repository_->Names(), IsEmpty());
  }
  std::vector<std::string> TakeLog() {
    const std::lock_guard lock(mutex_);
    return std::exchange(log_, {});
  }

  Limits limits_;
  std::mutex mutex_;
  ModelsConfig config_;
  absl::Status config_status_;
  std::vector<std::string> log_;
};

TEST_F(ModelControlTest, IsRefusedUnlessAllowed) {
  const auto control = Control(false);
  for (const absl::Status& status : {Load(control.get(), "m"), Unload(control.get(), "m"), control->CheckAllowed()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("--model-control-mode explicit"));
  }
  Ending ending;
  control->SetRoute("m", {}, ending.Done());
  EXPECT_EQ(ending.Wait().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("m"), 1);
}

TEST_F(ModelControlTest, DoesWhatItIsToldAndLogsIt) {
  const auto control = Control();
  EXPECT_EQ(control->CheckAllowed(), absl::OkStatus());
  EXPECT_EQ(Unload(control.get(), "m"), absl::OkStatus());
  EXPECT_THAT(repository_->Names(), IsEmpty());
  PutNew("m.fake", Add(2));
  EXPECT_EQ(Load(control.get(), "m"), absl::OkStatus());
  EXPECT_EQ(Ask("m"), 2);
  Ending ending;
  control->SetRoute("m", {{{1, 5}}, {}, 0}, ending.Done());
  EXPECT_EQ(ending.Wait(), absl::OkStatus());
  EXPECT_EQ((*repository_->Model("m"))->route().weights, (std::map<int64_t, int64_t>{{1, 5}}));
  EXPECT_THAT(TakeLog(), ElementsAre("model 'm': version 1 is not served any more, as a client asked",
                                     "model 'm': version 1 is served now, as a client asked",
                                     "model 'm': its route has changed, as a client asked"));
}

TEST_F(ModelControlTest, AnUnloadIsDoneOnceTheModelsRequestsAre) {
  const auto control = Control();
  std::optional<RoutedPredictor> picked = *repository_->Pick("m", {}, {});
  std::atomic<bool> answered{false};
  const std::vector<float> x = {1, 2, 3, 4};
  ASSERT_TRUE(picked
                  ->InferAsync(Request(x),
                               [&](const absl::Status& status, const InferenceResponse&) { answered = status.ok(); })
                  .ok());
  picked.reset();
  Ending ending;
  control->Unload("m", [&, done = ending.Done()](absl::Status status) mutable {
    EXPECT_TRUE(answered);
    std::move(done)(std::move(status));
  });
  WaitUntilOut();
  EXPECT_EQ(RunAll(), 1);
  EXPECT_EQ(ending.Wait(), absl::OkStatus());
  EXPECT_EQ(repository_->States()[0].state, ServingState::kUnavailable);
}

TEST_F(ModelControlTest, AServerThatStopsDoesNotWaitForThem) {
  limits_.drain_timeout_ms = 3'600'000;
  const auto control = Control();
  const RoutedPredictor picked = *repository_->Pick("m", {}, {});  // which never asks
  Ending ending;
  control->Unload("m", ending.Done());
  WaitUntilOut();
  control->Stop();
  EXPECT_EQ(ending.Wait(), absl::OkStatus());
  EXPECT_EQ(repository_->States()[0].state, ServingState::kUnloading);
}

TEST_F(ModelControlTest, NamesAreChecked) {
  const auto control = Control();
  for (const std::string& name :
       {std::string(), std::string(".."), std::string("."), std::string("a/b"), std::string("/"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("\xFF"), std::string(513, 'n')}) {
    EXPECT_EQ(Load(control.get(), name).code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(Unload(control.get(), name).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  for (const std::string name : {";id", "$(id)", " m", "m ", "%2f", "m.fake"}) {
    EXPECT_EQ(Load(control.get(), name).code(), absl::StatusCode::kNotFound) << name;
    EXPECT_EQ(MessageOf(Unload(control.get(), name)).substr(0, 9), "no model ") << name;
  }
  EXPECT_THAT(TakeLog(), IsEmpty());
}

TEST_F(ModelControlTest, AClientIsToldNoPaths) {
  const auto control = Control();
  const auto told = [&](const absl::Status& status, absl::StatusCode code, std::string_view name) {
    EXPECT_EQ(status.code(), code);
    EXPECT_EQ(MessageOf(status),
              fmt::format("loading '{}' failed ({}); the server's log says why", name, RowOf(code).name));
    const std::vector<std::string> log = TakeLog();
    EXPECT_THAT(log, ElementsAre(HasSubstr(root_.string())));
  };
  PutNew("m.fake", "nonsense\n");
  told(Load(control.get(), "m"), absl::StatusCode::kInvalidArgument, "m");
  std::filesystem::remove(root_ / "m.fake");
  told(Load(control.get(), "m"), absl::StatusCode::kNotFound, "m");
  EXPECT_EQ(Ask("m"), 1);
  config_status_ = InvalidArgument("{}: broken", root_.string());
  told(Load(control.get(), "m"), absl::StatusCode::kInvalidArgument, "m");
  told(Load(control.get(), "who"), absl::StatusCode::kInvalidArgument, "who");
}

TEST_F(ModelControlTest, OneTooManyIsRefusedAndWhatWaitsAtTheEndToo) {
  limits_.model_control_requests_max = 2;
  std::mutex mutex;
  std::condition_variable changed;
  bool begun = false;
  bool go = false;
  ModelControl control(
      repository_.get(), true,
      [&]() -> absl::StatusOr<ModelsConfig> {
        std::unique_lock lock(mutex);
        begun = true;
        changed.notify_all();
        EXPECT_TRUE(changed.wait_for(lock, kLong, [&] { return go; }));
        return config_;
      },
      [](LogLevel, std::string_view) {}, limits_);
  Ending first;
  Ending second;
  Ending third;
  Ending fourth;
  control.Load("m", first.Done());
  {
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, kLong, [&] { return begun; }));
  }
  control.Unload("m", second.Done());
  control.Unload("m", third.Done());
  control.Unload("m", fourth.Done());
  const absl::Status refused = fourth.Wait();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr("model_control_requests_max"));
  std::thread stopper([&] { control.Stop(); });
  EXPECT_EQ(second.Wait().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(third.Wait().code(), absl::StatusCode::kUnavailable);
  {
    const std::lock_guard lock(mutex);
    go = true;
    changed.notify_all();
  }
  EXPECT_EQ(first.Wait(), absl::OkStatus());  // it was under way
  stopper.join();
  EXPECT_EQ(Unload(&control, "m").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("m"), 1);
}

TEST_F(ModelControlTest, ParametersAreTheProtocolsAndBringNothingAlong) {
  for (const std::string_view name :
       {"config", "file:1/model.onnx", "file:../x", "file:/etc/passwd", "file:a/../../b", "file:", "file:..%2fx"}) {
    const absl::Status status = CheckLoadParameter(name);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_THAT(std::string(MessageOf(status)), AllOf(HasSubstr(std::string(name)), HasSubstr("never from a request")));
  }
  EXPECT_EQ(MessageOf(CheckLoadParameter("nothing")), "a load has no parameter 'nothing'");
  EXPECT_EQ(CheckUnloadParameter("unload_dependents"), absl::OkStatus());
  EXPECT_EQ(CheckUnloadParameter("config").code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ModelControlTest, AServiceThatIsNotReadyRefuses) {
  Service service(
      repository_.get(), Limits(),
      {.model_control = true, .source = [this] { return config_; }, .log = [](LogLevel, std::string_view) {}});
  const auto ask = [&] {
    Ending ending;
    service.UnloadModel("m", ending.Done());
    return ending.Wait();
  };
  EXPECT_EQ(ask().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("m"), 1);
  service.set_ready(true);
  EXPECT_EQ(ask(), absl::OkStatus());
  EXPECT_THAT(repository_->Names(), IsEmpty());
  EXPECT_TRUE(repository_->WaitUntilRetired(kLong));
  const auto all = service.Index("", false);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 1u);
  EXPECT_EQ((*all)[0].reason, "unloaded");
  EXPECT_THAT(*service.Index("", true), IsEmpty());
  EXPECT_EQ(service.Index("r", false).status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(service.Extensions(), testing::Contains("model_repository"));
  EXPECT_THAT(Service(repository_.get(), Limits()).Extensions(), Not(testing::Contains("model_repository")));
}

}  // namespace
}  // namespace oarlock
