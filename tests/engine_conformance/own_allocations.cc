// In a file of its own: where the compiler sees new and free side by side, it warns that they do not match.
#include "own_allocations.h"

#include <cstdlib>
#include <new>

#include "engine/inside.h"

namespace {
thread_local size_t own_allocations = 0;
}  // namespace

namespace oarlock {
size_t OwnAllocations() { return own_allocations; }
}  // namespace oarlock

void* operator new(size_t size) {
  if (!oarlock::InsideEngine::Here()) ++own_allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
