#include "model/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::StartsWith;

constexpr char kLookedFor[] =
    ".pdmodel, __model__, .onnx, .xml (OpenVINO IR), .json (Paddle 3); TorchScript .pt is not in this release";
constexpr char kPir[] = R"({"base_code":{"magic":"pir","trainable":false,"version":1},"program":{}})";

class ModelFilesTest : public ScratchModel {
 protected:
  static bool HoldsModel(const fs::path& directory) {
    const auto root = Root::Open(directory);
    const auto holds = root.ok() ? oarlock::HoldsModel(**root, directory) : root.status();
    EXPECT_TRUE(holds.ok()) << holds.status();
    return holds.ok() && *holds;
  }
  // What FindModel says of a path below the directory of the test; the path stands in it as "R".
  std::string Refusal(const fs::path& path, absl::StatusCode code) {
    const auto files = FindModel(path);
    EXPECT_EQ(files.status().code(), code) << files.status();
    std::string text(MessageOf(files.status()));
    for (size_t at = 0; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "R");
    return text;
  }
};

TEST_F(ModelFilesTest, EveryFormHasItsFormatAndWeights) {
  struct Form {
    std::string program;
    std::string weights;  // what `weights` is to name; "" = nothing
    Format format;
    bool separate;
  };
  const Form forms[] = {
      {"a/inference.pdmodel", "a/inference.pdiparams", Format::kPaddle, false},
      {"b/v1.2.pdmodel", "b/v1.2.pdiparams", Format::kPaddle, false},
      {"c/__model__", "c/__params__", Format::kPaddle, true},
      {"d/inference.json", "d/inference.pdiparams", Format::kPaddlePir, false},
      {"e/__model__.json", "e/__params__", Format::kPaddlePir, true},
      {"f/net.onnx", "", Format::kOnnx, false},
      {"g/net.xml", "g/net.bin", Format::kOpenVinoIr, false},
      {"h/net.fake", "", Format::kFake, false},
  };
  for (const Form& form : forms) {
    SCOPED_TRACE(form.program);
    const fs::path program = Put(form.program, kPir);
    for (const fs::path& path : {program, program.parent_path()}) {
      const auto files = FindModel(path);
      ASSERT_TRUE(files.ok()) << files.status();
      EXPECT_EQ(files->format, form.format);
      EXPECT_EQ(files->program, program);
      EXPECT_EQ(files->weights, form.weights.empty() ? fs::path() : root_ / form.weights);
      EXPECT_EQ(files->separate_weights, form.separate);
      EXPECT_EQ(files->manifest, fs::path());
      EXPECT_EQ(files->name, path == program ? program.stem().string() : program.parent_path().filename().string());
    }
  }
}

TEST_F(ModelFilesTest, AParamsFileMeansCombinedWeights) {
  Put("m/__model__", "x");
  const fs::path weights = Put("m/__params__", "x");
  const auto files = FindModel(root_ / "m");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->weights, weights);
  EXPECT_FALSE(files->separate_weights);
}

TEST_F(ModelFilesTest, TheManifestBesideIsFound) {
  Put("m/net.onnx", "x");
  const fs::path manifest = Put("m/model.yaml", "schema: 1\n");
  EXPECT_EQ(FindModel(root_ / "m")->manifest, manifest);
  EXPECT_EQ(FindModel(root_ / "m/net.onnx")->manifest, manifest);
}

TEST_F(ModelFilesTest, AJsonIsACandidateOnlyIfItIsAPaddleProgram) {
  Put("m/config.json", R"({"layers": 3, "pir": true})");
  Put("m/net.onnx", "x");
  EXPECT_EQ(FindModel(root_ / "m")->format, Format::kOnnx);
  EXPECT_EQ(Refusal(root_ / "m/config.json", absl::StatusCode::kInvalidArgument),
            "'R/m/config.json' is no Paddle 3 program: it does not begin with its base_code");
  std::string late(5000, ' ');
  late += kPir;
  Put("n/config.json", late);
  EXPECT_EQ(Refusal(root_ / "n", absl::StatusCode::kNotFound),
            fmt::format("no model in 'R/n'; looked for {}", kLookedFor));
}

