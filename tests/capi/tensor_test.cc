// What tensors hold: views, slices and copies against numbers worked out by hand.
#include "tensors.h"

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

class CTensor : public CApi {};

std::vector<int32_t> Counting(int32_t count) {
  std::vector<int32_t> numbers;
  for (int32_t i = 0; i < count; ++i) numbers.push_back(i);
  return numbers;
}

TEST_F(CTensor, NewMemoryIsAlignedAndRowMajor) {
  const auto tensor = Allocated(OAR_DTYPE_F32, {2, 3, 4});
  const oar_tensor_description description = Described(tensor.get());
  EXPECT_EQ(description.dtype, OAR_DTYPE_F32);
  EXPECT_EQ(DimsOf(tensor.get()), (Dims{2, 3, 4}));
  EXPECT_EQ(Dims(description.strides, description.strides + 3), (Dims{12, 4, 1}));
  EXPECT_EQ(description.size_bytes, 96U);
  EXPECT_EQ(description.flags, 0U);
  EXPECT_EQ(description.is_contiguous, 1);
  EXPECT_STREQ(description.device, "cpu");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(description.data) % 64, 0U);
  EXPECT_EQ(DataOf(tensor.get()), description.data);
}

TEST_F(CTensor, RankZeroHoldsOneElement) {
  const auto tensor = Of<float>({}, {2.5F});
  EXPECT_EQ(Described(tensor.get()).size_bytes, sizeof(float));
  EXPECT_EQ(Elements<float>(tensor.get()), std::vector<float>{2.5F});
}

TEST_F(CTensor, WithoutElementsThereIsAnAddressStill) {
  const auto tensor = Allocated(OAR_DTYPE_F32, {0, 4});
  EXPECT_EQ(Described(tensor.get()).size_bytes, 0U);
  EXPECT_NE(DataOf(tensor.get()), nullptr);
  EXPECT_TRUE(Ok(oar_tensor_copy_to, tensor.get(), nullptr, size_t{0}));
  const Dims dims{3, 0};
  Owned<oar_tensor> wrapped;
  EXPECT_TRUE(
      Ok(oar_tensor_wrap, nullptr, size_t{0}, OAR_DTYPE_F32, dims.data(), 2, nullptr, nullptr, nullptr, wrapped.out()));
  EXPECT_NE(DataOf(wrapped.get()), nullptr);
}

TEST_F(CTensor, SliceOfTheFirstDimSharesMemoryAndIsContiguous) {
  const auto tensor = Of<int32_t>({4, 3}, Counting(12));
  Owned<oar_tensor> slice;
  ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 0, 1, 3, slice.out()));
  EXPECT_EQ(DimsOf(slice.get()), (Dims{2, 3}));
  EXPECT_EQ(Described(slice.get()).is_contiguous, 1);
  EXPECT_EQ(DataOf(slice.get()), static_cast<int32_t*>(DataOf(tensor.get())) + 3);
  EXPECT_EQ(Elements<int32_t>(slice.get()), (std::vector<int32_t>{3, 4, 5, 6, 7, 8}));
}

TEST_F(CTensor, SliceOfAnInnerDimHasGapsAndReadsAndWritesItsOwnElements) {
  const auto tensor = Of<int32_t>({3, 4}, Counting(12));
  Owned<oar_tensor> columns;
  ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 1, 1, 3, columns.out()));
  EXPECT_EQ(Described(columns.get()).is_contiguous, 0);
  EXPECT_EQ(Described(columns.get()).size_bytes, 6 * sizeof(int32_t));
  EXPECT_EQ(Elements<int32_t>(columns.get()), (std::vector<int32_t>{1, 2, 5, 6, 9, 10}));
  Owned<oar_tensor> last;
  ASSERT_TRUE(Ok(oar_tensor_slice, columns.get(), 0, 2, 3, last.out()));
  EXPECT_EQ(Elements<int32_t>(last.get()), (std::vector<int32_t>{9, 10}));
  const std::vector<int32_t> wanted{-1, -2, -3, -4, -5, -6};
  ASSERT_TRUE(Ok(oar_tensor_copy_from, columns.get(), wanted.data(), wanted.size() * sizeof(int32_t)));
  EXPECT_EQ(Elements<int32_t>(tensor.get()), (std::vector<int32_t>{0, -1, -2, 3, 4, -3, -4, 7, 8, -5, -6, 11}));
}

