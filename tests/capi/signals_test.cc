// Threads that the library and its engines make never take a signal that is meant for the host program, and do not grow
// with the threads that call. Go preempts with SIGURG and profiles with SIGPROF.
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <thread>

#include <unistd.h>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

std::set<std::string> Threads() {
  std::set<std::string> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    threads.insert(entry.path().filename());
  }
  return threads;
}

struct ThreadStatus {
  std::string name;
  uint64_t blocked = 0;
};

ThreadStatus StatusOf(const std::string& thread) {
  ThreadStatus status;
  std::ifstream file("/proc/self/task/" + thread + "/status");
  for (std::string key; file >> key;) {
    if (key == "Name:") file >> status.name;
    if (key == "SigBlk:") file >> std::hex >> status.blocked;
    file.ignore(4096, '\n');
  }
  return status;
}

bool Blocks(const ThreadStatus& status, int signal) { return (status.blocked >> (signal - 1) & 1) != 0; }

// The threads once none of them is being born or is ending, or after a second: those block every signal, and one that
// has been joined is in the list for a moment yet.
std::set<std::string> SettledThreads() {
  const auto passing = [](const std::string& thread) { return Blocks(StatusOf(thread), SIGSEGV); };
  std::set<std::string> threads = Threads();
  for (int i = 0; i < 1000 && std::any_of(threads.begin(), threads.end(), passing); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    threads = Threads();
  }
  return threads;
}

int64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  int64_t size = 0;
  int64_t resident = 0;
  file >> size >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

struct Case {
  std::string name;
  std::string engine;
  std::string path;
  int32_t threads;
};
void PrintTo(const Case& given, std::ostream* out) { *out << given.name; }

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const int32_t threads : {1, 2}) {
    const std::string suffix = threads == 1 ? "OneThread" : "TwoThreads";
    cases.push_back({"Fake" + suffix, "fake", "fake/add.fake", threads});
#ifdef OARLOCK_HAS_ONNXRUNTIME
    cases.push_back({"OnnxRuntime" + suffix, "onnxruntime", "onnx/relu_1x16.onnx", threads});
#endif
#ifdef OARLOCK_HAS_OPENVINO
    cases.push_back({"OpenVino" + suffix, "openvino", "onnx/relu_1x16.onnx", threads});
#endif
  }
  return cases;
}

class SignalStack : public CApi {};

// First of all tests here: an engine may do it only once in a process.
TEST_F(SignalStack, IsTheThreadsOwnAfterwards) {
  for (const Case& each : Cases()) {
    std::thread([&each] {
      alignas(16) static std::array<char, 65536> memory;
      stack_t own{};
      own.ss_sp = memory.data();
      own.ss_size = memory.size();
      ASSERT_EQ(sigaltstack(&own, nullptr), 0);
      const auto current = [] {
        stack_t now{};
        EXPECT_EQ(sigaltstack(nullptr, &now), 0);
        return now;
      };
      {
        const auto runtime = NewRuntime(2);
        auto options = FakeOptions();
        options.format = OAR_FORMAT_UNKNOWN;
        options.engine = each.engine.c_str();
        Owned<oar_predictor> predictor;
        const std::string path = OARLOCK_SOURCE_DIR "/tests/models/" + each.path;
        ASSERT_TRUE(Ok(oar_predictor_load, runtime.get(), path.c_str(), &options, predictor.out()));
        EXPECT_EQ(current().ss_sp, own.ss_sp) << each.name << " has loaded";
        const auto x = Of<float>({1, 16}, Numbers(16));
        const auto y = Of<float>({1, 16}, std::vector<float>(16));
        const oar_tensor input = x.get();
        oar_tensor output = y.get();
        EXPECT_TRUE(Ok(oar_predictor_infer, predictor.get(), nullptr, &input, size_t{1}, &output, size_t{1}));
        EXPECT_EQ(current().ss_sp, own.ss_sp) << each.name << " has run";
      }
      EXPECT_EQ(current().ss_sp, own.ss_sp) << each.name << " has ended";
      EXPECT_EQ(current().ss_flags, 0) << each.name;
      own.ss_flags = SS_DISABLE;
      EXPECT_EQ(sigaltstack(&own, nullptr), 0);
    }).join();
  }
}

class Signals : public CApi, public testing::WithParamInterface<Case> {};

TEST_P(Signals, ThreadsOfTheLibraryBlockThemAndDoNotGrowWithThoseThatCall) {
  std::thread([] {}).join();  // ThreadSanitizer makes one of its own with the first
  const std::set<std::string> before = Threads();
  const auto runtime = NewRuntime(2);
  auto options = FakeOptions();
  options.format = OAR_FORMAT_UNKNOWN;
  options.engine = GetParam().engine.c_str();
  options.thread_count = GetParam().threads;
  Owned<oar_predictor> predictor;
  const std::string path = OARLOCK_SOURCE_DIR "/tests/models/" + GetParam().path;
  ASSERT_TRUE(Ok(oar_predictor_load, runtime.get(), path.c_str(), &options, predictor.out()));
  const auto x = Of<float>({1, 16}, Numbers(16));
  const auto y = Of<float>({1, 16}, std::vector<float>(16));
  const oar_tensor input = x.get();
  const auto run = [&] {
    oar_code code = -1;
    std::thread([&] {
      oar_tensor output = y.get();
      code = oar_predictor_infer(predictor.get(), nullptr, &input, 1, &output, 1, nullptr);
    }).join();
    return code;
  };
  for (int i = 0; i < 300; ++i) ASSERT_EQ(run(), OAR_OK);
  [[maybe_unused]] const int64_t resident_after_300 = ResidentBytes();
  const size_t threads_after_300 = SettledThreads().size();
  for (int i = 300; i < 1000; ++i) ASSERT_EQ(run(), OAR_OK);
  const int64_t resident_after_1000 = ResidentBytes();

  const std::set<std::string> threads = SettledThreads();
  EXPECT_EQ(threads.size(), threads_after_300);
  int seen = 0;
  for (const std::string& thread : threads) {
    if (before.contains(thread)) continue;
    const ThreadStatus status = StatusOf(thread);
    if (status.name.empty()) continue;  // it has ended meanwhile
    ++seen;
    EXPECT_TRUE(Blocks(status, SIGURG)) << status.name;
    EXPECT_TRUE(Blocks(status, SIGPROF)) << status.name;
    EXPECT_TRUE(Blocks(status, SIGTERM)) << status.name;
    EXPECT_FALSE(Blocks(status, SIGSEGV)) << status.name;
  }
  EXPECT_GE(seen, 3) << "the workers at least: one more than the budget";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  std::printf("the size of the process is not compared: a sanitizer keeps memory of threads that are gone\n");
#else
  std::printf("%s: %d threads of the library, %.1f MB after 300 runs, %.1f MB after 1000\n", GetParam().name.c_str(),
              seen, static_cast<double>(resident_after_300) / 1e6, static_cast<double>(resident_after_1000) / 1e6);
  EXPECT_LE(static_cast<double>(resident_after_1000), 1.02 * static_cast<double>(resident_after_300) + 256e3);
#endif
  EXPECT_EQ(StatusOf(std::to_string(gettid())).blocked & (uint64_t{1} << (SIGURG - 1)), 0U)
      << "the caller's own mask is as it was";
  static_cast<void>(resident_after_1000);
}

INSTANTIATE_TEST_SUITE_P(Engines, Signals, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<Case>& given) { return given.param.name; });

}  // namespace
}  // namespace oarlock::capi_test