TEST_F(ModelFilesTest, TorchScriptIsRefusedWithTheWayOut) {
  Put("m/net.pt", "x");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kUnimplemented),
            "'R/m/net.pt': TorchScript is not in this release; export to ONNX");
  EXPECT_EQ(Refusal(Put("n/net.pth", "x"), absl::StatusCode::kUnimplemented),
            "'R/n/net.pth': TorchScript is not in this release; export to ONNX");
}

TEST_F(ModelFilesTest, WeightsAloneNameWhatToGive) {
  EXPECT_EQ(Refusal(Put("net.pdiparams", "x"), absl::StatusCode::kInvalidArgument),
            "'R/net.pdiparams' holds weights only; give the .pdmodel or .json beside it");
}

TEST_F(ModelFilesTest, OtherFilesAreNoModels) {
  for (const char* name : {"net.txt", "net", ".onnx", "x__model__", "net.onnx.bak"}) {
    EXPECT_EQ(Refusal(Put(name, "x"), absl::StatusCode::kInvalidArgument),
              fmt::format("'R/{}' is no model file by its name; known are {}", name, kLookedFor));
  }
}

TEST_F(ModelFilesTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(Refusal(root_ / "none", absl::StatusCode::kNotFound), "no such file or directory: 'R/none'");
  EXPECT_EQ(Refusal("", absl::StatusCode::kNotFound), "no such file or directory: ''");
  fs::create_directory(root_ / "empty");
  EXPECT_EQ(Refusal(root_ / "empty", absl::StatusCode::kNotFound),
            fmt::format("no model in 'R/empty'; looked for {}", kLookedFor));
  EXPECT_EQ(Refusal("/dev/null", absl::StatusCode::kInvalidArgument), "'/dev/null' is neither a file nor a directory");
}

TEST_F(ModelFilesTest, TwoCandidatesAreListed) {
  Put("m/b.onnx", "x");
  Put("m/a.pdmodel", "x");
  Put("m/a.pdiparams", "x");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument),
            "2 models in 'R/m': a.pdmodel, b.onnx; give the path of one of them");
  EXPECT_TRUE(HoldsModel(root_ / "m"));
}

TEST_F(ModelFilesTest, ADirectoryNamedLikeAModelIsNone) {
  fs::create_directories(root_ / "m/net.onnx");
  EXPECT_FALSE(HoldsModel(root_ / "m"));
  Put("m/net.onnx/net.fake", "x");
  EXPECT_EQ(FindModel(root_ / "m/net.onnx")->name, "net.onnx");
}

TEST_F(ModelFilesTest, ADirectoryKeepsItsNameHoweverItIsCalled) {
  Put("lenet/net.onnx", "x");
  fs::create_directories(root_ / "lenet/below/deep");
  const fs::path before = fs::current_path();
  const auto name_of = [](const fs::path& path) {
    const auto files = FindModel(path);
    return files.ok() ? files->name : std::string(MessageOf(files.status()));
  };
  EXPECT_EQ(name_of(root_ / "lenet/"), "lenet");
  EXPECT_EQ(name_of(root_ / "lenet/."), "lenet");
  EXPECT_EQ(name_of(root_ / "lenet/below/.."), "lenet");
  fs::current_path(root_ / "lenet");
  EXPECT_EQ(name_of("."), "lenet");
  EXPECT_EQ(name_of("./"), "lenet");
  EXPECT_EQ(name_of("net.onnx"), "net");
  fs::current_path(root_ / "lenet/below/deep");
  EXPECT_EQ(name_of("../.."), "lenet");
  EXPECT_EQ(name_of("../../"), "lenet");
  fs::current_path(before);
}

