#include "pipeline/top_k.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace oarlock {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

TensorView View(const std::vector<float>& values, Shape shape) {
  return {DType::kF32, shape, reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(float)};
}

std::vector<int64_t> ClassesOf(const std::vector<RankedClass>& row) {
  std::vector<int64_t> classes;
  for (const RankedClass& ranked : row) classes.push_back(ranked.class_index);
  return classes;
}

TEST(TopK, BestFirstPerRow) {
  const std::vector<float> values = {0.1F, 0.7F, 0.2F, 9, -1, 3};
  const auto rows = TopK(View(values, {2, 3}), {.k = 2, .labels = {"cat", "dog", "eel"}});
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ(ClassesOf((*rows)[0]), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ((*rows)[0][0].label, "dog");
  EXPECT_EQ((*rows)[0][0].score, 0.7F);
  EXPECT_EQ((*rows)[1][0].label, "cat");
  EXPECT_EQ((*rows)[1][1].label, "eel");
  EXPECT_EQ((*rows)[1][1].score, 3);
}

TEST(TopK, WithoutLabelsTheClassNumberIsTheLabel) {
  EXPECT_EQ((*TopK(View({0, 1}, {1, 2}), {.k = 1}))[0][0].label, "1");
}

TEST(TopK, MoreThanThereAreIsAll) { EXPECT_EQ((*TopK(View({0, 1}, {1, 2}), {.k = 2'000'000'000}))[0].size(), 2U); }

TEST(TopK, TiesGoToTheLowestClassAndNanComesLast) {
  const auto rows = TopK(View({NAN, 1, -kInf, 2, 1, NAN, 2}, {1, 7}), {.k = 7});
  EXPECT_EQ(ClassesOf((*rows)[0]), (std::vector<int64_t>{3, 6, 1, 4, 2, 0, 5}));
  EXPECT_TRUE(std::isnan((*rows)[0][6].score));
}

TEST(TopK, SoftmaxSumsToOne) {
  const auto rows = TopK(View({0, std::log(3.0F), 0}, {1, 3}), {.k = 3, .softmax = true});
  EXPECT_FLOAT_EQ((*rows)[0][0].score, 0.6F);
  EXPECT_FLOAT_EQ((*rows)[0][1].score, 0.2F);
  EXPECT_FLOAT_EQ((*rows)[0][2].score, 0.2F);
  EXPECT_EQ((*rows)[0][0].class_index, 1);
}

TEST(TopK, SoftmaxOfExtremeLogitsIsFinite) {
  const auto scores = [](std::vector<float> values) {
    const auto rows = TopK(View(values, {1, static_cast<int64_t>(values.size())}), {.k = 9, .softmax = true});
    std::vector<float> result(values.size());
    for (const RankedClass& ranked : (*rows)[0]) result[static_cast<size_t>(ranked.class_index)] = ranked.score;
    return result;
  };
  EXPECT_EQ(scores({1e30F, -1e30F}), (std::vector<float>{1, 0}));
  EXPECT_EQ(scores({kInf, 5, kInf}), (std::vector<float>{0.5F, 0, 0.5F}));
  EXPECT_EQ(scores({-kInf, -kInf}), (std::vector<float>{0.5F, 0.5F}));
  const std::vector<float> with_nan = scores({1, NAN, 1});
  EXPECT_EQ(with_nan[0], 0.5F);
  EXPECT_TRUE(std::isnan(with_nan[1]));
}

TEST(TopK, RefusesWhatDoesNotFitTogether) {
  EXPECT_EQ(TopK(View({0, 1}, {1, 2}), {.labels = {"a"}}).status().message(),
            "the output has 2 classes; there are 1 labels");
  EXPECT_EQ(TopK(View({0, 1}, {1, 2}), {.k = 0}).status().message(), "top_k.k is 0; it must be at least 1");
  EXPECT_EQ(TopK(View({0, 1}, {2}), {}).status().message(), "top_k takes an FP32 output [N,C]; this one is FP32 [2]");
  EXPECT_EQ(TopK(View({}, {int64_t{1} << 40, 0}), {}).status().message(), "an output [1099511627776,0] has no classes");
  EXPECT_TRUE(TopK(View({}, {0, 3}), {})->empty());
}

}  // namespace
}  // namespace oarlock
