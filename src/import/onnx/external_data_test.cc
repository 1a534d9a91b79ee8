#include "import/onnx/external_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Field(int number, std::string_view bytes) {
  EXPECT_LT(bytes.size(), 16'384u);
  std::string text(1, static_cast<char>(number << 3 | 2));
  if (bytes.size() >= 128) text += static_cast<char>(bytes.size() % 128 + 128);
  text += static_cast<char>(bytes.size() >= 128 ? bytes.size() / 128 : bytes.size());
  return text.append(bytes);
}

std::string Number(int number, int value) { return {static_cast<char>(number << 3), static_cast<char>(value)}; }

std::string Entry(std::string_view key, std::string_view value) { return Field(13, Field(1, key) + Field(2, value)); }

// FP32 [2,3], named after its file.
std::string TensorAt(std::string_view location) {
  return Number(1, 2) + Number(1, 3) + Number(2, 1) + Field(8, location) + Entry("location", location) +
         Entry("offset", "64") + Entry("length", "24");
}

std::vector<std::string> LocationsIn(std::string_view model) {
  const auto tensors = OnnxExternalTensors(model);
  EXPECT_TRUE(tensors.ok()) << tensors.status();
  std::vector<std::string> locations;
  if (tensors.ok()) {
    for (const OnnxExternalTensor& tensor : *tensors) locations.push_back(tensor.location);
  }
  return locations;
}

TEST(OnnxExternalTensors, AreFoundInAModelThatHasThem) {
  const auto external = ReadFile(OARLOCK_SOURCE_DIR "/tests/models/onnx/external.onnx", 1 << 20);
  ASSERT_TRUE(external.ok());
  const auto tensors = OnnxExternalTensors(external->text());
  ASSERT_TRUE(tensors.ok());
  ASSERT_EQ(tensors->size(), 1u);
  EXPECT_EQ((*tensors)[0].location, "external.weights");
  EXPECT_EQ((*tensors)[0].name, "w");
  EXPECT_EQ((*tensors)[0].dtype, DType::kF32);
  EXPECT_EQ((*tensors)[0].shape, (Shape{1, 16}));
  EXPECT_EQ((*tensors)[0].offset, 0u);
  EXPECT_FALSE((*tensors)[0].nested);
  const auto inner = ReadFile(OARLOCK_SOURCE_DIR "/tests/models/onnx/relu_1x16.onnx", 1 << 20);
  ASSERT_TRUE(inner.ok());
  EXPECT_THAT(LocationsIn(inner->text()), IsEmpty());
}

TEST(OnnxExternalTensors, SayWhatAndWhereTheyAre) {
  const auto tensors = OnnxExternalTensors(Field(7, Field(5, TensorAt("w.bin"))));
  ASSERT_TRUE(tensors.ok());
  ASSERT_EQ(tensors->size(), 1u);
  const OnnxExternalTensor& tensor = tensors->front();
  EXPECT_EQ(tensor.shape, (Shape{2, 3}));
  EXPECT_EQ(tensor.offset, 64u);
  EXPECT_EQ(tensor.size_bytes, 24u);
  const auto packed = OnnxExternalTensors(Field(7, Field(5, Field(1, "\x02\x03") + Entry("location", "w.bin"))));
  ASSERT_TRUE(packed.ok());
  EXPECT_EQ(packed->front().shape, (Shape{2, 3}));
  EXPECT_EQ(packed->front().dtype, DType::kInvalid);
}

TEST(OnnxExternalTensors, AreFoundInConstantsAndNestedGraphs) {
  const std::string constant = Field(1, Field(5, Field(5, TensorAt("constant"))));        // node, attribute, t
  const std::string branch = Field(1, Field(5, Field(6, Field(5, TensorAt("branch")))));  // node, attribute, g
  const std::string model = Field(7, constant + branch + Field(5, TensorAt("initializer")));
  EXPECT_THAT(LocationsIn(model), ElementsAre("constant", "branch", "initializer"));
  const auto tensors = OnnxExternalTensors(model);
  EXPECT_TRUE((*tensors)[0].nested);
  EXPECT_TRUE((*tensors)[1].nested);
  EXPECT_FALSE((*tensors)[2].nested);
}

TEST(OnnxExternalTensors, DamageIsAnErrorNotACrash) {
  const std::string model = Field(7, Field(5, TensorAt("a")));
  EXPECT_THAT(LocationsIn("not an ONNX model"), IsEmpty());
  std::string cut = model;
  cut[3] = 0x7F;  // the initializer says that it is longer than the graph
  EXPECT_EQ(OnnxExternalTensors(cut).status().code(), absl::StatusCode::kDataLoss);
  std::string deep;
  for (int i = 0; i < 40; ++i) {
    if (deep.size() > 100) break;
    deep = Field(1, Field(5, Field(6, deep)));
  }
  EXPECT_TRUE(OnnxExternalTensors(Field(7, deep)).ok());
}

TEST(OnnxExternalTensors, NumbersThatAreNoneNameTheWeight) {
  for (const char* wrong : {"-1", "x", "", "1e3", "99999999999999999999"}) {
    const auto status =
        OnnxExternalTensors(Field(7, Field(5, Field(8, "w1") + Entry("location", "f") + Entry("offset", wrong))))
            .status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
    EXPECT_NE(status.message().find("'w1'"), absl::string_view::npos) << status;
  }
}

}  // namespace
}  // namespace oarlock
