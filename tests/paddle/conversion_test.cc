// A Paddle model's way through the cache: made once, found again, made anew if it is damaged, and made all the same
// where nothing can be kept.
#include "model/conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "base/status.h"
#include "engine_run.h"
#include "model/conversion_cache.h"
#include "model/model_files.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Outcome {
  absl::Status status;
  std::string onnx;
  bool from_cache = false;
  std::vector<std::string> warnings;
};

class ConversionTest : public ScratchModel {
 protected:
  static fs::path Lenet() {
    return fs::path(OARLOCK_SOURCE_DIR) / "tests/models/paddle_architectures/lenet/pir33.json";
  }

  Outcome Convert(const fs::path& model, const fs::path& cache_dir) {
    Outcome outcome;
    const auto files = FindModel(model);
    auto content = files.ok() ? ReadModel(*files, Limits()) : files.status();
    outcome.status = content.status();
    if (!content.ok()) return outcome;
    ConversionOptions options;
    options.cache_dir = cache_dir;
    options.importer_path = OARLOCK_BUILD_DIR "/lib/oarlock/liboarlock_importer.so";
    outcome.status = ConvertToOnnx(options, &*content, &outcome.warnings);
    if (!outcome.status.ok()) return outcome;
    const auto bytes = content->onnx->model;
    outcome.onnx.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    outcome.from_cache = content->onnx->from_cache;
    return outcome;
  }
  Outcome Convert() { return Convert(Lenet(), cache()); }
  fs::path cache() const { return root_ / "cache"; }
  std::vector<CacheEntry> Entries() const { return *ConversionCache(cache()).List(); }
};

TEST_F(ConversionTest, TheSecondTimeNothingIsMade) {
  const Outcome first = Convert();
  ASSERT_TRUE(first.status.ok()) << first.status;
  EXPECT_FALSE(first.from_cache);
  EXPECT_THAT(first.warnings, IsEmpty());
  const Outcome second = Convert();
  EXPECT_TRUE(second.from_cache);
  EXPECT_EQ(second.onnx, first.onnx);
  ASSERT_THAT(Entries(), SizeIs(1));
  EXPECT_EQ(Entries()[0].source, Lenet().string());
}

TEST_F(ConversionTest, OtherWeightsAreAnotherEntry) {
  fs::copy(Lenet(), root_ / "net.json");
  fs::copy(fs::path(Lenet()).replace_extension(".pdiparams"), root_ / "net.pdiparams");
  ASSERT_TRUE(Convert(root_ / "net.json", cache()).status.ok());
  EXPECT_FALSE(Convert(root_ / "net.json", cache()).onnx.empty());
  std::fstream weights(root_ / "net.pdiparams", std::ios::in | std::ios::out | std::ios::binary);
  weights.seekp(-1, std::ios::end);
  weights.put('?');
  weights.close();
  const Outcome other = Convert(root_ / "net.json", cache());
  ASSERT_TRUE(other.status.ok()) << other.status;
  EXPECT_FALSE(other.from_cache);
  EXPECT_THAT(Entries(), SizeIs(2));
}

TEST_F(ConversionTest, ADamagedEntryIsMadeAnew) {
  const Outcome first = Convert();
  const fs::path kept = cache() / (Entries()[0].key + ".onnx");
  fs::resize_file(kept, first.onnx.size() / 2);
  const Outcome second = Convert();
  ASSERT_TRUE(second.status.ok()) << second.status;
  EXPECT_FALSE(second.from_cache);
  EXPECT_EQ(second.onnx, first.onnx);
  ASSERT_THAT(second.warnings, SizeIs(1));
  EXPECT_THAT(second.warnings[0], HasSubstr("is damaged and is made anew"));
  EXPECT_TRUE(Convert().from_cache);
}

TEST_F(ConversionTest, WithoutACacheItIsMadeInMemory) {
  const Outcome none = Convert(Lenet(), "none");
  ASSERT_TRUE(none.status.ok()) << none.status;
  EXPECT_THAT(none.warnings, IsEmpty());
  // Nothing can be made in /proc, whoever asks.
  const Outcome read_only = Convert(Lenet(), "/proc/oarlock");
  ASSERT_TRUE(read_only.status.ok()) << read_only.status;
  EXPECT_EQ(read_only.onnx, none.onnx);
  ASSERT_THAT(read_only.warnings, SizeIs(1));
  EXPECT_THAT(read_only.warnings[0], HasSubstr("cannot make the cache directory '/proc/oarlock'"));
}

