// The C library's own allocator behind our names, so that nothing (new, containers, libraries) goes past a count. For
// one file of a test program, which defines CountAllocation(): it is called before each.
#ifndef OARLOCK_TESTS_MEMORY_COUNTED_MALLOC_H_
#define OARLOCK_TESTS_MEMORY_COUNTED_MALLOC_H_

#include <cerrno>
#include <cstddef>

void CountAllocation();

extern "C" {
void* __libc_malloc(size_t) noexcept;
void* __libc_calloc(size_t, size_t) noexcept;
void* __libc_realloc(void*, size_t) noexcept;
void* __libc_memalign(size_t, size_t) noexcept;

__attribute__((visibility("default"))) void* malloc(size_t size) noexcept {
  CountAllocation();
  return __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(size_t count, size_t size) noexcept {
  CountAllocation();
  return __libc_calloc(count, size);
}
__attribute__((visibility("default"))) void* realloc(void* memory, size_t size) noexcept {
  CountAllocation();
  return __libc_realloc(memory, size);
}
__attribute__((visibility("default"))) void* memalign(size_t alignment, size_t size) noexcept {
  CountAllocation();
  return __libc_memalign(alignment, size);
}
__attribute__((visibility("default"))) void* aligned_alloc(size_t alignment, size_t size) noexcept {
  CountAllocation();
  return __libc_memalign(alignment, size);
}
__attribute__((visibility("default"))) int posix_memalign(void** memory, size_t alignment, size_t size) noexcept {
  CountAllocation();
  *memory = __libc_memalign(alignment, size);
  return *memory == nullptr ? ENOMEM : 0;
}
}

#endif  // OARLOCK_TESTS_MEMORY_COUNTED_MALLOC_H_
