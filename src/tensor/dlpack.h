// Tensors to and from DLPack, the memory exchange of NumPy, PyTorch, JAX and others, without a copy. The structs are
// laid out as its ABI says (https://dmlc.github.io/dlpack/latest/c_api.html), so that no header of DLPack is needed.
// Thread-safe as StridedTensor is; a deleter may be called on any thread.
#ifndef OARLOCK_TENSOR_DLPACK_H_
#define OARLOCK_TENSOR_DLPACK_H_

#include <cstdint>

#include "tensor/strided_tensor.h"

extern "C" {

struct OarDlTensor {
  void* data;
  int32_t device_type;  // 1 = CPU
  int32_t device_id;
  int32_t ndim;
  uint8_t type_code;
  uint8_t type_bits;
  uint16_t type_lanes;
  int64_t* shape;
  int64_t* strides;  // in elements; null = row-major without gaps
  uint64_t byte_offset;
};

struct DLManagedTensor {
  OarDlTensor tensor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensor* self);  // may be null
};

struct DLManagedTensorVersioned {
  uint32_t major;
  uint32_t minor;
  void* manager_ctx;
  void (*deleter)(DLManagedTensorVersioned* self);  // may be null
  uint64_t flags;                                   // bit 0 = read-only
  OarDlTensor tensor;
};

}  // extern "C"

namespace oarlock {

// Takes `managed` over if it succeeds: its deleter is called with the last reference. INVALID_ARGUMENT for what no
// tensor can be, UNIMPLEMENTED for another device or another major version; `managed` then stays the caller's.
absl::StatusOr<StridedTensor> FromDlpack(DLManagedTensor* managed);
absl::StatusOr<StridedTensor> FromDlpack(DLManagedTensorVersioned* managed);

// Keeps the tensor's memory until the deleter is called. FAILED_PRECONDITION for BYTES, and for read-only memory where
// the form cannot say so.
absl::StatusOr<DLManagedTensor*> ToDlpack(const StridedTensor& tensor);
absl::StatusOr<DLManagedTensorVersioned*> ToDlpackVersioned(const StridedTensor& tensor);

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_DLPACK_H_
