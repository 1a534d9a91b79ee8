// A Paddle model's way through the cache: made once, found again, made anew if it is damaged, and made all the same
// where nothing can be kept.
#include "model/conversion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "base/status.h"
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
