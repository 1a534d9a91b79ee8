// The same model on both engines gives the same answer, within one tolerance for each dtype.
#include <cmath>
#include <random>

#include "conformance.h"

namespace oarlock {
namespace {

// Of a difference to the largest value of the output: both engines compute in float32, in another order of sums.
struct Tolerance {
  DType dtype;
  double relative;
};
constexpr Tolerance kTolerances[] = {{DType::kF32, 1e-5}, {DType::kF64, 1e-12}, {DType::kF16, 2e-3},
                                     {DType::kI64, 0},    {DType::kI32, 0},     {DType::kBool, 0}};

double ToleranceOf(DType dtype) {
  for (const Tolerance& row : kTolerances) {
    if (row.dtype == dtype) return row.relative;
  }
  ADD_FAILURE() << "no tolerance for " << NameOf(dtype);
  return 0;
}

std::vector<double> Numbers(const TensorView& view) {
  std::vector<double> numbers;
  for (float value : view.As<float>()) numbers.push_back(value);
  for (int64_t value : view.As<int64_t>()) numbers.push_back(static_cast<double>(value));
  for (int32_t value : view.As<int32_t>()) numbers.push_back(value);
  return numbers;
}

struct Case {
  const char* model;
  std::vector<Shape> inputs;
};

// Inputs that both get, by seed.
Tensor RandomInput(DType dtype, const Shape& shape, uint32_t seed) {
  auto tensor = *Tensor::Allocate(dtype, shape);
  std::mt19937 random(seed);
  for (size_t i = 0; i < tensor.size_bytes() / ElementSizeBytes(dtype); ++i) {
    if (dtype == DType::kF32) {
      reinterpret_cast<float*>(tensor.data())[i] = std::uniform_real_distribution<float>(-1, 1)(random);
    } else {
      reinterpret_cast<int64_t*>(tensor.data())[i] = std::uniform_int_distribution<int64_t>(-1000, 1000)(random);
    }
  }
  return tensor;
}

class Agreement : public testing::TestWithParam<Case> {};

TEST_P(Agreement, OfBothEngines) {
  const auto files = ReadSampleFile(Format::kOnnx, fmt::format("onnx/{}.onnx", GetParam().model));
  const auto one = MustMake(MustLoad("onnxruntime", files));
  const auto model = MustLoad("openvino", files);
  const auto two = MustMake(model);
  std::vector<Tensor> inputs;
  for (size_t i = 0; i < GetParam().inputs.size(); ++i) {
    inputs.push_back(RandomInput(model->inputs()[i].dtype, GetParam().inputs[i], static_cast<uint32_t>(i + 1)));
    CopyReason reason;
    ASSERT_TRUE(one->BindInput(i, inputs[i].view(), &reason).ok());
    ASSERT_TRUE(two->BindInput(i, inputs[i].view(), &reason).ok());
  }
  ASSERT_TRUE(one->Run().ok());
  ASSERT_TRUE(two->Run().ok());
  for (size_t i = 0; i < model->outputs().size(); ++i) {
    EngineOutput a;
    EngineOutput b;
    ASSERT_TRUE(one->Output(i, &a).ok());
    ASSERT_TRUE(two->Output(i, &b).ok());
    ASSERT_EQ(a.view.dtype, b.view.dtype);
    ASSERT_EQ(a.view.shape, b.view.shape);
    const auto x = Numbers(a.view);
    const auto y = Numbers(b.view);
    ASSERT_EQ(x.size(), y.size());
    ASSERT_FALSE(x.empty());
    double largest = 0;
    double error = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      largest = std::max(largest, std::abs(x[k]));
      error = std::max(error, std::abs(x[k] - y[k]));
    }
    EXPECT_GT(largest, 0);
    EXPECT_LE(error, ToleranceOf(a.view.dtype) * largest) << GetParam().model << " output " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Agreement,
                         testing::Values(Case{"relu_1x16", {{1, 16}}}, Case{"add_static", {{1, 16}}},
                                         Case{"add_dynamic", {{5, 4}}}, Case{"add_two", {{1, 4}, {3}}},
                                         Case{"sum_dynamic", {{3, 7}, {3, 7}}}, Case{"nonzero_dynamic", {{1, 16}}},
                                         Case{"identity_named", {{1, 4}}}, Case{"matmul_chain", {{48, 48}}},
                                         Case{"small_net", {{2, 3, 16, 16}}}),
                         [](const testing::TestParamInfo<Case>& each) { return std::string(each.param.model); });

}  // namespace
}  // namespace oarlock
