#include "model/model_content.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rounds_test.h"
#include "import/paddle/element_type.h"
#include "import/paddle/program_desc_reader.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

absl::StatusOr<ModelContent> Read(const fs::path& path) {
  OAR_ASSIGN_OR_RETURN(const ModelFiles files, FindModel(path));
  return ReadModel(files, Limits());
}

// The identity of several files by the documented rule; `files` in byte order of the names.
std::string IdentityOf(const std::vector<std::pair<std::string, std::string>>& files) {
  std::string lines;
  for (const auto& [name, text] : files) lines += DigestOf(text) + "  " + name + "\n";
  return DigestOf(lines);
}

class ModelContentTest : public ScratchModel {
 protected:
  // The files of a model of tests/models/paddle under other names.
  void Copy(const std::string& model, const std::string& program, const std::string& weights) {
    Put(program, TextOf(fs::path(kPaddleModels) / model / "inference.pdmodel"));
    if (!weights.empty()) Put(weights, TextOf(fs::path(kPaddleModels) / model / "inference.pdiparams"));
  }

  std::string Refusal(const fs::path& path, absl::StatusCode code) {
    const auto content = Read(path);
    EXPECT_EQ(content.status().code(), code) << content.status();
    std::string text(MessageOf(content.status()));
    for (size_t at = 0; (at = text.find(root_.string())) != std::string::npos;)
      text.replace(at, root_.string().size(), "R");
    return text;
  }
};

TEST_F(ModelContentTest, ReadsBytesOperatorsAndIdentity) {
  Copy("mlp", "m/inference.pdmodel", "m/inference.pdiparams");
  const auto content = Read(root_ / "m");
  ASSERT_TRUE(content.ok()) << content.status();
  const std::string program = TextOf(root_ / "m/inference.pdmodel");
  const std::string weights = TextOf(root_ / "m/inference.pdiparams");
  EXPECT_EQ(content->program.text(), program);
  EXPECT_EQ(content->weights.text(), weights);
  EXPECT_EQ(content->identity, IdentityOf({{"inference.pdiparams", weights}, {"inference.pdmodel", program}}));
  EXPECT_FALSE(content->operators.empty());
  const ModelSource source = content->source();
  EXPECT_EQ(source.format, Format::kPaddle);
  EXPECT_EQ(source.model.data(), content->program.bytes().data());
  EXPECT_EQ(source.weights.size(), weights.size());
  EXPECT_EQ(source.model_path, (root_ / "m/inference.pdmodel").string());
}

TEST_F(ModelContentTest, ExternalDataOfAnOnnxModelCountsInItsIdentity) {
  const fs::path models = OARLOCK_SOURCE_DIR "/tests/models/onnx";
  const std::string program = TextOf(models / "external.onnx");
  const std::string weights = TextOf(models / "external.weights");
  Put("m/external.onnx", program);
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kNotFound), HasSubstr("R/m/external.weights"));
  Put("m/external.weights", weights);
  const auto content = Read(root_ / "m");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->identity, IdentityOf({{"external.onnx", program}, {"external.weights", weights}}));
  ASSERT_EQ(content->constants.size(), 1u);
  EXPECT_EQ(content->constants[0].name, "w");
  EXPECT_EQ(content->constants[0].view.shape, (Shape{1, 16}));
  EXPECT_EQ(std::memcmp(content->constants[0].view.data, weights.data(), weights.size()), 0);
  const auto mapped = ReadModel(*FindModel(root_ / "m"), Limits(), Weights::kShared);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_EQ(mapped->identity, content->identity);
  EXPECT_EQ(std::memcmp(mapped->constants[0].view.data, weights.data(), weights.size()), 0);
  Put("m/external.weights", weights.substr(1));
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kDataLoss),
              AllOf(HasSubstr("weight 'w'"), HasSubstr("64 bytes from 0 on are asked for"), HasSubstr("has 63")));
  Put("m/external.weights", weights);
  std::string leads_out = program;
  const size_t at = leads_out.find("external.weights");
  ASSERT_NE(at, std::string::npos);
  leads_out.replace(at, 16, "../ternal.weight");
  Put("m/external.onnx", leads_out);
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument),
              HasSubstr("'../ternal.weight' must name a file"));
}

