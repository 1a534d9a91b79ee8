// Models whose files are links: what leads out is refused wherever it is read, what stays beneath loads as ever.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/model_content.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

constexpr char kManifest[] = "schema: 1\npostprocess: {top_k: {labels: labels.txt}}\n";

class ModelLinks : public ScratchModel {
 protected:
  // An ONNX model with external data, a manifest and labels.
  void PutModel(const std::string& folder) {
    const fs::path models = OARLOCK_SOURCE_DIR "/tests/models/onnx";
    Put(folder + "/external.onnx", TextOf(models / "external.onnx"));
    Put(folder + "/external.weights", TextOf(models / "external.weights"));
    Put(folder + "/model.yaml", kManifest);
    Put(folder + "/labels.txt", "cat\ndog\n");
  }
  void Link(const fs::path& name, const fs::path& target) {
    fs::create_directories((root_ / name).parent_path());
    fs::create_symlink(target, root_ / name);
  }
  // Moves a file out of its directory and leaves a link to it.
  void MoveOut(const fs::path& name) {
    fs::create_directory(root_ / "out");
    fs::rename(root_ / name, root_ / "out" / name.filename());
    Link(name, "../out" / name.filename());
  }
  static absl::StatusOr<ModelContent> Read(const fs::path& path, Weights weights = Weights::kPacked) {
    OAR_ASSIGN_OR_RETURN(const ModelFiles files, FindModel(path));
    return ReadModel(files, Limits(), weights);
  }
  std::string Refusal(const fs::path& path, absl::StatusCode code, Weights weights = Weights::kPacked) const {
    const absl::Status status = Read(path, weights).status();
    EXPECT_EQ(status.code(), code) << status;
    std::string text(MessageOf(status));
    for (size_t at = 0; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "R");
    return text;
  }
  void ExpectReads(const fs::path& path) const {
    SCOPED_TRACE(path);
    const auto content = Read(path);
    ASSERT_TRUE(content.ok()) << content.status();
    EXPECT_EQ(content->constants.size(), 1u);
    EXPECT_THAT(content->manifest.postprocess->top_k->labels, ElementsAre("cat", "dog"));
    EXPECT_EQ(content->identity, Read(root_ / "plain")->identity);
    EXPECT_EQ(content->files.root, nullptr);
  }
};

TEST_F(ModelLinks, WeightsThatLeadOutAreRefused) {
  Put("m/net.pdmodel", ProgramOf({"w"}));
  Put("m/net.pdiparams", RecordOf(1, 2));
  ASSERT_TRUE(Read(root_ / "m").ok());
  MoveOut("m/net.pdiparams");
  for (const char* path : {"m", "m/net.pdmodel"}) {
    EXPECT_EQ(Refusal(root_ / path, absl::StatusCode::kPermissionDenied), LeadsOutText("m/net.pdiparams", "m"));
  }
}

TEST_F(ModelLinks, CombinedParamsThatLeadOutAreNotTakenForSeparateOnes) {
  Put("m/__model__", ProgramOf({"w"}));
  Put("m/__params__", RecordOf(1, 2));
  Put("m/w", RecordOf(3, 4));
  MoveOut("m/__params__");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kPermissionDenied), LeadsOutText("m/__params__", "m"));
}

TEST_F(ModelLinks, AVariablesFileThatLeadsOutIsRefused) {
  Put("m/__model__", ProgramOf({"v", "w"}));
  Put("m/v", RecordOf(1, 2));
  Put("m/w", RecordOf(1, 2));
  ASSERT_TRUE(Read(root_ / "m").ok());
  MoveOut("m/w");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kPermissionDenied), "weights of 'w': " + LeadsOutText("m/w", "m"));
}

TEST_F(ModelLinks, WeightsOfAnIrThatLeadOutAreNotMissing) {
  Put("m/net.xml", "<net/>");
  Put("m/net.bin", "bin");
  MoveOut("m/net.bin");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kPermissionDenied), LeadsOutText("m/net.bin", "m"));
}

TEST_F(ModelLinks, ExternalDataThatLeadsOutIsRefused) {
  PutModel("m");
  MoveOut("m/external.weights");
  for (const Weights weights : {Weights::kPacked, Weights::kShared}) {
    for (const char* path : {"m", "m/external.onnx"}) {
      EXPECT_EQ(Refusal(root_ / path, absl::StatusCode::kPermissionDenied, weights),
                LeadsOutText("m/external.weights", "m"));
    }
  }
}

