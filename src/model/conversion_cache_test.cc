#include "model/conversion_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "base/status.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string KeyOf(char digit) { return std::string(64, digit); }

std::span<const std::byte> BytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

class ConversionCacheTest : public ScratchModel {
 protected:
  ConversionCacheTest() : cache_(root_ / "cache") { EXPECT_TRUE(cache_.Prepare().ok()); }

  absl::Status Write(const std::string& key, std::string_view model = "a model", std::string_view data = "") {
    CacheEntry entry;
    entry.key = key;
    entry.source = "/models/\"net\".json";
    entry.identity = "1234";
    entry.opset = 17;
    return cache_.Write(entry, BytesOf(model), BytesOf(data));
  }
  std::string Damage(const std::string& key) { return std::string(MessageOf(cache_.Read(key, Limits()).status())); }
  std::vector<std::string> Names() { return *ListDirectory(cache_.directory()); }

  ConversionCache cache_;
};

TEST_F(ConversionCacheTest, GivesBackWhatWasWritten) {
  ASSERT_TRUE(Write(KeyOf('a'), "a model", "and weights").ok());
  const auto read = cache_.Read(KeyOf('a'), Limits());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->model.text(), "a model");
  EXPECT_EQ(read->data.text(), "and weights");
  EXPECT_EQ(read->model_path, cache_.directory() / (KeyOf('a') + ".onnx"));
  EXPECT_EQ(read->entry.source, "/models/\"net\".json");
  EXPECT_EQ(read->entry.identity, "1234");
  EXPECT_EQ(read->entry.opset, 17);
  EXPECT_EQ(read->entry.data_bytes, 11);
  EXPECT_EQ(cache_.Read(KeyOf('b'), Limits()).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ConversionCacheTest, DamageIsFoundWhereverItIs) {
  for (const std::string suffix : {".onnx", ".onnx.data", ".json"}) {
    ASSERT_TRUE(Write(KeyOf('a'), "a model", "and weights").ok());
    const fs::path path = cache_.directory() / (KeyOf('a') + suffix);
    const std::string whole(ReadFile(path, 1000)->text());
    for (const std::string& damaged :
         {whole.substr(0, whole.size() / 2), std::string(whole.size(), '#'), std::string()}) {
      std::ofstream(path, std::ios::binary | std::ios::trunc) << damaged;
      EXPECT_EQ(cache_.Read(KeyOf('a'), Limits()).status().code(), absl::StatusCode::kDataLoss) << suffix;
      EXPECT_THAT(Damage(KeyOf('a')), HasSubstr(path.string()));
    }
    fs::remove(path);
    const auto gone = cache_.Read(KeyOf('a'), Limits()).status().code();
    EXPECT_EQ(gone, suffix == ".json" ? absl::StatusCode::kNotFound : absl::StatusCode::kDataLoss) << suffix;
  }
}

// A limit on the size of files stands for a full disk: the write is cut off in the middle.
TEST_F(ConversionCacheTest, AFullDiskLeavesNoEntry) {
  ASSERT_TRUE(Write(KeyOf('a'), "old").ok());
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const absl::Status fresh = Write(KeyOf('b'), std::string(10'000, 'x'));
  const absl::Status again = Write(KeyOf('a'), "new", std::string(10'000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_FALSE(fresh.ok());
  EXPECT_THAT(std::string(MessageOf(fresh)), HasSubstr("cannot write"));
  EXPECT_FALSE(again.ok());
  EXPECT_EQ(cache_.Read(KeyOf('a'), Limits()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(cache_.Read(KeyOf('b'), Limits()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(ConversionCacheTest, OneAtATimeMakesAnEntry) {
  {
    const auto held = cache_.Lock(KeyOf('a'), milliseconds(0));
    ASSERT_TRUE(held.ok()) << held.status();
    const auto refused = cache_.Lock(KeyOf('a'), milliseconds(20));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_TRUE(cache_.Lock(KeyOf('b'), milliseconds(0)).ok());
  }
  EXPECT_TRUE(cache_.Lock(KeyOf('a'), milliseconds(0)).ok());
}

TEST_F(ConversionCacheTest, ClearingLeavesStrangersAlone) {
  ASSERT_TRUE(Write(KeyOf('a'), "a model", "and weights").ok());
  ASSERT_TRUE(Write(KeyOf('b')).ok());
  ASSERT_TRUE(cache_.Lock(KeyOf('a'), milliseconds(0)).ok());
  Put("cache/" + KeyOf('c') + ".onnx.tmp-12-0", "half");  // of a process that ended while it wrote
  Put("cache/notes.txt", "mine");
  Put("cache/" + KeyOf('d') + ".onnx.bak", "mine too");
  const auto entries = cache_.List();
  ASSERT_TRUE(entries.ok()) << entries.status();
  ASSERT_THAT(*entries, SizeIs(2));
  EXPECT_EQ((*entries)[0].key, KeyOf('a'));
  const auto cleared = cache_.Clear();
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_EQ(cleared->first, 2u);
  EXPECT_GT(cleared->second, 7 + 11 + 7 + 4);
  EXPECT_THAT(Names(), ElementsAre(KeyOf('d') + ".onnx.bak", "notes.txt"));
  EXPECT_THAT(*cache_.List(), IsEmpty());
}

TEST_F(ConversionCacheTest, ADirectoryThatOthersMayWriteInIsNotUsed) {
  ASSERT_EQ(::chmod(cache_.directory().c_str(), 0777), 0);
  const absl::Status status = cache_.Prepare();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("chmod 700"));
  ASSERT_EQ(::chmod(cache_.directory().c_str(), 0700), 0);
  EXPECT_TRUE(cache_.Prepare().ok());
  Put("file", "");
  EXPECT_FALSE(ConversionCache(root_ / "file").Prepare().ok());
  EXPECT_FALSE(ConversionCache(root_ / "file" / "below").Prepare().ok());
}

TEST_F(ConversionCacheTest, ANewDirectoryIsTheUsersAlone) {
  const ConversionCache fresh(root_ / "not" / "yet" / "there");
  EXPECT_THAT(*fresh.List(), IsEmpty());
  EXPECT_EQ(fresh.Clear()->first, 0u);
  ASSERT_TRUE(fresh.Prepare().ok());
  struct stat info;
  ASSERT_EQ(::stat(fresh.directory().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

}  // namespace
}  // namespace oarlock
