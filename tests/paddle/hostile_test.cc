// Programs of the fixtures, damaged: imported, or refused with a message; never a crash, a hang or memory without
// bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>

#include "base/rounds_test.h"
#include "base/status.h"
#include "fixture.h"
#include "import/importer.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

using ::testing::HasSubstr;

const Importer& TheImporter() {
  static const auto importer = Importer::Open(OARLOCK_BUILD_DIR "/lib/oarlock/liboarlock_importer.so");
  EXPECT_TRUE(importer.ok()) << importer.status();
  return *importer;
}

struct Tally {
  int imported = 0;
  int refused = 0;

  void Add(Format format, std::string_view program, std::span<const std::byte> weights) {
    const auto onnx = TheImporter().Import({format, program, weights});
    if (onnx.ok()) {
      ++imported;
      return;
    }
    ++refused;
    EXPECT_FALSE(MessageOf(onnx.status()).empty());
    EXPECT_EQ(MessageOf(onnx.status()).find('\n'), std::string_view::npos) << onnx.status();
  }
};

// Each `step`th fixture, as `writer` wrote it.
std::vector<PaddleFiles> SomeFixtures(const std::string& writer, size_t step) {
  std::vector<PaddleFiles> some;
  const std::vector<std::string> names = FixtureNames("paddle_operators");
  for (size_t i = 0; i < names.size(); i += step) {
    PaddleFiles files =
        ReadPaddleFiles(std::filesystem::path(OARLOCK_SOURCE_DIR) / "tests/models/paddle_operators" / names[i], writer);
    if (files.format != Format::kUnknown) some.push_back(std::move(files));
  }
  return some;
}

TEST(HostilePrograms, MutatedBytesAreImportedOrRefused) {
  std::mt19937 random(20250101);
  for (const std::string writer : {"legacy26", "pir33"}) {
    Tally tally;
    for (const PaddleFiles& files : SomeFixtures(writer, 7)) {
      for (int round = 0; round < Rounds(8); ++round) {
        tally.Add(files.format, Mutated(std::string(files.program.text()), random), files.weights.bytes());
      }
    }
    EXPECT_GT(tally.refused, 100) << writer;
    EXPECT_GT(tally.imported, 10) << writer;
  }
}

// Numbers, words and types in their places, but other ones: what gets past the readers.
std::string WithOtherValue(const std::string& json, std::mt19937& random) {
  static const std::regex kValue(R"x("(D|%|#)":(-?[0-9.e+-]+|true|false|"[^"]*"))x");
  static const char* const kOthers[] = {
      "-1",   "0",          "1",    "3",        "9223372036854775807", "-9223372036854775808",
      "1e30", "2147483648", "true", "\"NCHW\"", "\"0.a_str\"",         "\"0.a_i32\"",
      "[]",   "[-1]",       "null", "65536",    "\"float64\"",         "0.5"};
  std::vector<std::smatch> values(std::sregex_iterator(json.begin(), json.end(), kValue), std::sregex_iterator());
  if (values.empty()) return json;
  const std::smatch& value = values[std::uniform_int_distribution<size_t>(0, values.size() - 1)(random)];
  const char* other = kOthers[std::uniform_int_distribution<size_t>(0, std::size(kOthers) - 1)(random)];
  return json.substr(0, static_cast<size_t>(value.position(2))) + other +
         json.substr(static_cast<size_t>(value.position(2) + value.length(2)));
}

TEST(HostilePrograms, OtherValuesAreImportedOrRefused) {
  std::mt19937 random(20250102);
  Tally tally;
  for (const PaddleFiles& files : SomeFixtures("pir33", 3)) {
    for (int round = 0; round < Rounds(12); ++round) {
      std::string json = WithOtherValue(std::string(files.program.text()), random);
      if (round % 3 == 0) json = WithOtherValue(json, random);
      tally.Add(files.format, json, files.weights.bytes());
    }
  }
  EXPECT_GT(tally.refused, 500);
  EXPECT_GT(tally.imported, 100);
}

TEST(HostilePrograms, ATensorOfEveryAddressIsRefused) {
  const auto constant = [](std::string_view dims) {
    return fmt::format(
        R"({{"base_code":{{"magic":"pir","version":4}},"program":{{"regions":[{{"blocks":[{{"args":[],"ops":[)"
        R"({{"#":"1.full","A":[{{"AT":{{"#":"1.a_intarray","D":{0}}},"N":"shape"}},{{"AT":{{"#":"0.a_f64","D":1}},"N":"value"}},)"
        R"({{"AT":{{"#":"1.a_dtype","D":"float32"}},"N":"dtype"}}],"I":[],)"
        R"("O":[{{"%":1,"TT":{{"#":"0.t_dtensor","D":[{{"#":"0.t_f32"}},{0},"NCHW",[],0]}}}}]}},)"
        R"({{"#":"1.fetch","A":[{{"AT":{{"#":"0.a_str","D":"y"}},"N":"name"}}],"I":[{{"%":1}}],"O":[]}}]}}]}}]}}}})",
        dims);
  };
  for (const char* dims : {"[4294967296,4294967296]", "[-5]", "[9223372036854775807,2]"}) {
    const auto onnx = TheImporter().Import({Format::kPaddlePir, constant(dims), {}});
    ASSERT_FALSE(onnx.ok()) << dims;
    EXPECT_EQ(onnx.status().code(), absl::StatusCode::kInvalidArgument) << onnx.status();
    EXPECT_THAT(std::string(MessageOf(onnx.status())), HasSubstr("operator 'full' (result '%1')"));
  }
  // One that could be is made by the engine, not here.
  const auto large = TheImporter().Import({Format::kPaddlePir, constant("[1048576,1048576]"), {}});
  ASSERT_TRUE(large.ok()) << large.status();
  EXPECT_LT(large->model().size(), 2000u);
}

}  // namespace
}  // namespace oarlock
