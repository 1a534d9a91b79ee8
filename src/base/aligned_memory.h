// Memory of tensors and files: 64-byte aligned, a cache line and the widest vector register. Through operator new, so
// that what counts allocations sees it. Thread-safe.
#ifndef OARLOCK_BASE_ALIGNED_MEMORY_H_
#define OARLOCK_BASE_ALIGNED_MEMORY_H_

#include <cstddef>
#include <new>

namespace oarlock {

inline constexpr size_t kBufferAlignmentBytes = 64;

// Uninitialised, in whole lines of 64 bytes. Null if the memory is not to be had.
inline std::byte* AllocateAligned(size_t size_bytes) {
  const size_t lines =
      size_bytes / kBufferAlignmentBytes + (size_bytes % kBufferAlignmentBytes != 0 || size_bytes == 0);
  size_t rounded = 0;
  if (__builtin_mul_overflow(lines, kBufferAlignmentBytes, &rounded)) return nullptr;
  return static_cast<std::byte*>(::operator new (rounded, std::align_val_t{kBufferAlignmentBytes}, std::nothrow));
}

inline void FreeAligned(std::byte* memory) { ::operator delete (memory, std::align_val_t{kBufferAlignmentBytes}); }

}  // namespace oarlock

#endif  // OARLOCK_BASE_ALIGNED_MEMORY_H_
