#include "tensor/tensor.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

namespace oarlock {
namespace {

TEST(DType, EveryRowHasItsNameAndSize) {
  const std::vector<std::pair<std::string_view, size_t>> expected = {
      {"BOOL", 1},  {"UINT8", 1}, {"UINT16", 2}, {"UINT32", 4}, {"UINT64", 8}, {"INT8", 1}, {"INT16", 2},
      {"INT32", 4}, {"INT64", 8}, {"FP16", 2},   {"BF16", 2},   {"FP32", 4},   {"FP64", 8}, {"BYTES", 0}};
  ASSERT_EQ(DTypeRows().size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    const DType dtype = static_cast<DType>(i + 1);
    EXPECT_EQ(NameOf(dtype), expected[i].first);
    EXPECT_EQ(ElementSizeBytes(dtype), expected[i].second);
    EXPECT_EQ(DTypeFromName(expected[i].first), dtype);
  }
  EXPECT_EQ(NameOf(static_cast<DType>(77)), "INVALID");
  EXPECT_FALSE(DTypeFromName("FLOAT").has_value());
}

TEST(Shape, RefusesTooManyDimsAndNegativeOnes) {
  const std::vector<int64_t> nine(9, 1);
  EXPECT_EQ(Shape::From(nine).status().message(), "a shape of 9 dims; at most 8 are possible");
  const std::vector<int64_t> negative = {2, -2};
  EXPECT_EQ(Shape::From(negative).status().code(), absl::StatusCode::kInvalidArgument);
  const std::vector<int64_t> eight(8, 1);
  EXPECT_EQ(Shape::From(eight)->rank(), 8);
}

TEST(Shape, ProductsThatOverflowAreErrors) {
  const int64_t huge = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(*Shape{huge}.ElementCount(), huge);
  EXPECT_FALSE(Shape{huge}.SizeBytes(DType::kF32).ok());
  EXPECT_FALSE((Shape{int64_t{1} << 62}.SizeBytes(DType::kF32).ok()));
  EXPECT_FALSE((Shape{int64_t{1} << 32, int64_t{1} << 32}.ElementCount().ok()));
  EXPECT_FALSE((Shape{huge, 2}.ElementCount().ok()));
  EXPECT_EQ(*(Shape{huge, huge, 0}.ElementCount()), 0);
  EXPECT_EQ(*(Shape{}.ElementCount()), 1);
  EXPECT_EQ(*(Shape{2, 3}.SizeBytes(DType::kF64)), 48u);
}

TEST(Shape, AdmitsEqualAndDynamicDims) {
  EXPECT_TRUE((Shape{-1, 16}.Admits(Shape{7, 16})));
  EXPECT_FALSE((Shape{-1, 16}.Admits(Shape{7, 17})));
  EXPECT_FALSE((Shape{-1, 16}.Admits(Shape{16})));
  EXPECT_EQ((Shape{-1, 16}.ToString()), "[-1,16]");
}

TEST(Tensor, OwnedMemoryIsAligned) {
  auto tensor = Tensor::Allocate(DType::kF32, Shape{3, 5});
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->data()) % 64, 0u);
  EXPECT_EQ(tensor->size_bytes(), 60u);
  EXPECT_EQ(tensor->view().As<float>().size(), 15u);
  EXPECT_TRUE(tensor->view().As<int32_t>().empty());
}

TEST(Tensor, AnImpossibleSizeIsAnErrorNotAnException) {
  EXPECT_EQ(Tensor::Allocate(DType::kF64, Shape{int64_t{1} << 59}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Buffer::Allocate(std::numeric_limits<size_t>::max()).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(Buffer, WrappedMemoryIsReleasedOnceAfterTheLastReference) {
  int released = 0;
  float memory[4] = {1, 2, 3, 4};
  {
    auto tensor = Tensor::Over(DType::kF32, Shape{4},
                               Buffer::Wrap(
                                   memory, sizeof memory, [](void* user) { ++*static_cast<int*>(user); }, &released));
    ASSERT_TRUE(tensor.ok());
    EXPECT_EQ(static_cast<void*>(tensor->data()), memory);
    const Tensor second = *tensor;
    *tensor = Tensor();
    EXPECT_EQ(released, 0);
    EXPECT_EQ(second.view().As<float>()[2], 3.0f);
  }
  EXPECT_EQ(released, 1);
}

TEST(Tensor, ABufferTooSmallIsRefused) {
  float memory[3];
  EXPECT_EQ(
      Tensor::Over(DType::kF32, Shape{4}, Buffer::Wrap(memory, sizeof memory, nullptr, nullptr)).status().message(),
      "FP32 [4] takes 16 bytes; the buffer has 12");
}

TEST(Bytes, ElementsGoThereAndBack) {
  const std::vector<std::string> words = {"", "ab", std::string("a\0b", 3)};
  auto tensor = Tensor::FromStrings(words);
  ASSERT_TRUE(tensor.ok());
  EXPECT_EQ(tensor->shape(), Shape{3});
  auto elements = BytesElements(tensor->view().bytes(), 3);
  ASSERT_TRUE(elements.ok());
  for (size_t i = 0; i < words.size(); ++i) EXPECT_EQ((*elements)[i], words[i]);
}

TEST(Bytes, LengthsThatLieAreRefused) {
  std::string packed;
  ASSERT_TRUE(AppendBytesElement("abc", &packed).ok());
  const auto bytes = [](std::string_view text) { return std::as_bytes(std::span(text)); };
  EXPECT_FALSE(BytesElements(bytes(packed), 2).ok());
  EXPECT_FALSE(BytesElements(bytes(packed), 0).ok());
  EXPECT_FALSE(BytesElements(bytes(packed.substr(0, 6)), 1).ok());
  EXPECT_FALSE(BytesElements(bytes(packed.substr(0, 3)), 1).ok());
  const uint32_t huge = 0xFFFFFFFF;
  std::memcpy(packed.data(), &huge, 4);
  EXPECT_EQ(BytesElements(bytes(packed), 1).status().message(), "BYTES element 0 says 4294967295 bytes; 3 are left");
}

TEST(View, IsCheckedAgainstItsSize) {
  float memory[4] = {};
  TensorView view{DType::kF32, Shape{2, 2}, reinterpret_cast<const std::byte*>(memory), 16};
  EXPECT_TRUE(CheckView(view, {"input", "x"}).ok());
  view.size_bytes = 12;
  EXPECT_EQ(CheckView(view, {"input", "x"}).message(), "input 'x' of FP32 [2,2] takes 16 bytes; 12 were given");
  view.shape = Shape{-1};
  EXPECT_FALSE(CheckView(view, {"input", "x"}).ok());
  view.dtype = static_cast<DType>(0);
  EXPECT_FALSE(CheckView(view, {"input", "x"}).ok());
}

}  // namespace
}  // namespace oarlock
