#include "import/onnx/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Field(int number, std::string_view bytes) {
  EXPECT_LT(bytes.size(), 128u);
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + std::string(bytes);
}

std::string TensorAt(std::string_view location) {
  return Field(13, Field(1, "location") + Field(2, location)) + Field(13, Field(1, "offset") + Field(2, "0"));
}

TEST(OnnxExternalFiles, AreFoundInAModelThatHasThem) {
  const auto external = ReadFile(OARLOCK_SOURCE_DIR "/tests/models/onnx/external.onnx", 1 << 20);
  ASSERT_TRUE(external.ok());
  EXPECT_THAT(*OnnxExternalFiles(external->text()), ElementsAre("external.weights"));
  const auto inner = ReadFile(OARLOCK_SOURCE_DIR "/tests/models/onnx/relu_1x16.onnx", 1 << 20);
  ASSERT_TRUE(inner.ok());
  EXPECT_THAT(*OnnxExternalFiles(inner->text()), IsEmpty());
}

TEST(OnnxExternalFiles, AreFoundInConstantsAndNestedGraphs) {
  const std::string constant = Field(1, Field(5, Field(5, TensorAt("constant"))));        // node, attribute, t
  const std::string branch = Field(1, Field(5, Field(6, Field(5, TensorAt("branch")))));  // node, attribute, g
  const std::string model = Field(7, constant + branch + Field(5, TensorAt("initializer")));
  EXPECT_THAT(*OnnxExternalFiles(model), ElementsAre("branch", "constant", "initializer"));
}

TEST(OnnxExternalFiles, DamageIsAnErrorNotACrash) {
  const std::string model = Field(7, Field(5, TensorAt("a")));
  EXPECT_THAT(*OnnxExternalFiles("not an ONNX model"), IsEmpty());
  std::string cut = model;
  cut[3] = 0x7F;  // the initializer says that it is longer than the graph
  EXPECT_EQ(OnnxExternalFiles(cut).status().code(), absl::StatusCode::kDataLoss);
  std::string deep;
  for (int i = 0; i < 40; ++i) {
    if (deep.size() > 100) break;
    deep = Field(1, Field(5, Field(6, deep)));
  }
  EXPECT_TRUE(OnnxExternalFiles(Field(7, deep)).ok());
}

}  // namespace
}  // namespace oarlock
