// A server within this process: what it serves, how it begins and ends, and that it leaves the process as it was.
#include "server/embedded/server.h"

#include <signal.h>

#include <atomic>

#include "served_models.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class EmbeddedServer : public ServedModels {
 protected:
  absl::StatusOr<std::unique_ptr<Server>> Create(ServerSource source) {
    if (source.http.empty()) source.http = "127.0.0.1:0";
    return Server::Create(std::move(source), &runtime_, Log());
  }
  // Of a path or of a text; not started. The test has failed if it is null.
  std::unique_ptr<Server> Of(const fs::path& path) {
    ServerSource source;
    source.path = path;
    auto server = Create(source);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  std::unique_ptr<Server> OfText(std::string_view models, std::string_view settings = "") {
    ServerSource source;
    source.text = fmt::format("schema: 1\n{}models:\n{}", settings, models);
    source.directory = root_;
    auto server = Create(source);
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }
  static std::string_view AddressOf(const Server& server) {
    const auto address = server.address();
    EXPECT_TRUE(address.ok()) << address.status();
    return address.ok() ? *address : "";
  }
  static std::string_view MustStart(Server* server) {
    const absl::Status status = server->Start();
    EXPECT_TRUE(status.ok()) << status;
    return AddressOf(*server);
  }
};

// Two open dims, or loading would warm up with such runs.
std::string Slow(int delay_us) {
  return fmt::format("input x FP32 -1,-1\noutput y FP32 -1,-1\nop add 1\ndelay_us {}\n", delay_us);
}

void ExpectRefused(const absl::Status& status, std::string_view text) {
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(std::string(text)));
}

TEST_F(EmbeddedServer, ServesAModelADirectoryOfModelsAndAConfiguration) {
  Put("models/one/one.fake", Add(1));
  Put("models/two/two.fake", Add(2));
  Put("models.yaml", "schema: 1\nmodels:\n  - {path: models/one, name: uno}\n  - path: models/two\n");
  const auto model = Of(root_ / "models" / "one" / "one.fake");
  const auto directory = Of(root_ / "models");
  const auto config = Of(root_ / "models.yaml");
  EXPECT_EQ(Added(MustStart(model.get()), "one"), 1);
  EXPECT_EQ(Added(MustStart(directory.get()), "two"), 2);
  EXPECT_EQ(Added(MustStart(config.get()), "uno"), 1);
  EXPECT_THAT(model->ModelNames(), ElementsAre("one"));
  EXPECT_THAT(directory->ModelNames(), ElementsAre("one", "two"));
  EXPECT_THAT(config->ModelNames(), ElementsAre("two", "uno"));
}

TEST_F(EmbeddedServer, PathsMeanWhatTheyMeantWhenItWasMade) {
  Put("m/m.fake", Add(1));
  Put("n/n.fake", Add(2));
  const fs::path before = fs::current_path();
  fs::current_path(root_);
  const auto of_path = Of("m");
  ServerSource source;
  source.text = "schema: 1\nmodels: [{path: n}]\n";
  auto of_text = Create(source);
  fs::current_path(before);
  ASSERT_TRUE(of_text.ok()) << of_text.status();
  EXPECT_EQ(Added(MustStart(of_path.get()), "m"), 1);
  EXPECT_EQ(Added(MustStart(of_text->get()), "n"), 2);
}

TEST_F(EmbeddedServer, WrongTextNamesLineAndKey) {
  ServerSource source;
  source.text = "schema: 1\nmodels:\n  - path: m\n    execution: 1\n";
  const absl::Status status = Create(source).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status), "the configuration:4:5: unknown key 'execution'; did you mean 'executions'?");
}

TEST_F(EmbeddedServer, WantsOnePlaceThatSaysWhatToServe) {
  EXPECT_EQ(Create({}).status().code(), absl::StatusCode::kInvalidArgument);
  ServerSource both;
  both.path = Put("m.fake", Add(1));
  both.text = "";
  EXPECT_EQ(Create(both).status().code(), absl::StatusCode::kInvalidArgument);
  for (const char* name : {"none", "none.yaml"}) {
    ServerSource none;
    none.path = root_ / name;
    const absl::Status status = Create(none).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr((root_ / name).string()));
  }
}

