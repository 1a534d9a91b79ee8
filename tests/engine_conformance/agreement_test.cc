// The same model on both engines gives the same answer, within one tolerance for each dtype.
#include <cmath>
#include <cstring>
#include <random>

#include "conformance.h"

namespace oarlock {
namespace {

// Of a difference to the largest value of the output. Both engines compute in float32, in another order of sums;
// OpenVINO does so for FP64 too (docs/decisions/005).
struct Tolerance {
  DType dtype;
  double relative;
};
constexpr Tolerance kTolerances[] = {{DType::kF32, 1e-5}, {DType::kF64, 1e-6}, {DType::kF16, 2e-3},
                                     {DType::kI64, 0},    {DType::kI32, 0},    {DType::kBool, 0}};

double ToleranceOf(DType dtype) {
  for (const Tolerance& row : kTolerances) {
    if (row.dtype == dtype) return row.relative;
  }
  ADD_FAILURE() << "no tolerance for " << NameOf(dtype);
  return 0;
}

double FromHalf(uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const double fraction = bits & 0x3FF;
  const double value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25);
  return (bits & 0x8000) != 0 ? -value : value;
}

std::vector<double> Numbers(const TensorView& view) {
  std::vector<double> numbers;
  const auto add = [&](auto element, auto to_double) {
    decltype(element) value{};
    for (size_t at = 0; at < view.size_bytes; at += sizeof value) {
      std::memcpy(&value, view.data + at, sizeof value);
      numbers.push_back(to_double(value));
    }
  };
  const auto as_is = [](auto value) { return static_cast<double>(value); };
  switch (view.dtype) {
    case DType::kF32:
      add(float{}, as_is);
      break;
    case DType::kF64:
      add(double{}, as_is);
      break;
    case DType::kF16:
      add(uint16_t{}, FromHalf);
      break;
    case DType::kI64:
      add(int64_t{}, as_is);
      break;
    case DType::kI32:
      add(int32_t{}, as_is);
      break;
    case DType::kBool:
      add(uint8_t{}, as_is);
      break;
    default:
      ADD_FAILURE() << NameOf(view.dtype);
  }
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
  const auto fill = [&](auto element, auto make) {
    for (size_t at = 0; at < tensor.size_bytes(); at += sizeof element) {
      element = make();
      std::memcpy(tensor.data() + at, &element, sizeof element);
    }
  };
  const auto real = [&random] { return std::uniform_real_distribution<double>(-1, 1)(random); };
  const auto whole = [&random] { return std::uniform_int_distribution<int>(-1000, 1000)(random); };
  switch (dtype) {
    case DType::kF32:
      fill(float{}, [&] { return static_cast<float>(real()); });
      break;
    case DType::kF64:
      fill(double{}, real);
      break;
    case DType::kF16:  // 1.0 to 1.999, and their negatives
      fill(uint16_t{}, [&] { return static_cast<uint16_t>(0x3C00 | (random() & 0x83FF)); });
      break;
    case DType::kI64:
      fill(int64_t{}, [&] { return int64_t{whole()}; });
      break;
    case DType::kI32:
      fill(int32_t{}, [&] { return int32_t{whole()}; });
      break;
    default:
      ADD_FAILURE() << NameOf(dtype);
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
                                         Case{"small_net", {{2, 3, 16, 16}}}, Case{"product_half", {{3, 8}}},
                                         Case{"product_double", {{3, 8}}}, Case{"flags", {{64}, {64}}}),
                         [](const testing::TestParamInfo<Case>& each) { return std::string(each.param.model); });

}  // namespace
}  // namespace oarlock
