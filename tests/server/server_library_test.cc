// The server's shared object as a host has it: the runtime is this program's, the server is the library's, and each has
// a copy of the same code.
#include "capi/server_library.h"

#include <atomic>
#include <cstdio>
#include <future>
#include <sstream>

#include "engine/private_library.h"
#include "runtime/predictor.h"
#include "served_models.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using capi::OpenServerLibrary;
using capi::ServerLibraryPath;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string OutputOf(const std::string& command) {
  std::string text;
  FILE* const pipe = ::popen(command.c_str(), "r");
  char piece[4096];
  while (const size_t size = std::fread(piece, 1, sizeof piece, pipe)) text.append(piece, size);
  EXPECT_EQ(::pclose(pipe), 0) << command;
  return text;
}

class ServerLibrary : public ServedModels {
 protected:
  ServerLibrary() {
    const auto api = OpenServerLibrary();
    EXPECT_TRUE(api.ok()) << api.status();
    api_ = api.ok() ? *api : nullptr;
  }
  void SetUp() override { ASSERT_NE(api_, nullptr); }

  using Handle = std::unique_ptr<Server, void (*)(Server*)>;
  Handle Start(std::string text) {
    ServerSource source;
    source.text = std::move(text);
    source.directory = root_;
    source.http = "127.0.0.1:0";
    auto created = api_->create(source, &runtime_, Log());
    EXPECT_TRUE(created.ok()) << created.status();
    Handle server(created.ok() ? *created : nullptr, api_->destroy);
    const absl::Status status = server == nullptr ? created.status() : api_->start(server.get());
    EXPECT_TRUE(status.ok()) << status;
    return server;
  }
  std::string AddressOf(const Handle& server) {
    const auto address = api_->address(server.get());
    EXPECT_TRUE(address.ok()) << address.status();
    return address.ok() ? *address : "";
  }

  const ServerApi* api_ = nullptr;
};

TEST_F(ServerLibrary, ServesAndAnswers) {
  Put("m.fake", Add(1));
  const Handle server = Start("schema: 1\nmodels: [{path: m.fake}]\n");
  const std::string address = AddressOf(server);
  EXPECT_EQ(StatusOf(address, "/v2/health/ready"), 200);
  EXPECT_EQ(Added(address, "m"), 1);
  EXPECT_TRUE(api_->drain(server.get(), std::nullopt).ok());
  EXPECT_TRUE(api_->stop(server.get()).ok());
  const absl::Status again = api_->start(server.get());
  EXPECT_EQ(again.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(MessageOf(again)), HasSubstr("stopped"));
}

// Queued by the library's code, granted and run by workers that this program has made.
TEST_F(ServerLibrary, RequestsGoThroughTheQueuesOfTheHostsRuntime) {
  Put("batched.fake", Add(1, "delay_us 200\n"));
  Put("alone.fake", Add(2));
  const Handle server = Start(
      "schema: 1\nhttp_threads: 2\nwatch_ms: 5\nmodels:\n"
      "  - {path: batched.fake, inline: never, executions: 2, batching: {max_batch_size: 4, max_delay_us: 500}}\n"
      "  - {path: alone.fake, inline: never}\n");
  const std::string address = AddressOf(server);
  auto predictor = Predictor::Create({}, &runtime_);  // the host's own model
  ASSERT_TRUE(predictor->Load(Put("own.fake", Add(3))).ok());
  std::vector<std::future<int>> clients;
  for (int client = 0; client < 8; ++client) {
    clients.push_back(std::async(std::launch::async, [&, client] {
      int right = 0;
      for (int i = 0; i < 25; ++i) right += Added(address, client % 2 == 0 ? "batched" : "alone") == 1 + client % 2;
      return right;
    }));
  }
  Put("alone.fake", Add(2, "# loaded anew meanwhile\n"));
  const std::vector<float> x(4);
  for (int i = 0; i < 200; ++i) {
    InferenceRequest request;
    request.inputs.push_back(
        RequestInput::Of("x", {DType::kF32, Shape{1, 4}, reinterpret_cast<const std::byte*>(x.data()), 16}));
    std::promise<float> answer;
    const auto id = predictor->InferAsync(std::move(request), [&](absl::Status status, InferenceResponse response) {
      answer.set_value(status.ok() ? response.outputs()[0].view.As<float>()[0] : -1);
    });
    ASSERT_TRUE(id.ok()) << id.status();
    ASSERT_EQ(answer.get_future().get(), 3);
  }
  for (auto& client : clients) EXPECT_EQ(client.get(), 25);
  EXPECT_TRUE(WaitUntil([&] { return lines().size() >= 2; }));
}