TEST_F(ModelContentTest, CombinedWeightsMayBeCalledParams) {
  Copy("mlp", "m/__model__", "m/__params__");
  const auto content = Read(root_ / "m");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->weights.text(), TextOf(root_ / "m/__params__"));
}

TEST_F(ModelContentTest, OneFilePerVariableJoinsToTheCombinedBytes) {
  Copy("lenet", "m/__model__", "");
  const std::string combined = TextOf(fs::path(kPaddleModels) / "lenet/inference.pdiparams");
  const auto program = paddle::ReadProgramDesc(TextOf(root_ / "m/__model__"));
  ASSERT_TRUE(program.ok());
  std::vector<std::pair<std::string, std::string>> files = {{"__model__", TextOf(root_ / "m/__model__")}};
  size_t at = 0;
  for (const paddle::Parameter& parameter : program->parameters) {
    // A record: 20 bytes up to the size of its description, that, then the values.
    uint32_t description_size = 0;
    std::memcpy(&description_size, combined.data() + at + 16, sizeof description_size);
    size_t size = 20 + description_size;
    size_t payload = paddle::ElementSizeBytesOfCode(parameter.dtype_code);
    for (int64_t dim : parameter.dims) payload *= static_cast<size_t>(dim);
    size += payload;
    const std::string record = combined.substr(at, size);
    Put("m/" + parameter.name, record);
    files.emplace_back(parameter.name, record);
    at += size;
  }
  ASSERT_EQ(at, combined.size());
  ASSERT_GT(files.size(), 3u);
  const auto content = Read(root_ / "m");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->weights.text(), combined);
  EXPECT_EQ(content->identity, IdentityOf(files));
}

TEST_F(ModelContentTest, VariablesAreJoinedInByteOrderNotThatOfTheProgram) {
  // Upper case before '_' before lower case; "a" before "a.b".
  Put("m/__model__", ProgramOf({"b", "a.b", "_x", "Z", "a"}));
  const std::vector<std::string> sorted = {"Z", "_x", "a", "a.b", "b"};
  std::string combined;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const std::string record = RecordOf(static_cast<float>(i), 0.5F);
    Put("m/" + sorted[i], record);
    combined += record;
  }
  const auto content = Read(root_ / "m");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->weights.text(), combined);
  EXPECT_THAT(content->operators, ElementsAre(Pair("relu", 1u)));
}

TEST_F(ModelContentTest, AVariableThatIsNoPlainFileNameIsRefused) {
  Put("secret", RecordOf(1, 2));
  for (const std::string& name : {std::string("../secret"), std::string("/etc/passwd"), std::string("sub/x"),
                                  std::string(".."), std::string("."), std::string("a\0b", 3), std::string()}) {
    SCOPED_TRACE(name);
    Put("m/__model__", ProgramOf({name}));
    EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument), HasSubstr("cannot be a file's name"));
  }
  // In the combined form a name is never a file's.
  Put("m/__model__", ProgramOf({"../secret"}));
  Put("m/__params__", RecordOf(1, 2));
  EXPECT_TRUE(Read(root_ / "m").ok());
}

TEST_F(ModelContentTest, MissingWeightsAreNamed) {
  Copy("mlp", "m/inference.pdmodel", "");
  const auto program = paddle::ReadProgramDesc(TextOf(root_ / "m/inference.pdmodel"));
  EXPECT_EQ(
      Refusal(root_ / "m", absl::StatusCode::kNotFound),
      fmt::format("'R/m/inference.pdmodel' has {} parameters and its weights 'R/m/inference.pdiparams' are missing",
                  program->parameters.size()));
  Put("s/__model__", ProgramOf({"w", "v"}));
  Put("s/w", RecordOf(1, 2));
  EXPECT_EQ(Refusal(root_ / "s", absl::StatusCode::kNotFound),
            "weights of 'v': cannot open 'R/s/v': No such file or directory");
}

