// Tensors that cannot be: each is refused with a code and a text, nothing is written, and what was lent stays lent.
#include <limits>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

class HostileTensor : public CApi {};

void NeverReleased(void*) { ADD_FAILURE() << "memory that was refused is the caller's"; }

// As a wrap of `size_bytes` bytes of memory.
void ExpectNoWrap(oar_code code, std::string_view word, oar_dtype dtype, const Dims& dims, size_t size_bytes,
                  const Dims& strides = {}, void* data = nullptr) {
  alignas(64) static unsigned char memory[256] = {};
  auto options = Sized<oar_tensor_options>();
  options.strides = strides.empty() ? nullptr : strides.data();
  oar_tensor tensor{0xabab};
  EXPECT_TRUE(Fails(code, word, oar_tensor_wrap, data == nullptr ? memory : data, size_bytes, dtype, dims.data(),
                    static_cast<int32_t>(dims.size()), &options, NeverReleased, nullptr, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
}

TEST_F(HostileTensor, RanksThatAreNone) {
  const Dims dims(64, 1);
  oar_tensor tensor{0xabab};
  for (const int32_t rank : {9, 64, std::numeric_limits<int32_t>::max()}) {
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, std::to_string(rank), oar_tensor_allocate, OAR_DTYPE_F32, dims.data(), rank,
                      &tensor));
  }
  for (const int32_t rank : {-1, std::numeric_limits<int32_t>::min()}) {
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, std::to_string(rank), oar_tensor_allocate, OAR_DTYPE_F32, dims.data(), rank,
                      &tensor));
  }
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "dims", oar_tensor_allocate, OAR_DTYPE_F32, nullptr, 2, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
}

TEST_F(HostileTensor, DimsAndSizesThatOverflow) {
  for (const Dims& dims :
       {Dims{-1}, Dims{2, -2}, Dims{std::numeric_limits<int64_t>::min()}, Dims{kMost}, Dims{kMost, kMost},
        Dims{int64_t{1} << 32, int64_t{1} << 32}, Dims{int64_t{1} << 62, 2}, Dims{kMost / 4 + 1, 1}}) {
    oar_tensor tensor{0xabab};
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "", oar_tensor_allocate, OAR_DTYPE_F32, dims.data(),
                      static_cast<int32_t>(dims.size()), &tensor));
    EXPECT_EQ(tensor.value, 0xababU);
    ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F32, dims, 256);
  }
  // No machine has it, and it does fit the numbers.
  const Dims dims{int64_t{1} << 55};
  oar_tensor tensor{0xabab};
  EXPECT_TRUE(Fails(OAR_RESOURCE_EXHAUSTED, "", oar_tensor_allocate, OAR_DTYPE_F32, dims.data(), 1, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
}

TEST_F(HostileTensor, DtypesThatAreNone) {
  const Dims dims{1};
  for (const oar_dtype dtype : {oar_dtype{-1}, oar_dtype{15}, std::numeric_limits<oar_dtype>::max()}) {
    oar_tensor tensor{0xabab};
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "oar_dtype", oar_tensor_allocate, dtype, dims.data(), 1, &tensor));
    ExpectNoWrap(OAR_INVALID_ARGUMENT, "oar_dtype", dtype, dims, 256);
    EXPECT_EQ(tensor.value, 0xababU);
  }
  oar_tensor tensor{0xabab};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "INVALID", oar_tensor_allocate, OAR_DTYPE_INVALID, dims.data(), 1, &tensor));
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "INVALID", OAR_DTYPE_INVALID, dims, 256);
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "BYTES", oar_tensor_allocate, OAR_DTYPE_BYTES, dims.data(), 1, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
}

TEST_F(HostileTensor, MemoryThatIsTooSmallForWhatItHolds) {
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "255", OAR_DTYPE_F32, {64}, 255);
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F32, {64}, 0);
  // A column of a wider matrix reaches further than its elements take.
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F32, {8, 1}, 7 * 32 + 3, {8, 1});
  oar_tensor tensor{0xabab};
  const Dims dims{1};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "data", oar_tensor_wrap, nullptr, size_t{4}, OAR_DTYPE_F32, dims.data(), 1,
                    nullptr, NeverReleased, nullptr, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
}

TEST_F(HostileTensor, StridesThatLeadElsewhere) {
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "-1", OAR_DTYPE_F32, {2, 2}, 256, {-1, 1});
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F32, {2, 2}, 256, {kMost, 1});
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F32, {3, 2}, 256, {kMost / 2 + 1, 1});
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F64, {2, 2}, 256, {kMost / 8, 1});
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_F32, {2, 2}, 256, {64, 1});
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "strides", OAR_DTYPE_BYTES, {1}, 4, {1});
}

TEST_F(HostileTensor, MisalignedMemoryIsLegalAndReadRight) {
  alignas(64) unsigned char memory[32];
  const float numbers[] = {1.5F, -2.0F, 3.25F};
  std::memcpy(memory + 1, numbers, sizeof numbers);
  const Dims dims{3};
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory + 1, sizeof numbers, OAR_DTYPE_F32, dims.data(), 1, nullptr, nullptr, nullptr,
                 tensor.out()));
  EXPECT_EQ(Elements<float>(tensor.get()), (std::vector<float>{1.5F, -2.0F, 3.25F}));
}