TEST_F(EmbeddedServer, WhatItsCallerSaysGoesBeforeTheConfiguration) {
  Put("m.fake", Add(1));
  const auto server = OfText("  - path: m.fake\n", "http: \"192.0.2.1:1\"\n");
  EXPECT_THAT(std::string(MustStart(server.get())), StartsWith("127.0.0.1:"));
}

TEST_F(EmbeddedServer, EachStepIsTakenOnceAndInOrder) {
  Put("m.fake", Add(1));
  const auto server = Of(root_ / "m.fake");
  for (const absl::Status& status : {server->address().status(), server->Drain(), server->Stop()}) {
    ExpectRefused(status, "not started");
  }
  const std::string_view address = MustStart(server.get());
  EXPECT_EQ(address.data()[address.size()], '\0');
  ExpectRefused(server->Start(), "started already");
  EXPECT_EQ(Added(address, "m"), 1);
  EXPECT_TRUE(server->Drain().ok());
  EXPECT_TRUE(server->Drain(milliseconds(0)).ok());
  EXPECT_EQ(StatusOf(address, "/v2/health/ready"), 400);
  EXPECT_EQ(Ask(address, InferText("m")).status, 503);
  EXPECT_TRUE(server->Stop().ok());
  for (const absl::Status& status : {server->address().status(), server->Drain(), server->Stop(), server->Start()}) {
    ExpectRefused(status, "stopped");
  }
  EXPECT_THAT(server->ModelNames(), IsEmpty());
}

TEST_F(EmbeddedServer, StartThatFailsLeavesItStoppedAndNoThread) {
  Put("sleeps.fake", Add(1, "fail_load UNAVAILABLE the disk is asleep\n"));
  Put("slow.fake", Add(1, "load_delay_us 600000000\n"));  // ten minutes: a port in use must not cost that
  const auto other = Of(Put("m.fake", Add(1)));
  const std::string taken(MustStart(other.get()));
  const std::set<std::string> before = Threads();

  const auto fails = Of(root_ / "sleeps.fake");
  const absl::Status asleep = fails->Start();
  EXPECT_EQ(asleep.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(asleep)), HasSubstr("the disk is asleep"));

  ServerSource source;
  source.path = root_ / "slow.fake";
  source.http = taken;
  const auto in_use = Create(source);
  ASSERT_TRUE(in_use.ok()) << in_use.status();
  const absl::Status refused = (*in_use)->Start();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(MessageOf(refused)), HasSubstr(fmt::format("'{}': the port is in use", taken)));

  EXPECT_TRUE(WaitUntil([&] { return Threads() == before; })) << Threads().size() << " of " << before.size();
  ExpectRefused(fails->Start(), "stopped");
  ExpectRefused((*in_use)->Start(), "stopped");
  EXPECT_EQ(Added(taken, "m"), 1);
}

TEST_F(EmbeddedServer, DrainWaitsForWhatIsUnderWay) {
  const auto server = Of(Put("m.fake", Slow(1'000'000)));
  const std::string_view address = MustStart(server.get());
  Conversation conversation(address);
  Begin(&conversation, address, "m");
  const absl::Status soon = server->Drain(milliseconds(1));
  EXPECT_EQ(soon.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(MessageOf(soon), "requests that are not answered yet: 1");
  const absl::Status status = server->Drain();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_TRUE(server->Stop().ok());
  const std::string answer = conversation.ReadToTheEnd();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("\"data\":[1"));
}