TEST_F(ModelLinks, AFolderOfExternalDataThatLeadsOutIsRefused) {
  PutModel("m");
  std::string program = TextOf(root_ / "m/external.onnx");
  const size_t at = program.find("external.weights");
  ASSERT_NE(at, std::string::npos);
  Put("m/external.onnx", program.replace(at, 16, "out/nal.weights_"));
  Put("out/nal.weights_", TextOf(root_ / "m/external.weights"));
  Link("m/out", "../out");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kPermissionDenied), LeadsOutText("m/out/nal.weights_", "m"));
}

TEST_F(ModelLinks, AManifestThatLeadsOutIsRefused) {
  PutModel("m");
  MoveOut("m/model.yaml");
  for (const char* path : {"m", "m/external.onnx"}) {
    EXPECT_EQ(Refusal(root_ / path, absl::StatusCode::kPermissionDenied), LeadsOutText("m/model.yaml", "m"));
  }
}

TEST_F(ModelLinks, LabelsThatLeadOutAreRefusedAtTheirKey) {
  PutModel("m");
  MoveOut("m/labels.txt");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument),
            "R/m/model.yaml:2:31: " + LeadsOutText("m/labels.txt", "m"));
}

TEST_F(ModelLinks, AVersionsFilesMayLeadToItsSiblingsOnly) {
  PutModel("plain");
  PutModel("m/1");
  PutModel("m/2");
  fs::remove(root_ / "m/2/external.weights");
  Link("m/2/external.weights", "../1/external.weights");
  const auto root = Root::Open(root_ / "m");
  ASSERT_TRUE(root.ok()) << root.status();
  const auto files = FindModel(root_ / "m/2", *root);
  ASSERT_TRUE(files.ok()) << files.status();
  const auto content = ReadModel(*files, Limits());
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->identity, Read(root_ / "plain")->identity);
  // Alone, it is a root of its own.
  EXPECT_EQ(Refusal(root_ / "m/2", absl::StatusCode::kPermissionDenied), LeadsOutText("m/2/external.weights", "m/2"));
  fs::remove(root_ / "m/2/external.weights");
  Link("m/2/external.weights", "../../plain/external.weights");
  EXPECT_TRUE(LeadsOut(ReadModel(*files, Limits()).status()));
}

TEST_F(ModelLinks, AModelReadsThroughEveryLinkToItsRoot) {
  PutModel("plain");
  Link("link", "plain");
  Link("absolute", root_ / "plain");
  ExpectReads(root_ / "plain");
  ExpectReads(root_ / "link");
  ExpectReads(root_ / "link/external.onnx");
  ExpectReads(root_ / "absolute/");
  ExpectReads(fs::path("/proc/self/root") / (root_ / "plain").relative_path());
  ExpectReads(fs::path("/proc/self/root") / (root_ / "link").relative_path());
  fs::path process = fmt::format("/proc/{}/root", ::getpid());
  ExpectReads(process / (root_ / "plain/external.onnx").relative_path());
}

// A volume of a ConfigMap or a Secret: every file is a link through "..data", which an update swaps.
TEST_F(ModelLinks, AVolumeOfKubernetesReadsAndFollowsItsUpdate) {
  PutModel("plain");
  PutModel("m/..2026_1");
  Link("m/..data", "..2026_1");
  for (const char* name : {"external.onnx", "external.weights", "model.yaml", "labels.txt"}) {
    Link(fs::path("m") / name, fs::path("..data") / name);
  }
  ExpectReads(root_ / "m");
  ExpectReads(root_ / "m/external.onnx");
  PutModel("m/..2026_2");
  Put("m/..2026_2/labels.txt", "owl\n");
  Link("m/..data_tmp", "..2026_2");
  fs::rename(root_ / "m/..data_tmp", root_ / "m/..data");
  fs::remove_all(root_ / "m/..2026_1");
  EXPECT_THAT(Read(root_ / "m")->manifest.postprocess->top_k->labels, ElementsAre("owl"));
}

TEST_F(ModelLinks, AFileThatIsNamedBringsNothingFromWhereItsLinkLeads) {
  PutModel("store");
  Put("m/external.weights", TextOf(root_ / "store/external.weights"));
  Link("m/external.onnx", "../store/external.onnx");
  const auto content = Read(root_ / "m/external.onnx");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_FALSE(content->manifest.postprocess.has_value());  // store/model.yaml is not beside the path that was given
  EXPECT_EQ(content->files.name, "external");
}

}  // namespace
}  // namespace oarlock
