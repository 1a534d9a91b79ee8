// The structs that stand in for DLPack's are laid out as those of its own header.
#include <dlpack/dlpack.h>
#include <gtest/gtest.h>

#include <cstddef>

using TheirManagedTensor = DLManagedTensor;
#define DLManagedTensor OarManagedTensor  // both headers have a struct of this name
#include "tensor/dlpack.h"
#undef DLManagedTensor

namespace oarlock {
namespace {

TEST(DlPack, TensorIsLaidOutAsInTheHeaderOfDlPack) {
  EXPECT_EQ(sizeof(OarDlTensor), sizeof(DLTensor));
  EXPECT_EQ(offsetof(OarDlTensor, data), offsetof(DLTensor, data));
  EXPECT_EQ(offsetof(OarDlTensor, device_type), offsetof(DLTensor, device) + offsetof(DLDevice, device_type));
  EXPECT_EQ(offsetof(OarDlTensor, device_id), offsetof(DLTensor, device) + offsetof(DLDevice, device_id));
  EXPECT_EQ(offsetof(OarDlTensor, ndim), offsetof(DLTensor, ndim));
  EXPECT_EQ(offsetof(OarDlTensor, type_code), offsetof(DLTensor, dtype) + offsetof(DLDataType, code));
  EXPECT_EQ(offsetof(OarDlTensor, type_bits), offsetof(DLTensor, dtype) + offsetof(DLDataType, bits));
  EXPECT_EQ(offsetof(OarDlTensor, type_lanes), offsetof(DLTensor, dtype) + offsetof(DLDataType, lanes));
  EXPECT_EQ(offsetof(OarDlTensor, shape), offsetof(DLTensor, shape));
  EXPECT_EQ(offsetof(OarDlTensor, strides), offsetof(DLTensor, strides));
  EXPECT_EQ(offsetof(OarDlTensor, byte_offset), offsetof(DLTensor, byte_offset));
}

TEST(DlPack, ManagedTensorIsLaidOutAsInTheHeaderOfDlPack) {
  EXPECT_EQ(sizeof(OarManagedTensor), sizeof(TheirManagedTensor));
  EXPECT_EQ(offsetof(OarManagedTensor, tensor), offsetof(TheirManagedTensor, dl_tensor));
  EXPECT_EQ(offsetof(OarManagedTensor, manager_ctx), offsetof(TheirManagedTensor, manager_ctx));
  EXPECT_EQ(offsetof(OarManagedTensor, deleter), offsetof(TheirManagedTensor, deleter));
}

}  // namespace
}  // namespace oarlock