TEST_F(EmbeddedServer, StopEndsWhatIsUnderWay) {
  const std::set<std::string> before = Threads();
  auto server = OfText(fmt::format("  - {{path: {}, executions: 1}}\n", Put("m.fake", Slow(600'000'000)).string()));
  const std::string_view address = MustStart(server.get());
  Conversation runs(address);
  Conversation waits(address);
  Begin(&runs, address, "m");
  Begin(&waits, address, "m");
  server.reset();  // which stops it
  // An end, or the word that it was cancelled, as far as that still went out.
  EXPECT_THAT(runs.ReadToTheEnd(), Not(StartsWith("HTTP/1.1 200")));
  EXPECT_THAT(waits.ReadToTheEnd(), Not(StartsWith("HTTP/1.1 200")));
  EXPECT_TRUE(WaitUntil([&] { return Threads() == before; })) << Threads().size() << " of " << before.size();
}

TEST_F(EmbeddedServer, WhoHangsUpIsNotComputedFor) {
  Put("m.fake", Slow(600'000'000));  // ten minutes: what is not cancelled lasts longer than the test
  const auto server = OfText("  - {path: m.fake, executions: 1}\n");
  const std::string_view address = MustStart(server.get());
  const auto cancelled = [&] { return Statistic(address, "m", "cancelled"); };
  auto runs = std::make_unique<Conversation>(address);
  Begin(runs.get(), address, "m");
  auto closes = std::make_unique<Conversation>(address);
  auto resets = std::make_unique<Conversation>(address);
  Conversation listens(address);
  for (Conversation* const waits : {closes.get(), resets.get(), &listens}) Begin(waits, address, "m");
  closes.reset();
  EXPECT_TRUE(WaitUntil([&] { return cancelled() == "1"; }));
  resets->EndWithReset();
  resets.reset();
  EXPECT_TRUE(WaitUntil([&] { return cancelled() == "2"; }));
  listens.SayNoMore();
  EXPECT_TRUE(WaitUntil([&] { return cancelled() == "3"; }));
  EXPECT_THAT(listens.ReadToTheEnd(), StartsWith("HTTP/1.1 499 Client Closed Request\r\n"));
  EXPECT_EQ(Statistic(address, "m", "waiting"), "0");
  runs.reset();  // the engine can stop a run
  EXPECT_TRUE(WaitUntil([&] { return cancelled() == "4"; }));
  EXPECT_EQ(Statistic(address, "m", "inference_count"), "0");
  EXPECT_TRUE(server->Drain().ok());
}

TEST_F(EmbeddedServer, WhoHasSentAheadAndHangsUpIsNotComputedForEither) {
  Put("m.fake", Slow(600'000'000));
  const auto server = OfText("  - {path: m.fake, executions: 1}\n", "http_threads: 2\n");
  const std::string_view address = MustStart(server.get());
  auto client = std::make_unique<Conversation>(address);
  client->Send(InferText("m") + InferText("m") + InferText("m"));
  client.reset();
  EXPECT_TRUE(WaitUntil([&] { return Statistic(address, "m", "cancelled") == "1"; }));
  // The requests behind it are dropped with the connection.
  const auto connections = [&] { return Ask(address, RequestText("GET", "/metrics")).body; };
  EXPECT_TRUE(WaitUntil([&] { return connections().find("oarlock_http_connections 1\n") != std::string::npos; }));
  EXPECT_EQ(Statistic(address, "m", "cancelled"), "1");
}

