// Memory of a tensor and who owns it.
//   Allocate   ours, 64-byte aligned, freed with the last reference
//   Wrap       somebody else's, any alignment; a callback tells when the last reference is gone
// Ownership: shared; the last reference frees or calls back, exactly once. Thread-safe as far as the references go;
// who writes the bytes, and when, is the callers' affair.
#ifndef OARLOCK_TENSOR_BUFFER_H_
#define OARLOCK_TENSOR_BUFFER_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "base/aligned_memory.h"

namespace oarlock {

class Buffer {
 private:
  struct Own {};

 public:
  using Release = void (*)(void* user);

  // `size_bytes` 0 is legal and gives a non-null address.
  static absl::StatusOr<std::shared_ptr<Buffer>> Allocate(size_t size_bytes);
  // `release(user)` is called once, on the thread that drops the last reference; it may be null. Not called if this
  // throws for want of memory.
  static std::shared_ptr<Buffer> Wrap(void* data, size_t size_bytes, Release release, void* user);

  // For the functions above.
  Buffer(Own, std::byte* data, size_t size_bytes, Release release, void* user)
      : data_(data), size_bytes_(size_bytes), release_(release), user_(user) {}
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  std::byte* data() const { return data_; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  std::byte* data_;
  size_t size_bytes_;
  Release release_;
  void* user_;
};

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_BUFFER_H_
