#include "pipeline/ctc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace oarlock {
namespace {

TensorView View(const std::vector<float>& values, Shape shape) {
  return {DType::kF32, shape, reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(float)};
}

const CtcDecode kAb = {{"a", "é"}, 0};

TEST(Ctc, MergesRepeatsAndLeavesOutBlanks) {
  const std::vector<float> values = {0.1F, 0.8F, 0.1F,   // a
                                     0.0F, 1.0F, 0.0F,   // a again: merged, its probability does not count
                                     0.9F, 0.1F, 0.0F,   // blank
                                     0.2F, 0.6F, 0.2F,   // a
                                     0.3F, 0.3F, 0.4F};  // é
  const auto texts = CtcGreedy(View(values, {1, 5, 3}), kAb);
  ASSERT_TRUE(texts.ok()) << texts.status();
  ASSERT_EQ(texts->size(), 1U);
  EXPECT_EQ((*texts)[0].text, "aaé");
  EXPECT_FLOAT_EQ((*texts)[0].confidence, 0.6F);  // (0.8 + 0.6 + 0.4) / 3
}

TEST(Ctc, NothingEmittedIsAsSureAsItsBlanks) {
  const std::vector<float> values = {0.9F, 0.1F, 0, 0.7F, 0.1F, 0.2F};
  const auto texts = CtcGreedy(View(values, {1, 2, 3}), kAb);
  EXPECT_EQ((*texts)[0].text, "");
  EXPECT_FLOAT_EQ((*texts)[0].confidence, 0.8F);
}

TEST(Ctc, TheBlankMayBeAnyClass) {
  const std::vector<float> values = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  EXPECT_EQ((*CtcGreedy(View(values, {1, 3, 3}), {{"x", "y"}, 0}))[0].text, "xy");
  EXPECT_EQ((*CtcGreedy(View(values, {1, 3, 3}), {{"x", "y"}, 1}))[0].text, "xy");
  EXPECT_EQ((*CtcGreedy(View(values, {1, 3, 3}), {{"x", "y"}, 2}))[0].text, "xy");
  const std::vector<float> last = {0, 0, 1};
  EXPECT_EQ((*CtcGreedy(View(last, {1, 1, 3}), {{"x", "y"}, 1}))[0].text, "y");
}

TEST(Ctc, RowsAreIndependent) {
  const std::vector<float> values = {0, 1, 0, 0, 1, 0, 0, 0, 1};
  const auto texts = CtcGreedy(View(values, {3, 1, 3}), kAb);
  ASSERT_EQ(texts->size(), 3U);
  EXPECT_EQ((*texts)[0].text, "a");
  EXPECT_EQ((*texts)[1].text, "a");
  EXPECT_EQ((*texts)[2].text, "é");
}

TEST(Ctc, TheLowestOfEqualClassesWins) {
  const std::vector<float> values = {0.2F, 0.4F, 0.4F, 0.5F, 0.5F, 0};
  EXPECT_EQ((*CtcGreedy(View(values, {1, 2, 3}), kAb))[0].text, "a");
}

TEST(Ctc, NanNeverWins) {
  const std::vector<float> values = {NAN, 0.1F, 0.3F, NAN, NAN, NAN, 0.1F, 0.5F, NAN};
  const auto texts = CtcGreedy(View(values, {1, 3, 3}), kAb);
  EXPECT_EQ((*texts)[0].text, "éa");
  EXPECT_FLOAT_EQ((*texts)[0].confidence, 0.4F);
  const std::vector<float> nothing = {NAN, NAN, NAN};
  EXPECT_EQ((*CtcGreedy(View(nothing, {1, 1, 3}), kAb))[0].text, "");
  EXPECT_EQ((*CtcGreedy(View(nothing, {1, 1, 3}), kAb))[0].confidence, 0);
}

TEST(Ctc, ReadsUnalignedMemory) {
  const std::vector<float> values = {0, 0, 1};
  std::vector<std::byte> bytes(13);
  std::memcpy(bytes.data() + 1, values.data(), 12);
  EXPECT_EQ((*CtcGreedy({DType::kF32, {1, 1, 3}, bytes.data() + 1, 12}, kAb))[0].text, "é");
}

TEST(Ctc, NoRowsGiveNoTexts) { EXPECT_TRUE(CtcGreedy(View({}, {0, 5, 3}), kAb)->empty()); }

TEST(Ctc, RefusesWhatDoesNotFitTogether) {
  const std::vector<float> values(8);
  EXPECT_EQ(CtcGreedy(View(values, {1, 2, 4}), kAb).status().message(),
            "the output has 4 classes; a charset of 2 characters and the blank need 3");
  EXPECT_EQ(CtcGreedy(View(values, {2, 4}), kAb).status().message(),
            "CTC takes an FP32 output [N,T,C]; this one is FP32 [2,4]");
  TensorView integers = View(values, {1, 2, 4});
  integers.dtype = DType::kI32;
  EXPECT_EQ(CtcGreedy(integers, kAb).status().message(), "CTC takes an FP32 output [N,T,C]; this one is INT32 [1,2,4]");
  EXPECT_EQ(CtcGreedy(View({0, 0, 0}, {1, 1, 3}), {{"a", "b"}, 3}).status().message(),
            "the blank is class 3; the output has classes 0 to 2");
  EXPECT_EQ(CtcGreedy(View({0, 0, 0}, {1, 1, 3}), {{"a", "b"}, -1}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CtcGreedy(View({}, {int64_t{1} << 40, 0, 3}), kAb).status().message(),
            "an output [1099511627776,0,3] has no steps to decode");
  EXPECT_EQ(CtcGreedy({DType::kF32, {1, 1, 3}, nullptr, 12}, kAb).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace oarlock
