// Every Paddle fixture on every engine: imported, loaded, run, and compared with what Paddle answers. What one engine
// cannot run is listed in engine_gaps.txt with the reason; a line there that is not needed any more fails too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "base/status.h"
#include "engine_run.h"
#include "fixture.h"
#include "import/importer.h"

namespace oarlock {
namespace {

absl::StatusOr<ImportedOnnx> ImportFixture(const PaddleFiles& files) {
  static const auto importer = Importer::Open(OARLOCK_BUILD_DIR "/lib/oarlock/liboarlock_importer.so");
  if (!importer.ok()) return importer.status();
  return importer->Import({files.format, files.program.text(), files.weights.bytes()});
}

// "group/name engine reason": lines of engine_gaps.txt.
std::map<std::string, std::string> ReadGaps() {
  std::ifstream file(OARLOCK_SOURCE_DIR "/tests/paddle/engine_gaps.txt");
  std::map<std::string, std::string> gaps;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string fixture, engine, reason;
    if (line.empty() || line[0] == '#' || !(words >> fixture >> engine)) continue;
    std::getline(words, reason);
    gaps[fixture + " " + engine] = reason;
  }
  return gaps;
}

class PaddleFixture : public testing::TestWithParam<std::tuple<std::string, std::string>> {};

TEST_P(PaddleFixture, AnswersAsPaddle) {
  const auto& [path, engine] = GetParam();
  static const auto gaps = ReadGaps();
  const bool gap = gaps.contains(path + " " + engine);
  const size_t slash = path.find('/');
  std::set<std::string> seen;
  bool failed = false;
  for (const std::string writer : kWriters) {
    SCOPED_TRACE(writer);
    const Fixture fixture = ReadFixture(path.substr(0, slash), path.substr(slash + 1), writer);
    const PaddleFiles files = ReadPaddleFiles(fixture.directory, writer);
    if (files.format == Format::kUnknown) continue;
    const auto onnx = ImportFixture(files);
    absl::Status status = onnx.status();
    if (onnx.ok()) {
      // Paddle 3.0 and 3.3 mostly write the same program, and mean the same by it.
      const auto model = onnx->model();
      const bool own_outputs = KindOf(fixture.directory / ("out." + writer + ".0.npy")) == PathKind::kFile;
      const bool fresh = seen.insert(std::string(reinterpret_cast<const char*>(model.data()), model.size())).second;
      if (!fresh && !own_outputs) continue;
      ModelSource source;
      source.format = Format::kOnnx;
      source.model = model;
      status = RunOn(engine, source, fixture);
    }
    failed = failed || !status.ok();
    if (!gap) {
      EXPECT_TRUE(status.ok()) << status;
    }
  }
  EXPECT_EQ(failed, gap) << (gap ? "it works: take its line out of engine_gaps.txt" : "");
}

std::vector<std::string> AllFixtures() {
  std::vector<std::string> paths;
  for (const std::string group : {"paddle_operators", "paddle_architectures"}) {
    for (const std::string& name : FixtureNames(group)) paths.push_back(group + "/" + name);
  }
  return paths;
}

// What an older reader of ONNX gets: the same answers, or a word on what it cannot have.
TEST(PaddleFixtures, AnswerInEveryOperatorSet) {
  if (EnginesOfThisBuild().empty()) GTEST_SKIP() << "this build has no engine";
  const auto importer = Importer::Open(OARLOCK_BUILD_DIR "/lib/oarlock/liboarlock_importer.so");
  ASSERT_TRUE(importer.ok()) << importer.status();
  int answered = 0;
  for (const std::string& name : FixtureNames("paddle_architectures")) {
    const Fixture fixture = ReadFixture("paddle_architectures", name, "pir33");
    const PaddleFiles files = ReadPaddleFiles(fixture.directory, "pir33");
    for (int opset = OAR_IMPORT_OPSET_MIN; opset < OAR_IMPORT_OPSET; ++opset) {
      SCOPED_TRACE(fmt::format("{}, operator set {}", name, opset));
      OnnxWish wish;
      wish.opset = opset;
      const auto onnx = importer->Import({files.format, files.program.text(), files.weights.bytes()}, wish);
      ASSERT_TRUE(onnx.ok()) << onnx.status();
      ModelSource source;
      source.format = Format::kOnnx;
      source.model = onnx->model();
      const absl::Status status = RunOn(EnginesOfThisBuild().front(), source, fixture);
      EXPECT_TRUE(status.ok()) << status;
      ++answered;
    }
  }
  EXPECT_GE(answered, 15 * 4);
  OnnxWish wish;
  for (const int opset : {12, 18}) {
    wish.opset = opset;
    EXPECT_EQ(importer->Import({Format::kPaddlePir, "{}", {}}, wish).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(PaddleFixtures, AreThere) { EXPECT_GT(AllFixtures().size(), 300u); }

std::string TestName(const testing::TestParamInfo<PaddleFixture::ParamType>& info) {
  std::string name = std::get<0>(info.param) + "_" + std::get<1>(info.param);
  for (char& letter : name) {
    if (!isalnum(static_cast<unsigned char>(letter))) letter = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Fixtures, PaddleFixture,
                         testing::Combine(testing::ValuesIn(AllFixtures()), testing::ValuesIn(EnginesOfThisBuild())),
                         TestName);

}  // namespace
}  // namespace oarlock
