// Tensors to and from DLPack, whose structs are those of Debian's dlpack.h here, and the newer ones as its
// documentation has them.
#include <dlpack/dlpack.h>

#include <thread>

#include "fixture.h"

// Of DLPack 1.0, which that header is older than.
struct DLManagedTensorVersioned {
  uint32_t major;
  uint32_t minor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);
  uint64_t flags;
  DLTensor dl_tensor;
};

namespace oarlock::capi_test {
namespace {

class DlPack : public CApi {};

// A DLPack tensor over memory of the test's, and how often it was deleted.
template <typename Managed>
struct Lender {
  explicit Lender(std::vector<float> numbers, Dims dims) : memory(std::move(numbers)), shape(std::move(dims)) {
    DLTensor& tensor = managed.dl_tensor;
    tensor.data = memory.data();
    tensor.device = {kDLCPU, 0};
    tensor.ndim = static_cast<int>(shape.size());
    tensor.dtype = {kDLFloat, 32, 1};
    tensor.shape = shape.data();
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) {
      auto* const lender = static_cast<Lender*>(self->manager_ctx);
      ++lender->deleted;
      lender->deleted_on = std::this_thread::get_id();
    };
  }
  std::vector<float> memory;
  Dims shape;
  Managed managed{};
  int deleted = 0;
  std::thread::id deleted_on;
};

TEST_F(DlPack, ExportedTensorIsWhatTheHeaderSays) {
  auto tensor = Of<int32_t>({2, 3}, {0, 1, 2, 3, 4, 5});
  Owned<oar_tensor> columns;
  ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 1, 1, 3, columns.out()));
  DLManagedTensor* managed = nullptr;
  ASSERT_TRUE(Ok(oar_tensor_to_dlpack, columns.get(), &managed));
  columns.Reset();
  const auto* const memory = static_cast<int32_t*>(DataOf(tensor.get()));
  tensor.Reset();
  const DLTensor& to = managed->dl_tensor;
  EXPECT_EQ(static_cast<int32_t*>(to.data) + to.byte_offset / sizeof(int32_t), memory + 1);
  EXPECT_EQ(to.device.device_type, kDLCPU);
  EXPECT_EQ(to.device.device_id, 0);
  EXPECT_EQ(to.ndim, 2);
  EXPECT_EQ(to.dtype.code, kDLInt);
  EXPECT_EQ(to.dtype.bits, 32);
  EXPECT_EQ(to.dtype.lanes, 1);
  EXPECT_EQ(Dims(to.shape, to.shape + 2), (Dims{2, 2}));
  EXPECT_EQ(Dims(to.strides, to.strides + 2), (Dims{3, 1}));
  EXPECT_EQ(static_cast<int32_t*>(to.data)[0], 1);
  EXPECT_EQ(static_cast<int32_t*>(to.data)[4], 5);
  managed->deleter(managed);
}

TEST_F(DlPack, EachElementTypeKeepsItsName) {
  struct Type {
    oar_dtype dtype;
    uint8_t code;
    uint8_t bits;
  };
  constexpr uint8_t kBool = 6;  // younger than Debian's header
  for (const Type& type : {Type{OAR_DTYPE_BOOL, kBool, 8},
                           {OAR_DTYPE_U8, kDLUInt, 8},
                           {OAR_DTYPE_U16, kDLUInt, 16},
                           {OAR_DTYPE_U32, kDLUInt, 32},
                           {OAR_DTYPE_U64, kDLUInt, 64},
                           {OAR_DTYPE_I8, kDLInt, 8},
                           {OAR_DTYPE_I16, kDLInt, 16},
                           {OAR_DTYPE_I32, kDLInt, 32},
                           {OAR_DTYPE_I64, kDLInt, 64},
                           {OAR_DTYPE_F16, kDLFloat, 16},
                           {OAR_DTYPE_BF16, kDLBfloat, 16},
                           {OAR_DTYPE_F32, kDLFloat, 32},
                           {OAR_DTYPE_F64, kDLFloat, 64}}) {
    const auto tensor = Allocated(type.dtype, {2});
    DLManagedTensor* managed = nullptr;
    ASSERT_TRUE(Ok(oar_tensor_to_dlpack, tensor.get(), &managed));
    EXPECT_EQ(managed->dl_tensor.dtype.code, type.code) << oar_dtype_name(type.dtype);
    EXPECT_EQ(managed->dl_tensor.dtype.bits, type.bits) << oar_dtype_name(type.dtype);
    Owned<oar_tensor> back;
    ASSERT_TRUE(Ok(oar_tensor_from_dlpack, managed, back.out()));
    EXPECT_EQ(Described(back.get()).dtype, type.dtype);
    EXPECT_EQ(DataOf(back.get()), DataOf(tensor.get()));
  }
}

