// Every form that Paddle saves a model in, found from its directory, converted and run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "engine_run.h"
#include "fixture.h"
#include "model/conversion.h"
#include "model/model_files.h"

namespace oarlock {
namespace {

class PaddleForm : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(PaddleForm, IsFoundAndAnswersAsPaddle) {
  const auto& [name, engine] = GetParam();
  const Fixture fixture = ReadFixture("paddle_forms", name, "");
  const auto files = FindModel(fixture.directory);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->format, name.starts_with("pir") ? Format::kPaddlePir : Format::kPaddle);
  auto content = ReadModel(*files, Limits());
  ASSERT_TRUE(content.ok()) << content.status();
  ConversionOptions options;
  options.cache_dir = "none";
  options.importer_path = OARLOCK_BUILD_DIR "/lib/oarlock/liboarlock_importer.so";
  std::vector<std::string> warnings;
  const absl::Status converted = ConvertToOnnx(options, &*content, &warnings);
  ASSERT_TRUE(converted.ok()) << converted;
  const absl::Status status = RunOn(engine, content->source(), fixture);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(PaddleForms, AreThere) { EXPECT_GE(FixtureNames("paddle_forms").size(), 13u); }

std::string FormName(const testing::TestParamInfo<PaddleForm::ParamType>& form) {
  return std::get<0>(form.param) + "_" + std::get<1>(form.param);
}

INSTANTIATE_TEST_SUITE_P(Forms, PaddleForm,
                         testing::Combine(testing::ValuesIn(FixtureNames("paddle_forms")),
                                          testing::ValuesIn(EnginesOfThisBuild())),
                         FormName);

}  // namespace
}  // namespace oarlock
