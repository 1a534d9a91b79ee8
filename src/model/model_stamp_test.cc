#include "model/model_stamp.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

// Where a test writes a file again, it gets another size: its inode and its time may be those it had.
class ModelStamp : public ScratchModel {
 protected:
  void Link(const fs::path& name, const fs::path& target) { fs::create_symlink(target, root_ / name); }
  // A new link that takes the place of `name` in one step.
  void Swap(const fs::path& name, const fs::path& target) {
    fs::create_symlink(target, root_ / "next");
    fs::rename(root_ / "next", root_ / name);
  }
  // Whether the stamp of `path` is another one than at the last look; true at the first.
  bool Changed(const fs::path& path) {
    const auto stamp = StampOf(path);
    EXPECT_TRUE(stamp.ok()) << stamp.status();
    if (!stamp.ok()) return false;
    const bool changed = *stamp != last_;
    last_ = *stamp;
    EXPECT_EQ(*StampOf(path), last_);
    return changed;
  }

 private:
  std::string last_;
};

TEST_F(ModelStamp, EveryChangeBeneathADirectoryShows) {
  Put("m/1/net.onnx", "x");
  Put("m/1/words/labels.txt", "x");
  const fs::path model = root_ / "m";
  EXPECT_TRUE(Changed(model));
  EXPECT_FALSE(Changed(model));
  Put("m/1/net.onnx", "xy");  // another size
  EXPECT_TRUE(Changed(model));
  Put("m/next", "xz");
  fs::rename(root_ / "m/next", model / "1/net.onnx");  // another file of the same size
  EXPECT_TRUE(Changed(model));
  const timespec times[] = {{5, 0}, {5, 1}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (model / "1/net.onnx").c_str(), times, 0), 0);
  EXPECT_TRUE(Changed(model));
  const timespec later[] = {{5, 0}, {5, 2}};  // by a nanosecond
  ASSERT_EQ(::utimensat(AT_FDCWD, (model / "1/net.onnx").c_str(), later, 0), 0);
  EXPECT_TRUE(Changed(model));
  Put("m/1/words/labels.txt", "xy");
  EXPECT_TRUE(Changed(model));
  fs::create_directory(model / "2");
  EXPECT_TRUE(Changed(model));
  Put("m/2/net.onnx", "x");
  EXPECT_TRUE(Changed(model));
  fs::rename(model / "2", model / "3");
  EXPECT_TRUE(Changed(model));
  fs::remove(model / "1/words/labels.txt");
  EXPECT_TRUE(Changed(model));
  fs::remove_all(model / "3");
  EXPECT_TRUE(Changed(model));
}

TEST_F(ModelStamp, WhatComesAndGoesBetweenTwoLooksDoesNotShow) {
  Put("m/net.onnx", "x");
  EXPECT_TRUE(Changed(root_ / "m"));
  Put("m/tmp", "x");
  fs::remove(root_ / "m/tmp");
  EXPECT_FALSE(Changed(root_ / "m"));
}

TEST_F(ModelStamp, ALinkThatLeadsElsewhereNowShows) {
  Put("a/net.onnx", "x");
  fs::create_hard_link(root_ / "a/net.onnx", root_ / "a/same");
  Link("root", "a");
  Link("a/link", "net.onnx");
  EXPECT_TRUE(Changed(root_ / "root"));
  Swap("a/link", "same");  // the same file
  EXPECT_TRUE(Changed(root_ / "root"));
  Swap("a/link", "gone");
  EXPECT_TRUE(Changed(root_ / "root"));
  fs::create_directory(root_ / "b");
  fs::create_hard_link(root_ / "a/net.onnx", root_ / "b/net.onnx");
  fs::remove(root_ / "a/link");
  fs::remove(root_ / "a/same");
  EXPECT_TRUE(Changed(root_ / "root"));
  Swap("root", "b");
  EXPECT_TRUE(Changed(root_ / "root"));
}

TEST_F(ModelStamp, AnUpdateOfAVolumeOfKubernetesShows) {
  Put("m/..2026_1/net.onnx", "x");
  Link("m/..data", "..2026_1");
  Link("m/net.onnx", "..data/net.onnx");
  EXPECT_TRUE(Changed(root_ / "m"));
  EXPECT_FALSE(Changed(root_ / "m"));
  Put("m/..2026_2/net.onnx", "y");
  EXPECT_TRUE(Changed(root_ / "m"));
  Swap("m/..data", "..2026_2");
  EXPECT_TRUE(Changed(root_ / "m"));
  EXPECT_TRUE(Changed(root_ / "m/net.onnx"));  // a file that was named is followed to where it leads
  Swap("m/..data", "..2026_1");
  EXPECT_TRUE(Changed(root_ / "m/net.onnx"));
}

TEST_F(ModelStamp, RingsAndLinksThatLeadOutAreWalkedOnce) {
  Put("secret/file", "x");
  Put("m/net.onnx", "x");
  Link("m/ring", ".");
  Link("m/self", "self");
  Link("m/out", "../secret");
  ASSERT_EQ(::mkfifo((root_ / "m/pipe").c_str(), 0600), 0);
  EXPECT_TRUE(Changed(root_ / "m"));
  Put("secret/file", "other");
  EXPECT_FALSE(Changed(root_ / "m"));
}

TEST_F(ModelStamp, AFileBringsItsOwnNeighbours) {
  const fs::path model = Put("net.onnx", "x");
  Put("net.onnx.data", "x");
  Put("other.onnx", "x");
  Put("log.txt", "x");
  EXPECT_TRUE(Changed(model));
  Put("other.onnx", "y");
  Put("log.txt", "longer");
  Put("folder/net.onnx", "x");
  EXPECT_FALSE(Changed(model));
  Put("net.onnx.data", "xy");
  EXPECT_TRUE(Changed(model));
  Put("model.yaml", "schema: 1\n");  // from now on the directory is the model's, with labels and all
  EXPECT_TRUE(Changed(model));
  Put("log.txt", "longer still");
  EXPECT_TRUE(Changed(model));
}

TEST_F(ModelStamp, AFileWithWeightsOfAnotherNameBringsThem) {
  const fs::path combined = Put("a/__model__", "x");
  Put("a/__params__", "x");
  Put("a/log", "x");
  EXPECT_TRUE(Changed(combined));
  Put("a/log", "xy");
  EXPECT_FALSE(Changed(combined));
  Put("a/__params__", "xy");
  EXPECT_TRUE(Changed(combined));
  const fs::path separate = Put("b/__model__", "x");
  Put("b/fc_0.w_0", "x");
  EXPECT_TRUE(Changed(separate));
  Put("b/fc_0.w_0", "xy");
  EXPECT_TRUE(Changed(separate));
}

TEST_F(ModelStamp, AVanishedPathIsAnError) {
  const fs::path model = Put("m/net.onnx", "x");
  ASSERT_TRUE(StampOf(root_ / "m").ok());
  fs::remove_all(root_ / "m");
  EXPECT_EQ(StampOf(root_ / "m").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(StampOf(model).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelStamp, MoreFilesThanTheLimitAreAnError) {
  Put("m/1/net.onnx", "x");
  Put("m/2/net.onnx", "x");
  Limits limits;
  limits.watched_files_max = 5;  // with the directories
  EXPECT_TRUE(StampOf(root_ / "m", limits).ok());
  limits.watched_files_max = 4;
  const absl::Status status = StampOf(root_ / "m", limits).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MessageOf(status),
            fmt::format("'{}' holds more than 4 files; that is as many as limits.watched_files_max lets be watched",
                        (root_ / "m").string()));
}

}  // namespace
}  // namespace oarlock