TEST_F(ServerLibrary, IsStoppedFromACallbackOfTheHostsOwnModel) {
  Put("m.fake", Add(1, "delay_us 100000\n"));
  const Handle server = Start("schema: 1\nmodels: [{path: m.fake, inline: never}]\n");
  const std::string address = AddressOf(server);
  Conversation conversation(address);
  Begin(&conversation, address, "m");
  auto predictor = Predictor::Create({}, &runtime_);
  ASSERT_TRUE(predictor->Load(Put("own.fake", Add(3))).ok());
  const std::vector<float> x(4);
  InferenceRequest request;
  request.inputs.push_back(
      RequestInput::Of("x", {DType::kF32, Shape{1, 4}, reinterpret_cast<const std::byte*>(x.data()), 16}));
  std::promise<absl::Status> stopped;
  const auto id = predictor->InferAsync(std::move(request), [&](const absl::Status&, const InferenceResponse&) {
    stopped.set_value(api_->stop(server.get()));
  });
  ASSERT_TRUE(id.ok()) << id.status();
  auto future = stopped.get_future();
  ASSERT_EQ(future.wait_for(kLong), std::future_status::ready);
  EXPECT_TRUE(future.get().ok());
}

TEST_F(ServerLibrary, MayBeDestroyedByItsOwnLog) {
  const std::set<std::string> before = Threads();
  ServerSource source;
  source.text = "schema: 1\nwatch_ms: 5\nmodels: [{path: m.fake}]\n";
  source.directory = Put("m.fake", Add(1)).parent_path();
  source.http = "127.0.0.1:0";
  std::atomic<Server*> server{nullptr};
  const auto created = api_->create(source, &runtime_, [&](LogLevel, std::string_view) {
    if (Server* const once = server.exchange(nullptr)) api_->destroy(once);
  });
  ASSERT_TRUE(created.ok()) << created.status();
  ASSERT_TRUE(api_->start(*created).ok());
  server = *created;
  Put("m.fake", Add(2));  // the watcher says so
  ASSERT_TRUE(WaitUntil([&] { return server == nullptr; }));
  EXPECT_TRUE(WaitUntil([&] { return Threads() == before; })) << Threads().size() << " of " << before.size();
}

TEST_F(ServerLibrary, ErrorsAndLinesOfTheLogComeAcross) {
  ServerSource source;
  source.text = "schema: 1\nmodels: {}\n";
  const auto wrong = api_->create(source, &runtime_, Log());
  EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(wrong.status()), "the configuration:2:9: 'models' is a mapping; it must be a list");
  source.text = fmt::format("schema: 1\nmodels: [{{path: {}}}]\n", Put("m.fake", Add(1)).string());
  source.http = "0.0.0.0:0";
  const auto created = api_->create(source, &runtime_, Log());
  ASSERT_TRUE(created.ok()) << created.status();
  const Handle server(*created, api_->destroy);
  EXPECT_EQ(api_->address(server.get()).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(api_->start(server.get()).ok());
  ASSERT_THAT(lines(), SizeIs(1));
  EXPECT_THAT(lines()[0], HasSubstr("2: listening on 0.0.0.0:"));
}

TEST_F(ServerLibrary, AnotherBuildIsRefused) {
  const absl::Status status = OpenServerLibrary(ServerLibraryPath(), "0.0.9-0123456789abcdef").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      MessageOf(status),
      fmt::format("'{}' is of the build {}, and what opens it of 0.0.9-0123456789abcdef; install both from one package",
                  ServerLibraryPath().string(), BuildStamp()));
}

TEST_F(ServerLibrary, OneThatIsMissingOrIsNoneIsRefused) {
  const absl::Status missing = OpenServerLibrary(root_ / "none.so").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(MessageOf(missing)), HasSubstr("none.so', which is missing; install Oarlock anew"));

  const fs::path engine = OARLOCK_BUILD_DIR "/lib/oarlock/engines/liboarlock_engine_fake.so";
  const absl::Status other = OpenServerLibrary(engine).status();
  EXPECT_EQ(other.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(MessageOf(other), fmt::format("'{}' has no oarlock_server_entry", engine.string()));

  fs::copy_file(ServerLibraryPath(), root_ / "half.so");
  fs::resize_file(root_ / "half.so", 20'000);
  const absl::Status half = OpenServerLibrary(root_ / "half.so").status();
  EXPECT_EQ(half.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(MessageOf(half)), HasSubstr("half.so' is cut off"));
}

TEST_F(ServerLibrary, ShowsOneSymbol) {
  std::istringstream shown(
      OutputOf(fmt::format("nm -D --defined-only --format=posix '{}'", ServerLibraryPath().string())));
  std::vector<std::string> names;
  for (std::string line; std::getline(shown, line);) names.push_back(line.substr(0, line.find(' ')));
  EXPECT_THAT(names, ElementsAre("oarlock_server_entry"));
}

// Hash tables are filled by one copy of the code and read by the other: both must hash with the one seed that Abseil's
// own shared objects hold.
TEST_F(ServerLibrary, SharesOneAbseilWithItsHost) {
  const std::string maps = OwnMaps();
  for (const char* name : {"libabsl_hash.so", "libabsl_raw_hash_set.so"}) {
    std::set<std::string> files;
    std::istringstream lines(maps);
    for (std::string line; std::getline(lines, line);) {
      if (const size_t slash = line.find('/');
          slash != std::string::npos && line.find(name, slash) != std::string::npos)
        files.insert(line.substr(slash));
    }
    EXPECT_THAT(files, SizeIs(1)) << name;
    const std::string needed = OutputOf(fmt::format("readelf -d '{}'", ServerLibraryPath().string()));
    EXPECT_THAT(needed, HasSubstr(name));
  }
}

}  // namespace
}  // namespace oarlock
