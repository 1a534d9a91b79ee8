#include "runtime/engine_choice.h"

#include <gmock/gmock.h>

#include "runtime/fake_model_test.h"

namespace oarlock {
namespace {

using ::testing::HasSubstr;
using Kind = EngineVerdict::Kind;

class EngineChoice : public FakeModels {
 protected:
  absl::StatusOr<std::shared_ptr<CompiledModel>> Choose(std::string_view script, const std::string& name) {
    const auto files = FindModel(Put("model.fake", script));
    EXPECT_TRUE(files.ok()) << files.status();
    const auto content = ReadModel(*files, Limits());
    EXPECT_TRUE(content.ok()) << content.status();
    return LoadOnEngine(*content, name, {}, runtime_.engines(), &verdicts_);
  }
  Kind KindOf(std::string_view engine) const {
    for (const EngineVerdict& verdict : verdicts_) {
      if (verdict.engine == engine) return verdict.kind;
    }
    ADD_FAILURE() << engine << " was not thought of";
    return Kind::kNotAsked;
  }
  std::vector<EngineVerdict> verdicts_;
};

TEST_F(EngineChoice, AutoTakesTheOneThatReadsTheFormat) {
  const auto compiled = Choose(kAddOne, "auto");
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  EXPECT_EQ((*compiled)->engine()->name(), "fake");
  EXPECT_EQ(KindOf("fake"), Kind::kChosen);
  for (const EngineVerdict& verdict : verdicts_) {
    if (verdict.engine == "fake") continue;
    EXPECT_TRUE(verdict.kind == Kind::kOtherFormat || verdict.kind == Kind::kUnusable);
  }
}

TEST_F(EngineChoice, ARefusalKeepsItsCodeAndNamesTheFile) {
  const auto compiled = Choose(fmt::format("{}fail_load RESOURCE_EXHAUSTED no room\n", kAddOne), "auto");
  EXPECT_EQ(compiled.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(MessageOf(compiled.status())), HasSubstr("engine 'fake' cannot load '"));
  EXPECT_THAT(std::string(MessageOf(compiled.status())), HasSubstr("no room"));
  EXPECT_EQ(KindOf("fake"), Kind::kRefused);
}

TEST_F(EngineChoice, ANamedEngineIsTheOnlyOneAsked) {
  EXPECT_TRUE(Choose(kAddOne, "fake").ok());
  ASSERT_EQ(verdicts_.size(), 1u);
  EXPECT_EQ(verdicts_[0].kind, Kind::kChosen);
  EXPECT_EQ(Choose(kAddOne, "fakes").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(verdicts_[0].kind, Kind::kUnusable);
}

TEST_F(EngineChoice, AFormatThatNobodyReadsSaysWhatEachEngineSaid) {
  EngineRegistry empty(root_ / "nowhere");
  const auto files = FindModel(Put("model.fake", kAddOne));
  const auto content = ReadModel(*files, Limits());
  const absl::Status status = LoadOnEngine(*content, "auto", {}, empty, &verdicts_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("no engine reads the format 'fake'"));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("onnxruntime: engine 'onnxruntime' is not installed"));
  EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("openvino: engine 'openvino' is not installed"));
}

TEST_F(EngineChoice, VerdictsReadAsWords) {
  const auto text = [](Kind kind) { return Describe({"x", kind, absl::OkStatus()}, Format::kOnnx); };
  EXPECT_EQ(text(Kind::kChosen), "chosen");
  EXPECT_EQ(text(Kind::kRefused), "refused");
  EXPECT_EQ(text(Kind::kUnusable), "not usable");
  EXPECT_EQ(text(Kind::kOtherFormat), "does not read onnx");
  EXPECT_EQ(text(Kind::kNotAsked), "not asked");
}

}  // namespace
}  // namespace oarlock