TEST_F(EmbeddedServer, WhoSendsAheadAndStaysGetsEveryAnswer) {
  Put("m.fake", Slow(250'000));  // longer than until it is looked at again
  Put("quick.fake", Add(2));
  Put("slow.fake", Slow(600'000'000));
  const auto server = OfText(
      "  - {path: m.fake, executions: 1}\n  - {path: quick.fake, inline: never}\n  - {path: slow.fake, executions: "
      "1}\n",
      "http_threads: 2\n");
  const std::string_view address = MustStart(server.get());
  {
    Conversation client(address);
    for (const char* model : {"m", "m", "quick", "quick", "m"}) client.Send(InferText(model));
    for (const int added : {1, 1, 2, 2, 1}) {
      const std::string answer = client.ReadAnswer();
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
      EXPECT_THAT(answer, HasSubstr(fmt::format("\"data\":[{}", added)));
    }
    client.Send(InferText("slow"));
  }
  EXPECT_TRUE(WaitUntil([&] { return Statistic(address, "slow", "cancelled") == "1"; }));
  EXPECT_EQ(Statistic(address, "m", "inference_count"), "3");
}

TEST_F(EmbeddedServer, StopWaitsForRunsOfAVersionThatIsNoLongerServed) {
  const fs::path model = Put("m.fake", Slow(2'000'000));
  const auto server = OfText("  - path: m.fake\n", "watch_ms: 5\n");
  const std::string_view address = MustStart(server.get());
  Conversation conversation(address);
  Begin(&conversation, address, "m");
  Put("m.fake", Add(2));
  ASSERT_TRUE(WaitUntil([&] { return lines().size() >= 2; }));
  EXPECT_EQ(Added(address, "m"), 2);
  EXPECT_TRUE(server->Stop().ok());
  EXPECT_THAT(conversation.ReadToTheEnd(), IsEmpty());
}

TEST_F(EmbeddedServer, FollowsItsFilesAndSaysSo) {
  Put("models/m/1/m.fake", Add(1));
  ServerSource source;
  source.path = root_ / "models";
  source.adjust = [](ModelsConfig* config) {
    config->watch_ms = 5;
    return absl::OkStatus();
  };
  auto server = Create(source);
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string_view address = MustStart(server->get());
  EXPECT_EQ(Added(address, "m"), 1);
  Put("models/m/2/m.fake", Add(2));
  ASSERT_TRUE(WaitUntil([&] { return lines().size() >= 2; }));
  EXPECT_EQ(Added(address, "m"), 2);
  EXPECT_THAT(lines(),
              ElementsAre("1: model 'm': version 2 is served now", "1: model 'm': version 1 is not served any more"));
  // A directory that has gone is a mistake, not a wish.
  fs::rename(root_ / "models", root_ / "moved");
  ASSERT_TRUE(WaitUntil([&] { return lines().size() >= 3; }));
  EXPECT_THAT(lines()[2], StartsWith("3: nothing is changed: there is no model in '"));
  EXPECT_EQ(Added(address, "m"), 2);
}

TEST_F(EmbeddedServer, ClientsChangeItsModelsWhereTheConfigurationLetsThem) {
  Put("m.fake", Add(1));
  const auto kept = OfText("  - path: m.fake\n");
  std::string_view address = MustStart(kept.get());
  const std::string unload = RequestText("POST", "/v2/repository/models/m/unload");
  EXPECT_EQ(Ask(address, unload).status, 503);
  EXPECT_EQ(Added(address, "m"), 1);
  const auto changed = OfText("  - path: m.fake\n", "model_control: explicit\nwatch_ms: 0\n");
  address = MustStart(changed.get());
  EXPECT_EQ(Ask(address, unload).status, 200);
  EXPECT_EQ(Added(address, "m"), -1);
  EXPECT_THAT(changed->ModelNames(), IsEmpty());
  Put("m.fake", Add(2));
  EXPECT_EQ(Ask(address, RequestText("POST", "/v2/repository/models/m/load")).status, 200);
  EXPECT_EQ(Added(address, "m"), 2);
  EXPECT_THAT(lines(), ElementsAre("1: model 'm': version 1 is not served any more, as a client asked",
                                   "1: model 'm': version 1 is served now, as a client asked"));
}

TEST_F(EmbeddedServer, CannotBeStoppedByItsLogOfWhatAClientAsked) {
  Put("m.fake", Add(1));
  ServerSource source;
  source.path = root_ / "m.fake";
  source.http = "127.0.0.1:0";
  source.adjust = [](ModelsConfig* config) {
    config->model_control = true;
    return absl::OkStatus();
  };
  std::atomic<Server*> itself{nullptr};
  absl::Status status;
  auto server = Server::Create(source, &runtime_, [&](LogLevel, std::string_view) {
    if (itself != nullptr) status = itself.load()->Stop();
  });
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string_view address = MustStart(server->get());
  itself = server->get();
  EXPECT_EQ(Ask(address, RequestText("POST", "/v2/repository/models/m/unload")).status, 200);
  ExpectRefused(status, "from within its log");
  itself = nullptr;
}

TEST_F(EmbeddedServer, CannotBeStoppedByItsOwnLog) {
  Put("m.fake", Add(1));
  ServerSource source;
  source.path = root_ / "m.fake";
  source.http = "127.0.0.1:0";
  source.adjust = [](ModelsConfig* config) {
    config->watch_ms = 5;
    return absl::OkStatus();
  };
  std::atomic<Server*> itself{nullptr};
  absl::Status status;
  std::atomic<bool> told{false};
  auto server = Server::Create(source, &runtime_, [&](LogLevel, std::string_view) {
    if (told || itself == nullptr) return;
    status = itself.load()->Stop();
    told = true;
  });
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string_view address = MustStart(server->get());
  itself = server->get();
  Put("m.fake", Add(2));
  ASSERT_TRUE(WaitUntil([&] { return told.load(); }));
  ExpectRefused(status, "from within its log");
  EXPECT_EQ(Added(address, "m"), 2);
  EXPECT_TRUE((*server)->Stop().ok());
}

TEST_F(EmbeddedServer, WarnsOfAnAddressThatOthersReach) {
  Put("m.fake", Add(1));
  const auto server = Of(root_ / "m.fake");
  MustStart(server.get());
  EXPECT_THAT(lines(), IsEmpty());
  ServerSource source;
  source.path = root_ / "m.fake";
  source.http = "0.0.0.0:0";
  auto open = Create(source);
  ASSERT_TRUE(open.ok()) << open.status();
  const std::string_view address = MustStart(open->get());
  EXPECT_THAT(lines(),
              ElementsAre(fmt::format(
                  "2: listening on {} without access control; whoever reaches it may use the models", address)));
}

TEST_F(EmbeddedServer, LeavesSignalsToItsHost) {
  sigset_t mask_before;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask_before);
  const std::set<std::string> before = Threads();
  const auto server = OfText(fmt::format("  - path: {}\n", Put("m.fake", Add(1)).string()), "http_threads: 2\n");
  const std::string_view address = MustStart(server.get());
  EXPECT_EQ(Added(address, "m"), 1);
  int threads = 0;
  for (const std::string& thread : Threads()) {
    if (before.contains(thread)) continue;
    ++threads;
    std::ifstream file(fmt::format("/proc/self/task/{}/status", thread));
    uint64_t blocked = 0;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("SigBlk:")) blocked = std::stoull(line.substr(7), nullptr, 16);
    }
    for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGURG, SIGPROF, SIGPIPE, SIGCHLD, SIGUSR1}) {
      EXPECT_NE(blocked & (uint64_t{1} << (number - 1)), 0u) << "signal " << number << " of thread " << thread;
    }
  }
  EXPECT_GE(threads, 4);  // two of HTTP, the watcher, the one that frees old versions
  EXPECT_TRUE(server->Stop().ok());
  sigset_t mask_after;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask_after);
  for (int number = 1; number < 32; ++number) {
    EXPECT_EQ(sigismember(&mask_before, number), sigismember(&mask_after, number)) << number;
    if (number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGABRT) continue;  // a sanitizer's
    struct sigaction action {};
    ASSERT_EQ(::sigaction(number, nullptr, &action), 0);
    EXPECT_EQ(action.sa_handler, SIG_DFL) << number;
  }
}

TEST_F(EmbeddedServer, SeveralShareOneRuntime) {
  const auto one = Of(Put("one.fake", Add(1)));
  const auto two = Of(Put("two.fake", Add(2)));
  const std::string_view first = MustStart(one.get());
  const std::string_view second = MustStart(two.get());
  EXPECT_EQ(Added(first, "one"), 1);
  EXPECT_TRUE(one->Stop().ok());
  EXPECT_EQ(Added(second, "two"), 2);
}

}  // namespace
}  // namespace oarlock