TEST_F(DlPack, ImportedTensorUsesTheMemoryAndDeletesOnceAtItsEnd) {
  Lender<DLManagedTensor> lender(Numbers(6), {2, 3});
  {
    Owned<oar_tensor> tensor;
    ASSERT_TRUE(Ok(oar_tensor_from_dlpack, &lender.managed, tensor.out()));
    EXPECT_EQ(DataOf(tensor.get()), lender.memory.data());
    EXPECT_EQ(Elements<float>(tensor.get()), Numbers(6));
    Owned<oar_tensor> row;
    ASSERT_TRUE(Ok(oar_tensor_slice, tensor.get(), 0, 1, 2, row.out()));
    tensor.Reset();
    EXPECT_EQ(lender.deleted, 0);
    EXPECT_EQ(Elements<float>(row.get()), Numbers(3, 3));
  }
  EXPECT_EQ(lender.deleted, 1);
}

TEST_F(DlPack, ImportedTensorFollowsStridesAndOffset) {
  Lender<DLManagedTensor> lender(Numbers(8), {3, 2});
  Dims strides{1, 3};
  lender.managed.dl_tensor.strides = strides.data();
  lender.managed.dl_tensor.byte_offset = 2 * sizeof(float);
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_from_dlpack, &lender.managed, tensor.out()));
  EXPECT_EQ(Elements<float>(tensor.get()), (std::vector<float>{2, 5, 3, 6, 4, 7}));
}

TEST_F(DlPack, DeletersMayBeCalledOnAnyThread) {
  Lender<DLManagedTensor> lender(Numbers(4), {4});
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_from_dlpack, &lender.managed, tensor.out()));
  DLManagedTensor* exported = nullptr;
  ASSERT_TRUE(Ok(oar_tensor_to_dlpack, tensor.get(), &exported));
  tensor.Reset();
  EXPECT_EQ(lender.deleted, 0);
  std::thread other([&] { exported->deleter(exported); });
  const std::thread::id id = other.get_id();
  other.join();
  EXPECT_EQ(lender.deleted, 1);
  EXPECT_EQ(lender.deleted_on, id);
}

TEST_F(DlPack, WithAVersionItSaysWhatIsReadOnly) {
  std::vector<float> lent = Numbers(4);
  const auto read_only = Over(lent.data(), 4, {4}, OAR_TENSOR_READ_ONLY);
  DLManagedTensor* none = nullptr;
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "read-only", oar_tensor_to_dlpack, read_only.get(), &none));
  DLManagedTensorVersioned* managed = nullptr;
  ASSERT_TRUE(Ok(oar_tensor_to_dlpack_versioned, read_only.get(), &managed));
  EXPECT_EQ(managed->major, 1U);
  EXPECT_EQ(managed->flags, 1U);
  EXPECT_EQ(managed->dl_tensor.data, lent.data());
  Owned<oar_tensor> back;
  ASSERT_TRUE(Ok(oar_tensor_from_dlpack_versioned, managed, back.out()));
  EXPECT_EQ(Described(back.get()).flags, OAR_TENSOR_READ_ONLY);
  const auto writable = Of<float>({1}, {1});
  ASSERT_TRUE(Ok(oar_tensor_to_dlpack_versioned, writable.get(), &managed));
  EXPECT_EQ(managed->flags, 0U);
  managed->deleter(managed);
}