// Cut off, made longer and put in place anew while it is read: what is loaded is one of the whole ones, or nothing.
TEST_F(ConversionTest, AFileThatChangesWhileLoadingIsReadWholeOrRefused) {
  fs::copy(Lenet(), root_ / "net.json");
  const std::string good = TextOf(fs::path(Lenet()).replace_extension(".pdiparams"));
  const fs::path weights = Put("net.pdiparams", good);
  const std::string expected = Convert(root_ / "net.json", "none").onnx;
  ASSERT_FALSE(expected.empty());
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (size_t round = 0; !done; ++round) {
      std::error_code ignored;
      fs::resize_file(weights, good.size() - round % good.size(), ignored);
      fs::resize_file(weights, good.size() + 1 + round % 100, ignored);
      std::ofstream(root_ / "fresh", std::ios::binary) << good;
      fs::rename(root_ / "fresh", weights, ignored);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  int loaded = 0;
  int refused = 0;
  for (int round = 0; round < 300; ++round) {
    const Outcome outcome = Convert(root_ / "net.json", "none");
    if (outcome.status.ok()) {
      ++loaded;
      EXPECT_EQ(outcome.onnx, expected);
    } else {
      ++refused;
      EXPECT_FALSE(MessageOf(outcome.status).empty());
    }
  }
  done = true;
  writer.join();
  EXPECT_GT(loaded, 0);
  std::printf("%d loaded, %d refused\n", loaded, refused);
}

// As weights of more than 1 GiB are: the file is named by the model, checked when it is read, and lent to the engine.
TEST_F(ConversionTest, WeightsMayLieInAFileOfTheirOwn) {
  const auto files = FindModel(Lenet());
  ASSERT_TRUE(files.ok()) << files.status();
  ConversionOptions options;
  options.cache_dir = cache();
  options.importer_path = OARLOCK_BUILD_DIR "/lib/oarlock/liboarlock_importer.so";
  options.inline_bytes_max = 1000;
  for (const bool from_cache : {false, true}) {
    auto content = ReadModel(*files, Limits());
    ASSERT_TRUE(content.ok()) << content.status();
    std::vector<std::string> warnings;
    const absl::Status status = ConvertToOnnx(options, &*content, &warnings);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(content->onnx->from_cache, from_cache);
    EXPECT_LT(content->onnx->model.size(), 10'000u);
    EXPECT_GT(content->onnx->data.size(), 20'000u);
    EXPECT_FALSE(content->constants.empty());
    for (const ModelConstant& constant : content->constants) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(constant.view.data) % 64, 0u) << constant.name;
    }
    const Fixture fixture = ReadFixture("paddle_architectures", "lenet", "pir33");
    for (const std::string& engine : EnginesOfThisBuild()) {
      const absl::Status run = RunOn(engine, content->source(), fixture);
      EXPECT_TRUE(run.ok()) << engine << ": " << run;
    }
  }
}

TEST_F(ConversionTest, ManyWhoAskAtOnceMakeItOnce) {
  constexpr int kProcesses = 3;
  constexpr int kThreads = 3;
  std::vector<pid_t> children;
  for (int process = 0; process < kProcesses; ++process) {
    const pid_t child = ::fork();
    if (child == 0) {
      std::atomic<int> made{0};
      std::atomic<int> failed{0};
      std::vector<std::thread> threads;
      for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
          const Outcome outcome = Convert();
          if (!outcome.status.ok() || !outcome.warnings.empty()) ++failed;
          if (!outcome.from_cache) ++made;
        });
      }
      for (std::thread& thread : threads) thread.join();
      ::_exit(failed > 0 ? 100 : made.load());
    }
    children.push_back(child);
  }
  int made = 0;
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    made += WEXITSTATUS(status);
  }
  EXPECT_EQ(made, 1);
  EXPECT_TRUE(Convert().from_cache);
}

}  // namespace
}  // namespace oarlock
