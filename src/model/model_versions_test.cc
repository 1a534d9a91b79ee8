#include "model/model_versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/model_files.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class ModelVersionsTest : public ScratchModel {
 protected:
  void Link(const fs::path& name, const fs::path& target) {
    fs::create_directories((root_ / name).parent_path());
    fs::create_symlink(target, root_ / name);
  }
  // "number path" of each, or the refusal; the directory of the test stands in both as "R".
  std::vector<std::string> Found(const fs::path& path, absl::StatusCode code = absl::StatusCode::kOk) const {
    const auto versions = FindVersions(path);
    EXPECT_EQ(versions.status().code(), code) << versions.status();
    if (!versions.ok()) return {Short(std::string(MessageOf(versions.status())))};
    std::vector<std::string> texts;
    for (const ModelVersion& version : *versions) {
      texts.push_back(Short(fmt::format("{} {}", version.number, version.path.string())));
    }
    return texts;
  }
  std::string Short(std::string text) const {
    for (size_t at = 0; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "R");
    return text;
  }
};

TEST_F(ModelVersionsTest, AFileOrADirectoryWithAModelIsVersionOne) {
  Put("m/net.onnx", "x");
  Put("m/2/readme.txt", "x");
  EXPECT_THAT(Found(root_ / "m"), ElementsAre("1 R/m"));
  EXPECT_THAT(Found(root_ / "m/net.onnx"), ElementsAre("1 R/m/net.onnx"));
  EXPECT_TRUE(HoldsVersions(root_ / "m"));
}

TEST_F(ModelVersionsTest, VersionDirectoriesComeInTheOrderOfTheirNumbers) {
  for (const char* version : {"10", "9", "1", "2147483648", "9223372036854775807"}) {
    Put(fmt::format("m/{}/net.onnx", version), "x");
  }
  EXPECT_THAT(Found(root_ / "m"), ElementsAre("1 R/m/1", "9 R/m/9", "10 R/m/10", "2147483648 R/m/2147483648",
                                              "9223372036854775807 R/m/9223372036854775807"));
  EXPECT_TRUE(HoldsVersions(root_ / "m"));
}

TEST_F(ModelVersionsTest, OtherNamesAndDirectoriesWithoutAModelArePassedOver) {
  for (const char* name : {"0", "01", "-1", "+1", "1.0", "v1", " 1", "1 ", "0x1", "1e3", "9223372036854775808",
                           "..data", "99999999999999999999999", "latest", "١"}) {
    Put(fmt::format("m/{}/net.onnx", name), "x");
  }
  Put("m/3/readme.txt", "being copied");
  Put("m/4", "a file");
  Put("m/5/5/net.onnx", "x");
  Put("m/7/net.onnx", "x");
  EXPECT_THAT(Found(root_ / "m"), ElementsAre("7 R/m/7"));
  fs::remove_all(root_ / "m/7");
  EXPECT_FALSE(HoldsVersions(root_ / "m"));
  EXPECT_THAT(
      Found(root_ / "m", absl::StatusCode::kNotFound),
      ElementsAre("no model in 'R/m'; looked for .pdmodel, __model__, .onnx, .xml (OpenVINO IR), .json (Paddle 3); "
                  "TorchScript .pt is not in this release; versions would lie in directories named 1, 2, ..."));
}

TEST_F(ModelVersionsTest, AModelBesideVersionsIsRefusedWithTheWayOut) {
  Put("m/net.onnx", "x");
  Put("m/1/net.onnx", "x");
  Put("m/3/net.onnx", "x");
  EXPECT_THAT(
      Found(root_ / "m", absl::StatusCode::kInvalidArgument),
      ElementsAre("'R/m' holds a model and versions of one (1, 3); move the model's files into a version directory "
                  "of their own, or give the path of the one that is meant"));
  EXPECT_TRUE(HoldsVersions(root_ / "m"));
}

TEST_F(ModelVersionsTest, WhatIsNotThereIsToldAsFindModelDoes) {
  EXPECT_THAT(Found(root_ / "none", absl::StatusCode::kNotFound), ElementsAre("no such file or directory: 'R/none'"));
  EXPECT_THAT(Found("/dev/null", absl::StatusCode::kInvalidArgument),
              ElementsAre("'/dev/null' is neither a file nor a directory"));
  EXPECT_FALSE(HoldsVersions(root_ / "none"));
  EXPECT_FALSE(HoldsVersions(Put("file.onnx", "x")));
}

TEST_F(ModelVersionsTest, ADirectoryWithTwoModelsIsAVersionThatCannotBeLoaded) {
  Put("m/2/a.onnx", "x");
  Put("m/2/b.onnx", "x");
  const auto root = Root::Open(root_ / "m");
  const auto versions = FindVersions(**root);
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_EQ(versions->size(), 1u);
  EXPECT_EQ(FindModel((*versions)[0].path, *root).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ModelVersionsTest, AVersionMayBeALinkThatStaysBeneathItsModel) {
  Put("m/..2026_1/1/net.onnx", "x");
  Link("m/..data", "..2026_1");
  Link("m/1", "..data/1");
  Link("m/2", "1");
  Link("m/3", "gone");
  Link("link", "m");
  const std::string process = fmt::format("/proc/{}/root", ::getpid());
  EXPECT_THAT(Found(root_ / "m"), ElementsAre("1 R/m/1", "2 R/m/2"));
  EXPECT_THAT(Found(root_ / "link"), ElementsAre("1 R/link/1", "2 R/link/2"));
  EXPECT_THAT(Found(process + (root_ / "m").string()), ElementsAre("1 " + process + "R/m/1", "2 " + process + "R/m/2"));
}

TEST_F(ModelVersionsTest, AVersionThatLeadsOutIsRefused) {
  Put("out/net.onnx", "x");
  Put("m/1/net.onnx", "x");
  Link("m/2", "../out");
  EXPECT_THAT(Found(root_ / "m", absl::StatusCode::kPermissionDenied), ElementsAre(LeadsOutText("m/2", "m")));
  EXPECT_TRUE(HoldsVersions(root_ / "m"));
  Link("n/5", "/");
  EXPECT_THAT(Found(root_ / "n", absl::StatusCode::kPermissionDenied), ElementsAre(LeadsOutText("n/5", "n")));
  EXPECT_TRUE(HoldsVersions(root_ / "n"));  // else a server would pass over it without a word
}

TEST_F(ModelVersionsTest, EveryVersionIsFoundAsItsModel) {
  Put("lenet/1/net.onnx", "x");
  Put("lenet/12/other.fake", "x");
  const auto root = Root::Open(root_ / "lenet/");
  ASSERT_TRUE(root.ok()) << root.status();
  const auto versions = FindVersions(**root);
  ASSERT_TRUE(versions.ok()) << versions.status();
  ASSERT_EQ(versions->size(), 2u);
  for (const ModelVersion& version : *versions) EXPECT_EQ(FindModel(version.path, *root)->name, "lenet");
  const auto file_root = Root::Open(root_ / "lenet/1/net.onnx");
  const auto whole = FindVersions(**file_root);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(FindModel((*whole)[0].path, *file_root)->name, "net");
}

}  // namespace
}  // namespace oarlock