TEST_F(CTensor, EmptySliceIsLegalAtBothEnds) {
  const auto tensor = Of<int32_t>({4, 3}, Counting(12));
  for (const int64_t at : {0, 4}) {
    Owned<oar_tensor> slice;
    ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 0, at, at, slice.out()));
    EXPECT_EQ(DimsOf(slice.get()), (Dims{0, 3}));
    EXPECT_EQ(Described(slice.get()).size_bytes, 0U);
  }
}

TEST_F(CTensor, StridesOfTheCallersAreFollowed) {
  std::vector<int32_t> memory = Counting(6);
  const Dims dims{3, 2};
  const Dims transposed{1, 3};
  auto options = Sized<oar_tensor_options>();
  options.strides = transposed.data();
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory.data(), memory.size() * sizeof(int32_t), OAR_DTYPE_I32, dims.data(), 2,
                 &options, nullptr, nullptr, tensor.out()));
  EXPECT_EQ(Elements<int32_t>(tensor.get()), (std::vector<int32_t>{0, 3, 1, 4, 2, 5}));
  const Dims repeated{0, 1};
  options.strides = repeated.data();
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory.data(), 2 * sizeof(int32_t), OAR_DTYPE_I32, dims.data(), 2, &options, nullptr,
                 nullptr, tensor.out()));
  EXPECT_EQ(Elements<int32_t>(tensor.get()), (std::vector<int32_t>{0, 1, 0, 1, 0, 1}));
}

TEST_F(CTensor, CloneIsPackedWritableAndItsOwn) {
  const std::vector<int32_t> memory = Counting(12);
  std::vector<int32_t> lent = memory;
  const auto tensor = Over(lent.data(), lent.size(), {3, 4}, OAR_TENSOR_READ_ONLY);
  Owned<oar_tensor> columns;
  ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 1, 2, 4, columns.out()));
  Owned<oar_tensor> clone;
  ASSERT_TRUE(Ok(oar_tensor_clone, columns.get(), clone.out()));
  const oar_tensor_description description = Described(clone.get());
  EXPECT_EQ(description.is_contiguous, 1);
  EXPECT_EQ(description.flags, 0U);
  EXPECT_EQ(Dims(description.strides, description.strides + 2), (Dims{2, 1}));
  EXPECT_EQ(Elements<int32_t>(clone.get()), (std::vector<int32_t>{2, 3, 6, 7, 10, 11}));
  const std::vector<int32_t> zeros(6);
  EXPECT_TRUE(Ok(oar_tensor_copy_from, clone.get(), zeros.data(), sizeof(int32_t) * 6));
  EXPECT_EQ(lent, memory);
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "read-only", oar_tensor_copy_from, columns.get(), zeros.data(),
                    sizeof(int32_t) * 6));
}

TEST_F(CTensor, ViewShowsTheSameBytesOtherwise) {
  const auto tensor = Of<int32_t>({2, 2}, {0x04030201, 0x08070605, 0x0c0b0a09, 0x100f0e0d});
  const Dims dims{2, 4};
  Owned<oar_tensor> view;
  ASSERT_TRUE(Ok(oar_tensor_view, tensor.get(), OAR_DTYPE_U8, dims.data(), 2, size_t{6}, view.out()));
  EXPECT_EQ(Elements<unsigned char>(view.get()), (std::vector<unsigned char>{7, 8, 9, 10, 11, 12, 13, 14}));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "8", oar_tensor_view, tensor.get(), OAR_DTYPE_U8, dims.data(), 2, size_t{9},
                    view.out()));
}

