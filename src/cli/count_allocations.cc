// Replaces operator new in the program, so that `oarlock bench` can count. It forwards to malloc: an allocator that a
// user preloads stays the one that is used. Not in builds with a sanitizer, which has its own.
#include <cstddef>
#include <cstdlib>
#include <new>

#include "bench/allocation_count.h"
#include "engine/inside.h"

namespace {

using oarlock::AllocationCount;

void Count() {
  if (!AllocationCount::counting.load(std::memory_order_relaxed)) [[likely]]
    return;
  auto& count = oarlock::InsideEngine::Here() ? AllocationCount::engine : AllocationCount::ours;
  count.fetch_add(1, std::memory_order_relaxed);
}

void* Take(size_t size, size_t alignment) {
  Count();
  if (size == 0) size = 1;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  const size_t rounded = (size + alignment - 1) / alignment * alignment;
  return rounded < size ? nullptr : std::aligned_alloc(alignment, rounded);
}

void* TakeOrThrow(size_t size, size_t alignment) {
  while (true) {
    if (void* memory = Take(size, alignment)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

const bool kAvailable = AllocationCount::available = true;

}  // namespace

void* operator new(size_t size) {
  Count();
  if (void* memory = std::malloc(size)) [[likely]]
    return memory;
  return TakeOrThrow(size, 1);
}
void* operator new(size_t size, std::align_val_t alignment) {
  return TakeOrThrow(size, static_cast<size_t>(alignment));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return Take(size, 1); }
void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Take(size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
