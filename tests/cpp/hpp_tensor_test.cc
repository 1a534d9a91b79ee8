#include <array>
#include <memory>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include "hpp_fixture.h"

namespace oarlock {
namespace {

using HppTensor = NoLeakTest;

TEST_F(HppTensor, LendsMemoryWithoutACopy) {
  std::vector<float> values(6);
  std::iota(values.begin(), values.end(), 0.0F);
  const Tensor tensor = Tensor::Of(values, {2, 3}).value();
  const std::span<float> seen = tensor.As<float>().value();
  EXPECT_EQ(seen.data(), values.data());
  EXPECT_EQ(seen.size(), 6);
  seen[5] = 50;
  EXPECT_EQ(values[5], 50);
  const TensorDescription is = tensor.Describe().value();
  EXPECT_EQ(is.dtype, OAR_DTYPE_F32);
  EXPECT_EQ(DimsOf(is), Dims({2, 3}));
}

TEST_F(HppTensor, TakesAnyContiguousElements) {
  int64_t array[4] = {1, 2, 3, 4};
  std::array<uint8_t, 2> bytes = {7, 8};
  double pair[2] = {1.5, 2.5};
  EXPECT_EQ(Tensor::Of(array, {4})->As<int64_t>().value()[3], 4);
  EXPECT_EQ(Tensor::Of(bytes, {2})->As<uint8_t>().value()[1], 8);
  EXPECT_EQ(Tensor::Of(std::span<double>(pair), {2})->As<double>().value()[1], 2.5);
  const std::span<double> view(pair);
  EXPECT_EQ(Tensor::Of(view, {2})->As<double>().value()[0], 1.5);
  EXPECT_EQ(Tensor::Of(pair, std::vector<int64_t>{1, 2})->Describe()->rank, 2);
}

TEST_F(HppTensor, ConstMemoryIsReadOnly) {
  const std::vector<float> values = {1, 2};
  const Tensor tensor = Tensor::Of(values, {2}).value();
  EXPECT_EQ(tensor.As<const float>().value()[1], 2);
  const Error error = Thrown([&] { tensor.As<float>().value(); });
  EXPECT_EQ(error.code(), OAR_FAILED_PRECONDITION);
  EXPECT_EQ(tensor.CopyFrom(values.data(), 8).code(), OAR_FAILED_PRECONDITION);
}

TEST_F(HppTensor, ReleasesOnceWithTheLastHandle) {
  std::vector<float> values(4);
  int released = 0;
  auto token = std::make_unique<int>(0);
  Tensor first = Tensor::Of(values, {4}, [&released, token = std::move(token)] { ++released; }).value();
  Tensor second = first.Retain().value();
  Tensor part = second.Slice(0, 1, 3).value();
  first.Reset();
  second = Tensor();
  EXPECT_EQ(released, 0);
  part.Reset();
  EXPECT_EQ(released, 1);
}

TEST_F(HppTensor, DoesNotReleaseWhatItDidNotTake) {
  std::vector<float> values(4);
  int released = 0;
  const Result<Tensor> tensor = Tensor::Of(values, {5}, [&released] { ++released; });
  EXPECT_EQ(tensor.code(), OAR_INVALID_ARGUMENT);
  EXPECT_EQ(released, 0);
}

TEST_F(HppTensor, TakesAVectorOver) {
  struct Values : std::vector<float> {
    using vector::vector;
    std::shared_ptr<int> token = std::make_shared<int>(0);
  };
  Values values = {1, 2, 3};
  const float* const at = values.data();
  const std::weak_ptr<int> token = values.token;
  Tensor tensor = Tensor::Take(std::move(values), {3}).value();
  values.token.reset();
  EXPECT_EQ(tensor.As<float>()->data(), at);
  EXPECT_FALSE(token.expired());
  tensor.Reset();
  EXPECT_TRUE(token.expired());
}

TEST_F(HppTensor, ElementsOfAnotherTypeAreRefusedByName) {
  const Tensor tensor = Tensor::Allocate<float>({2}).value();
  const Result<Span<int64_t>> wrong = tensor.As<int64_t>();
  EXPECT_EQ(wrong.code(), OAR_INVALID_ARGUMENT);
  EXPECT_STREQ(wrong.message(), "the tensor is of FP32, not of INT64");
}

TEST_F(HppTensor, GapsAndOddAddressesAreRefused) {
  const Tensor tensor = Tensor::Allocate<uint8_t>({3, 8}).value();
  EXPECT_EQ(tensor.Slice(1, 0, 2)->As<uint8_t>().code(), OAR_FAILED_PRECONDITION);
  EXPECT_EQ(tensor.Slice(1, 0, 2)->Clone()->As<uint8_t>().value().size(), 6);
  EXPECT_EQ(tensor.View(OAR_DTYPE_F32, {2}, 1)->As<float>().code(), OAR_FAILED_PRECONDITION);
  EXPECT_EQ(tensor.View(OAR_DTYPE_F32, {2}, 4)->As<float>().value().size(), 2);
}

TEST_F(HppTensor, TooManyDimsAreRefused) {
  const Result<Tensor> tensor = Tensor::Allocate<float>({1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_EQ(tensor.code(), OAR_INVALID_ARGUMENT);
  EXPECT_EQ(Tensor::Allocate<float>({1, 1, 1, 1, 1, 1, 1, 2})->As<float>().value().size(), 2);
}

TEST_F(HppTensor, TextsComeBack) {
  const std::string nul("a\0b", 3);
  const Tensor tensor = Tensor::OfStrings({"first", "", nul}).value();
  EXPECT_EQ(tensor.String(0).value(), "first");
  EXPECT_EQ(tensor.String(1).value(), "");
  EXPECT_EQ(tensor.String(2).value(), nul);
  EXPECT_EQ(tensor.String(3).code(), OAR_OUT_OF_RANGE);
  EXPECT_EQ(Tensor::OfStrings(std::vector<std::string>{"x", "y"})->String(1).value(), "y");
}

TEST_F(HppTensor, CopiesElements) {
  const float values[3] = {1, 2, 3};
  const Tensor tensor = Tensor::Allocate<float>({3}).value();
  tensor.CopyFrom(values, sizeof values).value();
  const Tensor clone = tensor.Clone().value();
  tensor.As<float>().value()[0] = 10;
  float copied[3] = {};
  clone.CopyTo(copied, sizeof copied).value();
  EXPECT_EQ(std::vector<float>(copied, copied + 3), std::vector<float>({1, 2, 3}));
  EXPECT_EQ(tensor.To("cpu")->As<float>().value()[0], 10);
  EXPECT_EQ(tensor.To("moon").code(), OAR_NOT_FOUND);
}

TEST_F(HppTensor, GoesThroughDlpackWithoutACopy) {
  std::vector<float> values = {1, 2, 3};
  Tensor tensor = Tensor::Of(values, {3}).value();
  const Tensor plain = Tensor::FromDlpack(tensor.ToDlpack().value()).value();
  const Tensor versioned = Tensor::FromDlpack(plain.ToDlpackVersioned().value()).value();
  tensor.Reset();
  EXPECT_EQ(versioned.As<float>()->data(), values.data());
  EXPECT_EQ(versioned.As<float>()->size(), 3);
}

TEST_F(HppTensor, ElementsOfATemporaryResultCanBeWalked) {
  std::vector<float> values = {1, 2, 3};
  float sum = 0;
  for (const float value : Tensor::Of(values, {3}).value().As<float>().value()) sum += value;
  EXPECT_EQ(sum, 6);
}

TEST_F(HppTensor, MovesLeaveNothingBehind) {
  Tensor first = Tensor::Allocate<float>({1}).value();
  Tensor second = std::move(first);
  EXPECT_FALSE(first);                                       // NOLINT: that is what is asked
  EXPECT_EQ(first.Describe().code(), OAR_INVALID_ARGUMENT);  // NOLINT
  EXPECT_EQ(oar_object_count(OAR_OBJECT_TENSOR), 1);
  second = Tensor::Allocate<float>({2}).value();
  EXPECT_EQ(oar_object_count(OAR_OBJECT_TENSOR), 1);
  Tensor& self = second;
  second = std::move(self);
  EXPECT_EQ(second.As<float>().value().size(), 2);
}

TEST_F(HppTensor, ListsHoldFewAndMany) {
  std::vector<Tensor> tensors;
  for (int i = 0; i < 20; ++i) tensors.push_back(Tensor::Allocate<float>({1}).value());
  const TensorList many(tensors);
  ASSERT_EQ(many.size(), 20);
  EXPECT_EQ(many.data()[19].value, tensors[19].handle().value);
  const TensorList copy = many;
  EXPECT_EQ(copy.data()[0].value, tensors[0].handle().value);
  const TensorList two = {tensors[3], tensors[4]};
  ASSERT_EQ(two.size(), 2);
  EXPECT_EQ(two.data()[1].value, tensors[4].handle().value);
  const TensorList one(tensors[5]);
  EXPECT_EQ(one.data()[0].value, tensors[5].handle().value);
}

TEST(HppResult, FailureThrowsItsCodeAndText) {
  const Result<int> failed = Failure(OAR_NOT_FOUND, "no such thing");
  EXPECT_FALSE(failed);
  EXPECT_STREQ(failed.message(), "no such thing");
  const Error error = Thrown([&] { failed.value(); });
  EXPECT_EQ(error.code(), OAR_NOT_FOUND);
  EXPECT_STREQ(error.what(), "NOT_FOUND: no such thing");
  EXPECT_EQ(Thrown([&] { *failed; }).code(), OAR_NOT_FOUND);
  EXPECT_EQ(Thrown([] { Result<void>(Failure(OAR_ABORTED, "")).value(); }).code(), OAR_ABORTED);
}

TEST(HppResult, ValueIsTakenOut) {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(3);
  EXPECT_TRUE(made.ok());
  EXPECT_EQ(made.code(), OAR_OK);
  EXPECT_STREQ(made.message(), "");
  EXPECT_EQ(**made, 3);
  const std::unique_ptr<int> taken = std::move(made).value();
  EXPECT_EQ(*taken, 3);
}

static_assert(kDtype<bool> == OAR_DTYPE_BOOL && kDtype<int8_t> == OAR_DTYPE_I8 && kDtype<uint8_t> == OAR_DTYPE_U8);
static_assert(kDtype<int16_t> == OAR_DTYPE_I16 && kDtype<uint16_t> == OAR_DTYPE_U16);
static_assert(kDtype<int32_t> == OAR_DTYPE_I32 && kDtype<uint32_t> == OAR_DTYPE_U32);
static_assert(kDtype<long> == OAR_DTYPE_I64 && kDtype<long long> == OAR_DTYPE_I64 && kDtype<size_t> == OAR_DTYPE_U64);
static_assert(kDtype<float> == OAR_DTYPE_F32 && kDtype<double> == OAR_DTYPE_F64);
static_assert(kDtype<long double> == OAR_DTYPE_INVALID && kDtype<void*> == OAR_DTYPE_INVALID);
static_assert(!std::is_copy_constructible_v<Tensor> && std::is_nothrow_move_constructible_v<Tensor>);

}  // namespace
}  // namespace oarlock