TEST_F(ModelFilesTest, ALinkToADirectoryHasItsOwnName) {
  Put("lenet-2024/net.onnx", "x");
  fs::create_directory_symlink(root_ / "lenet-2024", root_ / "lenet");
  const auto files = FindModel(root_ / "lenet");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->name, "lenet");
  EXPECT_EQ(files->program, root_ / "lenet/net.onnx");
  fs::create_directory_symlink(root_ / "nowhere", root_ / "broken");
  EXPECT_EQ(Refusal(root_ / "broken", absl::StatusCode::kNotFound), "no such file or directory: 'R/broken'");
}

TEST_F(ModelFilesTest, APathThatCannotBeFollowedIsNotCalledMissing) {
  fs::create_symlink("loop", root_ / "loop");
  EXPECT_EQ(Refusal(root_ / "loop", absl::StatusCode::kInvalidArgument),
            "cannot open 'R/loop': Too many levels of symbolic links");
}

TEST_F(ModelFilesTest, LinksToFilesBeneathCountAsFiles) {
  Put("m/blobs/0", "x");
  fs::create_symlink("blobs/0", root_ / "m/net.onnx");
  EXPECT_EQ(FindModel(root_ / "m")->program, root_ / "m/net.onnx");
}

TEST_F(ModelFilesTest, AProgramThatLeadsOutOfItsDirectoryIsRefused) {
  const fs::path blob = Put("blobs/0", kPir);
  for (const char* name : {"net.onnx", "__model__", "inference.json", "net.xml", "net.pt"}) {
    for (const fs::path& target : {fs::path("../blobs/0"), blob}) {
      SCOPED_TRACE(name);
      fs::create_directory(root_ / "m");
      fs::create_symlink(target, root_ / "m" / name);
      EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kPermissionDenied),
                LeadsOutText(fmt::format("m/{}", name), "m"));
      EXPECT_TRUE(HoldsModel(root_ / "m"));  // else a server would pass over it without a word
      fs::remove_all(root_ / "m");
    }
  }
}

// Which is to be told from a model beside which it lies.
TEST_F(ModelFilesTest, AJsonThatLeadsOutIsNoModelBesideOne) {
  Put("config.json", "{}");
  Put("m/net.onnx", "x");
  fs::create_symlink("../config.json", root_ / "m/config.json");
  EXPECT_EQ(FindModel(root_ / "m")->format, Format::kOnnx);
  fs::create_symlink("../config.json", root_ / "m/other.onnx");  // is one by its name
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument), StartsWith("2 models in 'R/m'"));
}

TEST_F(ModelFilesTest, AFileThatAUserNamesMayBeALinkToAnywhere) {
  Put("blobs/0", "x");
  Put("m/model.yaml", "schema: 1\n");
  fs::create_symlink("../blobs/0", root_ / "m/net.onnx");
  const auto files = FindModel(root_ / "m/net.onnx");
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->program, root_ / "m/net.onnx");
  EXPECT_EQ(files->manifest, root_ / "m/model.yaml");
  EXPECT_EQ(files->name, "net");
}

TEST_F(ModelFilesTest, AVersionIsFoundBeneathItsModelAndCalledLikeIt) {
  Put("lenet/1/net.onnx", "x");
  Put("lenet/.kept/v2/net.onnx", "x");
  Put("elsewhere/net.onnx", "x");
  fs::create_directory_symlink(".kept/v2", root_ / "lenet/2");
  fs::create_directory_symlink("../elsewhere", root_ / "lenet/3");
  const auto root = Root::Open(root_ / "lenet");
  ASSERT_TRUE(root.ok()) << root.status();
  for (const char* version : {"1", "2"}) {
    const auto files = FindModel(root_ / "lenet" / version, *root);
    ASSERT_TRUE(files.ok()) << files.status();
    EXPECT_EQ(files->name, "lenet");
    EXPECT_EQ(files->program, root_ / "lenet" / version / "net.onnx");
    EXPECT_EQ(files->root, *root);
  }
  const absl::Status refused = FindModel(root_ / "lenet/3", *root).status();
  EXPECT_TRUE(LeadsOut(refused)) << refused;
  EXPECT_EQ(FindModel(root_ / "lenet/4", *root).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace oarlock