TEST_F(ModelContentTest, AFileOfAVariableWithOtherContentIsRefused) {
  Put("m/__model__", ProgramOf({"w"}));
  Put("m/w", RecordOf(1, 2) + "x");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument), "the file of parameter 'w' has 1 bytes too many");
  Put("m/w", RecordOf(1, 2).substr(0, 30));
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kDataLoss),
            "the weights are cut off in parameter 'w' (record at byte 0)");
}

TEST_F(ModelContentTest, ForeignAndTruncatedWeightsNameTheFile) {
  Copy("mlp", "m/inference.pdmodel", "");
  Put("m/inference.pdiparams", TextOf(fs::path(kPaddleModels) / "lenet/inference.pdiparams"));
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument),
              HasSubstr("'R/m/inference.pdiparams': the weights do not belong to this program"));
  const std::string whole = TextOf(fs::path(kPaddleModels) / "mlp/inference.pdiparams");
  Put("m/inference.pdiparams", whole.substr(0, whole.size() - 1));
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kDataLoss),
              HasSubstr("'R/m/inference.pdiparams': the weights are cut off in parameter"));
}

TEST_F(ModelContentTest, AnEmptyOrDamagedProgramIsRefused) {
  EXPECT_EQ(Refusal(Put("a/net.onnx", ""), absl::StatusCode::kDataLoss), "'R/a/net.onnx' is empty");
  EXPECT_EQ(Refusal(Put("b/net.pdmodel", ""), absl::StatusCode::kDataLoss), "'R/b/net.pdmodel' is empty");
  EXPECT_EQ(Refusal(Put("c/net.pdmodel", "hello"), absl::StatusCode::kDataLoss),
            "'R/c/net.pdmodel': the Paddle program is damaged or cut off (5 bytes)");
  EXPECT_EQ(Refusal(Put("d/net.pdmodel", Field(9, "x")), absl::StatusCode::kInvalidArgument),
            "'R/d/net.pdmodel': not a Paddle program (3 bytes, no block in it)");
}

TEST_F(ModelContentTest, AProgramWithoutParametersNeedsNoWeights) {
  const std::string program = ProgramOf({});
  Put("m/net.pdmodel", program);
  Put("s/__model__", program);
  for (const char* folder : {"m", "s"}) {
    const auto content = Read(root_ / folder);
    ASSERT_TRUE(content.ok()) << content.status();
    EXPECT_EQ(content->weights.size_bytes(), 0u);
    EXPECT_EQ(content->identity, DigestOf(program));
  }
}

TEST_F(ModelContentTest, FilesOfOtherFormatsAreReadAsTheyAre) {
  const std::string pir =
      R"({"base_code":{"magic":"pir","version":1},"program":{"regions":[{"blocks":[{"ops":[]}]}]}})";
  Put("pir/net.json", pir);
  Put("ir/net.xml", "<net/>");
  Put("ir/net.bin", "bin");
  Put("bare/net.xml", "<net/>");
  Put("onnx/net.onnx", "onnx");
  Put("onnx/net.bin", "not its");
  const auto pir_content = Read(root_ / "pir");
  ASSERT_TRUE(pir_content.ok()) << pir_content.status();
  EXPECT_EQ(pir_content->identity, DigestOf(pir));
  EXPECT_THAT(pir_content->operators, IsEmpty());
  EXPECT_EQ(Read(root_ / "ir")->identity, IdentityOf({{"net.bin", "bin"}, {"net.xml", "<net/>"}}));
  EXPECT_EQ(Read(root_ / "bare")->identity, DigestOf("<net/>"));
  EXPECT_EQ(Read(root_ / "onnx")->identity, DigestOf("onnx"));
  EXPECT_EQ(Read(root_ / "onnx")->weights.size_bytes(), 0u);
}

