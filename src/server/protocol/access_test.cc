#include "server/protocol/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "base/file.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kInferKey[] = "infer-infer-infer";
constexpr char kReadKey[] = "read-read-read-read";

class AccessTest : public ::testing::Test {
 protected:
  void Write(std::string_view text, mode_t mode = 0600) {
    ASSERT_TRUE(WriteFileAtomic(path_, text).ok());
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  absl::Status Load() {
    warnings_.clear();
    return access_.Load(path_, Limits(), &warnings_);
  }
  void LoadKeys() {
    Write(fmt::format("infer: [{}]\nread: [{}]\n", kInferKey, kReadKey));
    const absl::Status status = Load();
    ASSERT_TRUE(status.ok()) << status;
  }
  absl::StatusCode Admitted(Credentials credentials, AccessGroup group = AccessGroup::kInfer) {
    return access_.Admit(group, credentials).code();
  }
  ~AccessTest() override { fs::remove(path_); }

  const fs::path path_ = fs::path(::testing::TempDir()) /
                         (std::string("oarlock_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::vector<std::string> warnings_;
  Access access_;
};

constexpr auto kOk = absl::StatusCode::kOk;
constexpr auto kNoKey = absl::StatusCode::kUnauthenticated;
constexpr auto kWrongKey = absl::StatusCode::kPermissionDenied;
constexpr auto kDoubt = absl::StatusCode::kInvalidArgument;

TEST_F(AccessTest, IsOpenWithoutKeys) {
  EXPECT_TRUE(access_.is_open());
  for (const AccessGroup group : {AccessGroup::kOpen, AccessGroup::kInfer, AccessGroup::kRead, AccessGroup::kControl}) {
    EXPECT_TRUE(access_.Check(group, std::nullopt).ok());
    EXPECT_TRUE(access_.Check(group, "whatever").ok());
    // What other software takes such headers for is its own affair.
    EXPECT_EQ(Admitted({"Basic a, Bearer b", "x y"}, group), kOk);
  }
}

TEST_F(AccessTest, WantsAKeyOfTheGroup) {
  LoadKeys();
  EXPECT_FALSE(access_.is_open());
  EXPECT_EQ(access_.Check(AccessGroup::kInfer, kInferKey).code(), kOk);
  EXPECT_EQ(access_.Check(AccessGroup::kInfer, kReadKey).code(), kWrongKey);
  EXPECT_EQ(access_.Check(AccessGroup::kInfer, "x").code(), kWrongKey);
  EXPECT_EQ(access_.Check(AccessGroup::kInfer, "").code(), kWrongKey);
  EXPECT_EQ(access_.Check(AccessGroup::kInfer, std::nullopt).code(), kNoKey);
  EXPECT_EQ(access_.Check(AccessGroup::kRead, kReadKey).code(), kOk);
  EXPECT_EQ(access_.Check(AccessGroup::kControl, kReadKey).code(), kWrongKey);
  EXPECT_EQ(access_.Check(AccessGroup::kControl, kInferKey).code(), kWrongKey);
  for (const char* key : {kInferKey, "x"}) EXPECT_EQ(access_.Check(AccessGroup::kOpen, key).code(), kOk);
  EXPECT_EQ(access_.Check(AccessGroup::kOpen, std::nullopt).code(), kOk);
}

TEST_F(AccessTest, DoesNotSayWhetherAKeyIsKnown) {
  LoadKeys();
  EXPECT_EQ(access_.Check(AccessGroup::kInfer, kReadKey), access_.Check(AccessGroup::kInfer, "unknown"));
}

TEST_F(AccessTest, TakesTheKeyFromEitherHeader) {
  LoadKeys();
  const std::string key = kInferKey;
  for (const std::string& good : {"Bearer " + key, "bearer " + key, "BEARER   " + key}) {
    EXPECT_EQ(Admitted({good, std::nullopt}), kOk) << good;
    EXPECT_EQ(Admitted({good, key}), kOk) << good;
    EXPECT_EQ(Admitted({good, ""}), kOk) << good;
    EXPECT_EQ(Admitted({good, "another"}), kDoubt) << good;
  }
  EXPECT_EQ(Admitted({std::nullopt, key}), kOk);
  EXPECT_EQ(Admitted({"Basic dXNlcjpwYXNz", key}), kOk);
  EXPECT_EQ(Admitted({"Digest username=\"a\", realm=\"b\"", key}), kOk);
  EXPECT_EQ(Admitted({std::nullopt, "Bearer " + key}), kDoubt);
  for (const std::string& none :
       {key, std::string("Bearer"), "Bearer" + key, "Basic " + key, "Basic x, Bearer " + key, std::string()}) {
    EXPECT_EQ(Admitted({none, std::nullopt}), kNoKey) << none;
  }
  EXPECT_EQ(Admitted({std::nullopt, std::nullopt}), kNoKey);
  EXPECT_EQ(Admitted({std::nullopt, ""}), kNoKey);
}

// As the parser joins them.
TEST_F(AccessTest, RefusesWhatComesTwice) {
  LoadKeys();
  const std::string key = kInferKey;
  for (const std::string& twice :
       {"Bearer " + key + ", Bearer " + key, "Bearer " + key + ", Basic x", "Bearer " + key + ",",
        "Bearer , Bearer " + key, "Bearer x " + key, "Bearer " + key + "\tx"}) {
    EXPECT_EQ(Admitted({twice, std::nullopt}), kDoubt) << twice;
    EXPECT_EQ(Admitted({twice, key}), kDoubt) << twice;
  }
  for (const std::string& twice : {key + ", " + key, ", " + key, key + ", ", key + " x"}) {
    EXPECT_EQ(Admitted({std::nullopt, twice}), kDoubt) << twice;
    EXPECT_EQ(Admitted({"Bearer " + key, twice}), kDoubt) << twice;
  }
  EXPECT_EQ(Admitted({"Bearer a, Bearer b", "c, d"}, AccessGroup::kOpen), kOk);
}

TEST_F(AccessTest, ABrokenFileLeavesTheKeysAsTheyWere) {
  LoadKeys();
  Write("infer: [short]\n");
  const absl::Status status = Load();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MessageOf(status), path_.string() + ":1:9: a key of 5 bytes; it must have 16 to 512");
  EXPECT_EQ(Admitted({std::nullopt, kInferKey}), kOk);
  fs::remove(path_);
  EXPECT_EQ(Load().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Admitted({std::nullopt, kInferKey}), kOk);
  EXPECT_EQ(Admitted({std::nullopt, "short"}), kWrongKey);
  Write("infer: [another-another-]\n");
  EXPECT_TRUE(Load().ok());
  EXPECT_EQ(Admitted({std::nullopt, kInferKey}), kWrongKey);
  EXPECT_EQ(Admitted({std::nullopt, "another-another-"}), kOk);
}

TEST_F(AccessTest, WarnsOfAFileThatIsOpenToOthers) {
  Write(fmt::format("infer: [{}]\n", kInferKey), 0640);
  EXPECT_TRUE(Load().ok());
  EXPECT_THAT(warnings_, IsEmpty());
  Write(fmt::format("infer: [{}]\n", kInferKey), 0644);
  EXPECT_TRUE(Load().ok());
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], HasSubstr("everybody on this machine may read it"));
  Write(fmt::format("infer: [{}]\n", kInferKey), 0602);
  EXPECT_TRUE(Load().ok());
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], HasSubstr("may change it"));
}

TEST_F(AccessTest, KeysChangeWhileTheyAreAsked) {
  LoadKeys();
  std::atomic<bool> over{false};
  std::atomic<int> refused{0};
  std::thread asking([&] {
    while (!over) refused += !access_.Admit(AccessGroup::kRead, {std::nullopt, kReadKey}).ok();
  });
  for (int i = 0; i < 50; ++i) {
    Write(fmt::format("infer: [changing-{:08}]\nread: [{}]\n", i, kReadKey));
    EXPECT_TRUE(Load().ok());
    EXPECT_EQ(Admitted({std::nullopt, fmt::format("changing-{:08}", i)}), kOk);
  }
  over = true;
  asking.join();
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace oarlock