// What is refused stays the caller's: it is not deleted.
template <typename Managed, typename Import>
void ExpectRefused(oar_code code, std::string_view word, Import import, void (*change)(Lender<Managed>&)) {
  Lender<Managed> lender(Numbers(4), {4});
  change(lender);
  oar_tensor tensor{0xabab};
  EXPECT_TRUE(Fails(code, word, import, &lender.managed, &tensor));
  EXPECT_EQ(tensor.value, 0xababU);
  EXPECT_EQ(lender.deleted, 0);
}

TEST_F(DlPack, WhatNoTensorCanBeIsRefusedAndStaysTheCallers) {
  using Plain = Lender<DLManagedTensor>;
  const auto refused = [](oar_code code, std::string_view word, void (*change)(Plain&)) {
    ExpectRefused<DLManagedTensor>(code, word, oar_tensor_from_dlpack, change);
  };
  refused(OAR_UNIMPLEMENTED, "device",
          [](Plain& it) { it.managed.dl_tensor.device.device_type = static_cast<DLDeviceType>(2); });
  refused(OAR_INVALID_ARGUMENT, "7 bits", [](Plain& it) { it.managed.dl_tensor.dtype.bits = 7; });
  refused(OAR_INVALID_ARGUMENT, "2 lanes", [](Plain& it) { it.managed.dl_tensor.dtype.lanes = 2; });
  refused(OAR_INVALID_ARGUMENT, "code 200", [](Plain& it) { it.managed.dl_tensor.dtype.code = 200; });
  refused(OAR_INVALID_ARGUMENT, "rank 9", [](Plain& it) { it.managed.dl_tensor.ndim = 9; });
  refused(OAR_INVALID_ARGUMENT, "rank -1", [](Plain& it) { it.managed.dl_tensor.ndim = -1; });
  refused(OAR_INVALID_ARGUMENT, "shape", [](Plain& it) { it.managed.dl_tensor.shape = nullptr; });
  refused(OAR_INVALID_ARGUMENT, "-4", [](Plain& it) { it.shape[0] = -4; });
  refused(OAR_INVALID_ARGUMENT, "", [](Plain& it) { it.shape[0] = INT64_MAX; });
  refused(OAR_INVALID_ARGUMENT, "data", [](Plain& it) { it.managed.dl_tensor.data = nullptr; });
  static Dims negative{-1};
  refused(OAR_INVALID_ARGUMENT, "-1", [](Plain& it) { it.managed.dl_tensor.strides = negative.data(); });
  static Dims far{INT64_MAX};
  refused(OAR_INVALID_ARGUMENT, "", [](Plain& it) { it.managed.dl_tensor.strides = far.data(); });
  using Versioned = Lender<DLManagedTensorVersioned>;
  ExpectRefused<DLManagedTensorVersioned>(OAR_UNIMPLEMENTED, "2.0", oar_tensor_from_dlpack_versioned,
                                          [](Versioned& it) { it.managed.major = 2; });
}

TEST_F(DlPack, StringsHaveNoFormThere) {
  const oar_string element{"a", 1};
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_from_strings, &element, size_t{1}, tensor.out()));
  DLManagedTensor* managed = nullptr;
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "BYTES", oar_tensor_to_dlpack, tensor.get(), &managed));
  DLManagedTensorVersioned* versioned = nullptr;
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "BYTES", oar_tensor_to_dlpack_versioned, tensor.get(), &versioned));
  EXPECT_EQ(managed, nullptr);
  EXPECT_EQ(versioned, nullptr);
}

TEST_F(DlPack, WithoutADeleterOrElementsItIsLegal) {
  Lender<DLManagedTensor> lender({}, {0, 4});
  lender.managed.deleter = nullptr;
  lender.managed.dl_tensor.data = nullptr;
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_tensor_from_dlpack, &lender.managed, tensor.out()));
  EXPECT_NE(DataOf(tensor.get()), nullptr);
  EXPECT_EQ(Described(tensor.get()).size_bytes, 0U);
}

}  // namespace
}  // namespace oarlock::capi_test