TEST_F(ModelContentTest, IdentityDependsOnContentAndFileNamesOnly) {
  Copy("mlp", "a/net.pdmodel", "a/net.pdiparams");
  Copy("mlp", "b/net.pdmodel", "b/net.pdiparams");
  Copy("mlp", "c/other.pdmodel", "c/other.pdiparams");
  EXPECT_EQ(Read(root_ / "a")->identity, Read(root_ / "b/net.pdmodel")->identity);
  EXPECT_NE(Read(root_ / "a")->identity, Read(root_ / "c")->identity);
}

TEST_F(ModelContentTest, TheManifestsIdentityIsHeldTo) {
  Put("m/net.onnx", "onnx");
  Put("m/model.yaml", "schema: 1\nsha256: " + DigestOf("onnx") + "\n");
  const auto content = Read(root_ / "m");
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(content->manifest.sha256, content->identity);
  Put("m/net.onnx", "onnX");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kDataLoss),
            fmt::format("the files of model 'm' have identity {}; 'R/m/model.yaml' asks for {}", DigestOf("onnX"),
                        DigestOf("onnx")));
}

TEST_F(ModelContentTest, ABadManifestIsNeverOverlooked) {
  Put("m/net.onnx", "onnx");
  Put("m/model.yaml", "schema: 1\nshade: 5\n");
  EXPECT_THAT(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument),
              HasSubstr("R/m/model.yaml:2:1: unknown key 'shade'"));
  fs::remove(root_ / "m/model.yaml");
  fs::create_directory(root_ / "m/model.yaml");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kInvalidArgument), "'R/m/model.yaml' is not a regular file");
}

TEST_F(ModelContentTest, ABrokenLinkForAManifestIsNotOverlooked) {
  Put("m/net.onnx", "onnx");
  fs::create_symlink("gone", root_ / "m/model.yaml");
  EXPECT_EQ(Refusal(root_ / "m", absl::StatusCode::kNotFound),
            "cannot open 'R/m/model.yaml': No such file or directory");
}

TEST_F(ModelContentTest, FilesPastTheLimitAreRefused) {
  const fs::path path = Put("m/net.onnx", "12345");
  Limits limits;
  limits.model_file_bytes_max = 4;
  EXPECT_EQ(ReadModel(*FindModel(path), limits).status().code(), absl::StatusCode::kResourceExhausted);
  limits.model_file_bytes_max = 5;
  EXPECT_TRUE(ReadModel(*FindModel(path), limits).ok());
}

TEST_F(ModelContentTest, MutatedProgramsAndWeightsAreReadOrRefused) {
  const std::string program = TextOf(fs::path(kPaddleModels) / "mlp/inference.pdmodel");
  const std::string weights = TextOf(fs::path(kPaddleModels) / "mlp/inference.pdiparams");
  const std::string small = ProgramOf({"v", "w"});
  Put("s/v", RecordOf(1, 2));
  Put("s/w", RecordOf(3, 4));
  std::mt19937 random(20240607);
  int refused = 0;
  int read = 0;
  for (int round = 0; round < Rounds(3000); ++round) {
    fs::path model = root_ / "m/net.pdmodel";
    if (round % 3 == 2) {  // separate files: a mutated name may be any path
      model = Put("s/__model__", Mutated(small, random));
    } else {
      Put("m/net.pdmodel", round % 3 == 0 ? Mutated(program, random) : program);
      Put("m/net.pdiparams", round % 3 == 0 ? weights : Mutated(weights, random));
    }
    const auto content = Read(model);
    if (content.ok()) {
      ++read;
      EXPECT_EQ(content->identity.size(), 64u);
      continue;
    }
    ++refused;
    const absl::StatusCode code = content.status().code();
    EXPECT_TRUE(code == absl::StatusCode::kDataLoss || code == absl::StatusCode::kInvalidArgument ||
                code == absl::StatusCode::kNotFound || code == absl::StatusCode::kResourceExhausted)
        << "round " << round << ": " << content.status();
    EXPECT_FALSE(content.status().message().empty());
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(read, 300);
}

}  // namespace
}  // namespace oarlock