TEST_F(CTensor, MoveEndsTheOldHandleAndRetainDoesNot) {
  const auto tensor = Of<int32_t>({1}, {7});
  Owned<oar_tensor> retained;
  ASSERT_TRUE(Ok(oar_tensor_retain, tensor.get(), retained.out()));
  EXPECT_NE(retained.get().value, tensor.get().value);
  Owned<oar_tensor> moved;
  ASSERT_TRUE(Ok(oar_tensor_move, tensor.get(), moved.out()));
  oar_tensor none{};
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "destroyed", oar_tensor_move, tensor.get(), &none));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "destroyed", oar_tensor_release, tensor.get()));
  EXPECT_EQ(Elements<int32_t>(moved.get()), std::vector<int32_t>{7});
  EXPECT_EQ(DataOf(moved.get()), DataOf(retained.get()));
}

TEST_F(CTensor, OnItsDeviceItIsTheSameMemory) {
  const auto tensor = Of<int32_t>({1}, {7});
  for (const char* device : {"auto", "cpu"}) {
    Owned<oar_tensor> there;
    ASSERT_TRUE(Ok(oar_tensor_to, tensor.get(), device, there.out()));
    EXPECT_EQ(DataOf(there.get()), DataOf(tensor.get()));
  }
  Owned<oar_tensor> nowhere;
  EXPECT_TRUE(Fails(OAR_NOT_FOUND, "cuda:0", oar_tensor_to, tensor.get(), "cuda:0", nowhere.out()));
}

std::string StringAt(oar_tensor tensor, size_t index) {
  oar_string element{};
  EXPECT_TRUE(Ok(oar_tensor_string, tensor, index, &element));
  return {element.data, element.size_bytes};
}

TEST_F(CTensor, StringsKeepTheirBytes) {
  const std::string with_nul("a\0b", 3);
  const oar_string elements[] = {{with_nul.data(), 3}, {nullptr, 0}, {"caf\xc3\xa9", 5}};
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_from_strings, elements, size_t{3}, tensor.out()));
  EXPECT_EQ(Described(tensor.get()).dtype, OAR_DTYPE_BYTES);
  EXPECT_EQ(DimsOf(tensor.get()), Dims{3});
  EXPECT_EQ(Described(tensor.get()).size_bytes, 3 * sizeof(uint32_t) + 8);
  Owned<oar_tensor> clone;
  ASSERT_TRUE(Ok(oar_tensor_clone, tensor.get(), clone.out()));
  for (const oar_tensor each : {tensor.get(), clone.get()}) {
    EXPECT_EQ(StringAt(each, 0), with_nul);
    EXPECT_EQ(StringAt(each, 1), "");
    EXPECT_EQ(StringAt(each, 2), "caf\xc3\xa9");
  }
  oar_string none{};
  EXPECT_TRUE(Fails(OAR_OUT_OF_RANGE, "3 of 3", oar_tensor_string, tensor.get(), size_t{3}, &none));
  const auto numbers = Of<int32_t>({1}, {1});
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "INT32", oar_tensor_string, numbers.get(), size_t{0}, &none));
}

// How often a wrapped tensor's memory was given back.
void CountRelease(void* user) { ++*static_cast<int*>(user); }

TEST_F(CTensor, MemoryIsGivenBackOnceWithTheLastThatShowsIt) {
  int released = 0;
  std::vector<float> memory(8);
  const Dims dims{8};
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory.data(), sizeof(float) * 8, OAR_DTYPE_F32, dims.data(), 1, nullptr,
                 CountRelease, &released, tensor.out()));
  Owned<oar_tensor> slice;
  ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 0, 2, 4, slice.out()));
  Owned<oar_tensor> retained;
  ASSERT_TRUE(Ok(oar_tensor_retain, slice.get(), retained.out()));
  tensor.Reset();
  slice.Reset();
  EXPECT_EQ(released, 0);
  EXPECT_EQ(DataOf(retained.get()), &memory[2]);
  retained.Reset();
  EXPECT_EQ(released, 1);
}

}  // namespace
}  // namespace oarlock::capi_test
