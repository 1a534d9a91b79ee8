#include "server/protocol/classification.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <typename T>
TensorView View(const std::vector<T>& values, const Shape& shape) {
  return {DTypeOf<T>(), shape, reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(T)};
}

std::vector<std::string> TextsOf(const TensorView& tensor) {
  EXPECT_EQ(tensor.dtype, DType::kBytes);
  const auto elements = BytesElements(tensor.bytes(), *tensor.shape.ElementCount());
  EXPECT_TRUE(elements.ok()) << elements.status();
  return {elements->begin(), elements->end()};
}

// `shape` gets the answer's.
std::vector<std::string> Best(const TensorView& scores, const Classification& wish, Shape* shape = nullptr) {
  const auto made = Classify(scores, wish, Limits());
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return {};
  if (shape != nullptr) *shape = made->shape();
  return TextsOf(made->view());
}

TEST(Classification, EachRowNamesItsBestFirst) {
  const std::vector<float> scores = {0.5F, -1, 2.25F, 0, 7, 7, 1e-9F, 8};
  Shape shape;
  EXPECT_THAT(Best(View(scores, {2, 4}), {.count = 3}, &shape),
              ElementsAre("2.25:2", "0.5:0", "0:3", "8:3", "7:0", "7:1"));
  EXPECT_EQ(shape, (Shape{2, 3}));
  EXPECT_THAT(Best(View(scores, {2, 4, 1, 1}), {.count = 1}, &shape), ElementsAre("2.25:2", "8:3"));
  EXPECT_EQ(shape, (Shape{2, 1}));
  EXPECT_THAT(Best(View(scores, {2, 2, 2}), {.count = 1}), ElementsAre("2.25:2", "8:3"));
}

TEST(Classification, WithoutABatchsDimThereIsOneList) {
  const std::vector<float> scores = {1, 3, 2};
  Shape shape;
  EXPECT_THAT(Best(View(scores, {3}), {.count = 2}, &shape), ElementsAre("3:1", "2:2"));
  EXPECT_EQ(shape, Shape{2});
  EXPECT_THAT(Best(View(scores, {3}), {.count = 2, .batched = true}, &shape), ElementsAre("1:0", "3:0", "2:0"));
  EXPECT_EQ(shape, (Shape{3, 1}));
  const std::vector<float> one = {4};
  EXPECT_THAT(Best(View(one, {}), {.count = 9, .batched = true}, &shape), ElementsAre("4:0"));
  EXPECT_EQ(shape, Shape{1});
}

TEST(Classification, MoreThanThereAreClassesMeansAllOfThem) {
  const std::vector<int64_t> scores = {1, 3};
  for (const int64_t count : {int64_t{3}, int64_t{1} << 31, std::numeric_limits<int64_t>::max()}) {
    Shape shape;
    EXPECT_THAT(Best(View(scores, {1, 2}), {.count = count}, &shape), ElementsAre("3:1", "1:0"));
    EXPECT_EQ(shape, (Shape{1, 2}));
  }
}

TEST(Classification, EveryNumberHasItsText) {
  EXPECT_THAT(Best(View(std::vector<uint8_t>{255, 0}, {2}), {.count = 1}), ElementsAre("255:0"));
  EXPECT_THAT(Best(View(std::vector<int8_t>{-128, 65}, {2}), {.count = 2}), ElementsAre("65:1", "-128:0"));
  EXPECT_THAT(Best(View(std::vector<uint16_t>{65535}, {1}), {.count = 1}), ElementsAre("65535:0"));
  EXPECT_THAT(Best(View(std::vector<int16_t>{-3}, {1}), {.count = 1}), ElementsAre("-3:0"));
  EXPECT_THAT(Best(View(std::vector<uint32_t>{4294967295U}, {1}), {.count = 1}), ElementsAre("4294967295:0"));
  EXPECT_THAT(Best(View(std::vector<int32_t>{-7}, {1}), {.count = 1}), ElementsAre("-7:0"));
  EXPECT_THAT(Best(View(std::vector<uint64_t>{UINT64_MAX, 1}, {2}), {.count = 1}),
              ElementsAre("18446744073709551615:0"));
  EXPECT_THAT(Best(View(std::vector<int64_t>{INT64_MIN, INT64_MAX}, {2}), {.count = 1}),
              ElementsAre("9223372036854775807:1"));
  EXPECT_THAT(Best(View(std::vector<double>{0.1}, {1}), {.count = 1}), ElementsAre("0.1:0"));
  EXPECT_THAT(Best(View(std::vector<float>{0.1F, 1e30F}, {2}), {.count = 2}), ElementsAre("1e+30:1", "0.1:0"));
}

TEST(Classification, NanComesLastAndEqualsInTheirOrder) {
  const float nan = std::nanf("");
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(Best(View(std::vector<float>{nan, -infinity, 1, nan, infinity, 1}, {6}), {.count = 6}),
              ElementsAre("inf:4", "1:2", "1:5", "-inf:1", "nan:0", "nan:3"));
}

TEST(Classification, EmptyTensorsHaveNoClasses) {
  const std::vector<float> none;
  Shape shape;
  EXPECT_THAT(Best(View(none, {0, 4}), {.count = 3}, &shape), IsEmpty());
  EXPECT_EQ(shape, (Shape{0, 3}));
  EXPECT_THAT(Best(View(none, {3, 0}), {.count = 3}, &shape), IsEmpty());
  EXPECT_EQ(shape, (Shape{3, 0}));
  EXPECT_THAT(Best(View(none, {0}), {.count = 3}, &shape), IsEmpty());
  EXPECT_EQ(shape, Shape{0});
}

TEST(Classification, ScoresThatWerePickedBeforeHaveTheirClassesAndLabels) {
  const std::vector<float> scores = {9, 3, 8, 2};
  const std::vector<int64_t> classes = {41, 7, 0, 5};
  const std::vector<std::string> names = {"cat", "dog: big", "", "ä"};
  const auto packed = Tensor::FromStrings(names);
  ASSERT_TRUE(packed.ok());
  Classification wish{.count = 2, .classes = View(classes, {2, 2})};
  EXPECT_THAT(Best(View(scores, {2, 2}), wish), ElementsAre("9:41", "3:7", "8:0", "2:5"));
  wish.labels = packed->view();
  EXPECT_THAT(Best(View(scores, {2, 2}), wish), ElementsAre("9:41:cat", "3:7:dog: big", "8:0:", "2:5:ä"));
  wish.count = 1;
  EXPECT_THAT(Best(View(scores, {2, 2}), wish), ElementsAre("9:41:cat", "8:0:"));
}

TEST(Classification, WhatHasNoOrderIsRefused) {
  for (const DType dtype : {DType::kBool, DType::kF16, DType::kBF16, DType::kBytes, DType::kInvalid}) {
    const absl::Status status = CheckClassifiable(dtype);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << NameOf(dtype);
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(std::string(NameOf(dtype))));
  }
  const std::byte bytes[2] = {};
  EXPECT_EQ(Classify({DType::kF16, {1}, bytes, 2}, {}, Limits()).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Classification, TheAnswerHasALimit) {
  Limits limits;
  limits.classification_elements_max = 6;
  const std::vector<float> scores(12);
  EXPECT_TRUE(Classify(View(scores, {3, 4}), {.count = 2}, limits).ok());
  const auto refused = Classify(View(scores, {3, 4}), {.count = 3}, limits);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(refused.status())),
              AllOf(HasSubstr("3 rows with 3 classes"), HasSubstr("classification_elements_max")));
}

}  // namespace
}  // namespace oarlock