TEST_F(HostileTensor, BytesThatAreNotPackedWell) {
  unsigned char cut[] = {5, 0, 0, 0, 'a', 'b'};
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_BYTES, {1}, sizeof cut, {}, cut);
  unsigned char huge[] = {0xff, 0xff, 0xff, 0xff};
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_BYTES, {1}, sizeof huge, {}, huge);
  unsigned char more[] = {1, 0, 0, 0, 'a', 'b'};
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_BYTES, {1}, sizeof more, {}, more);
  unsigned char one[] = {1, 0, 0, 0, 'a'};
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_BYTES, {2}, sizeof one, {}, one);
  ExpectNoWrap(OAR_INVALID_ARGUMENT, "", OAR_DTYPE_BYTES, {kMost}, sizeof one, {}, one);
}

TEST_F(HostileTensor, BytesThatChangeAfterTheyWereWrappedAreNotFollowed) {
  unsigned char packed[] = {1, 0, 0, 0, 'a', 1, 0, 0, 0, 'b'};
  const Dims dims{2};
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_wrap, packed, sizeof packed, OAR_DTYPE_BYTES, dims.data(), 1, nullptr, nullptr, nullptr,
                 tensor.out()));
  packed[0] = 0xff;
  oar_string element{reinterpret_cast<const char*>(packed), 99};
  EXPECT_TRUE(Fails(OAR_DATA_LOSS, "element 0", oar_tensor_string, tensor.get(), size_t{0}, &element));
  EXPECT_TRUE(Fails(OAR_DATA_LOSS, "element 0", oar_tensor_string, tensor.get(), size_t{1}, &element));
  packed[0] = 3;  // and the second is where no length can be
  EXPECT_TRUE(Fails(OAR_DATA_LOSS, "element 1", oar_tensor_string, tensor.get(), size_t{1}, &element));
  EXPECT_EQ(element.size_bytes, 99U);
}

TEST_F(HostileTensor, ElementsWithoutAnAddress) {
  const oar_string elements[] = {{"a", 1}, {nullptr, 7}};
  oar_tensor tensor{0xabab};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "element 1", oar_tensor_from_strings, elements, size_t{2}, &tensor));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "elements", oar_tensor_from_strings, nullptr, size_t{2}, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
  Owned<oar_tensor> none;
  EXPECT_TRUE(Ok(oar_tensor_from_strings, nullptr, size_t{0}, none.out()));
}

TEST_F(HostileTensor, SlicesAndViewsBeyondTheTensor) {
  const auto tensor = Of<float>({4, 2}, Numbers(8));
  oar_tensor part{0xabab};
  for (const auto& [dim, begin, end] : {std::tuple<int32_t, int64_t, int64_t>{2, 0, 1},
                                        {-1, 0, 1},
                                        {0, -1, 1},
                                        {0, 0, 5},
                                        {0, 3, 2},
                                        {1, kMost, kMost},
                                        {0, std::numeric_limits<int64_t>::min(), 0}}) {
    EXPECT_TRUE(Fails(OAR_OUT_OF_RANGE, "", oar_tensor_slice, tensor.get(), dim, begin, end, &part));
  }
  const Dims one{1};
  for (const size_t offset : {size_t{29}, size_t{33}, std::numeric_limits<size_t>::max()}) {
    EXPECT_TRUE(
        Fails(OAR_INVALID_ARGUMENT, "", oar_tensor_view, tensor.get(), OAR_DTYPE_F32, one.data(), 1, offset, &part));
  }
  const Dims overflowing{kMost, 2};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "", oar_tensor_view, tensor.get(), OAR_DTYPE_U8, overflowing.data(), 2,
                    size_t{0}, &part));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "BYTES", oar_tensor_view, tensor.get(), OAR_DTYPE_BYTES, one.data(), 1,
                    size_t{0}, &part));
  Owned<oar_tensor> column;
  ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 1, 0, 1, column.out()));
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "contiguous", oar_tensor_view, column.get(), OAR_DTYPE_F32, one.data(), 1,
                    size_t{0}, &part));
  EXPECT_EQ(part.value, 0xababU);
}

TEST_F(HostileTensor, CopiesOfAnotherSize) {
  const auto tensor = Of<float>({2, 2}, Numbers(4));
  std::vector<float> room(8, -1);
  for (const size_t size_bytes : {size_t{0}, size_t{15}, size_t{17}, std::numeric_limits<size_t>::max()}) {
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "16", oar_tensor_copy_from, tensor.get(), room.data(), size_bytes));
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "16", oar_tensor_copy_to, tensor.get(), room.data(), size_bytes));
  }
  EXPECT_EQ(room, std::vector<float>(8, -1));
  EXPECT_EQ(Elements<float>(tensor.get()), Numbers(4));
}

// A release callback may call anything, also what ends its own tensors.
struct Releasing {
  Owned<oar_tensor> own;
  int calls = 0;
};

void CallTheApi(void* user) {
  auto* const releasing = static_cast<Releasing*>(user);
  ++releasing->calls;
  const auto made = Of<float>({2}, {1, 2});
  EXPECT_EQ(Elements<float>(made.get()), (std::vector<float>{1, 2}));
  releasing->own.Reset();
}

TEST_F(HostileTensor, ReleaseCallbackMayCallTheApiAndEndOthers) {
  std::vector<float> memory(4);
  const Dims dims{4};
  Releasing inner;
  Releasing outer;
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory.data(), sizeof(float) * 4, OAR_DTYPE_F32, dims.data(), 1, nullptr, CallTheApi,
                 &inner, outer.own.out()));
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_wrap, memory.data(), sizeof(float) * 4, OAR_DTYPE_F32, dims.data(), 1, nullptr, CallTheApi,
                 &outer, tensor.out()));
  tensor.Reset();
  EXPECT_EQ(outer.calls, 1);
  EXPECT_EQ(inner.calls, 1);
}

}  // namespace
}  // namespace oarlock::capi_test
