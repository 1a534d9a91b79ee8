#include "failing_allocations.h"

#include <dlfcn.h>
#include <unwind.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace oarlock::capi_test {
namespace {

std::atomic<int64_t> live{0};
std::atomic<int64_t> count{0};
std::atomic<int64_t> left{0};  // until one fails; 0 = none does
std::atomic<bool> armed{false};
std::atomic<bool> hits{false};
std::atomic<bool> on_others{false};
std::atomic<bool> keeps_failing{false};
thread_local bool is_this = false;

// Is a function of std::filesystem::path under way? GCC 12's destroys what it has not made when memory runs out in it,
// which is not ours to mend: such allocations do not fail.
bool IsWithinPath() {
  bool found = false;
  _Unwind_Backtrace(
      [](_Unwind_Context* context, void* is_found) {
        Dl_info info;
        if (dladdr(reinterpret_cast<void*>(_Unwind_GetIP(context)), &info) == 0 || info.dli_sname == nullptr) {
          return _URC_NO_REASON;
        }
        if (std::strstr(info.dli_fname, "libstdc++") == nullptr) return _URC_NO_REASON;
        if (std::strstr(info.dli_sname, "10filesystem") == nullptr) return _URC_NO_REASON;
        *static_cast<bool*>(is_found) = true;
        return _URC_END_OF_STACK;
      },
      &found);
  return found;
}

bool Fails() {
  if (!armed.load(std::memory_order_relaxed) || is_this == on_others) return false;
  const int64_t before = left.fetch_sub(1);
  if (before > 1 || (before < 1 && !keeps_failing)) return false;
  if (IsWithinPath()) {
    left = 1;  // then the next one
    return false;
  }
  hits = true;
  return true;
}

void* Allocate(size_t size, size_t alignment) noexcept {
  if (Fails()) return nullptr;
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(std::max<size_t>(size, 1))
                           : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) return nullptr;
  ++live;
  ++count;
  return memory;
}

void* AllocateOrThrow(size_t size, size_t alignment) {
  void* const memory = Allocate(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Free(void* memory) noexcept {
  if (memory == nullptr) return;
  --live;
  std::free(memory);
}

}  // namespace

FailAllocations::FailAllocations(Where where, int64_t number, HowOften how_often) {
  hits = false;
  on_others = where == Where::kOtherThreads;
  is_this = true;
  keeps_failing = how_often == HowOften::kFromThenOn;
  left = number;
  armed = number > 0;
}

void FailAllocations::Stop() {
  armed = false;
  is_this = false;
  hit_ |= hits;
}

int64_t LiveAllocations() { return live; }
int64_t AllocationCount() { return count; }

}  // namespace oarlock::capi_test

#define OARLOCK_EVERYBODYS __attribute__((visibility("default")))
using oarlock::capi_test::Allocate;
using oarlock::capi_test::AllocateOrThrow;
using oarlock::capi_test::Free;

constexpr size_t kUsual = alignof(std::max_align_t);
OARLOCK_EVERYBODYS void* operator new(size_t size) { return AllocateOrThrow(size, kUsual); }
OARLOCK_EVERYBODYS void* operator new[](size_t size) { return AllocateOrThrow(size, kUsual); }
OARLOCK_EVERYBODYS void* operator new(size_t size, const std::nothrow_t&) noexcept { return Allocate(size, kUsual); }
OARLOCK_EVERYBODYS void* operator new[](size_t size, const std::nothrow_t&) noexcept { return Allocate(size, kUsual); }
OARLOCK_EVERYBODYS void* operator new(size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
OARLOCK_EVERYBODYS void* operator new[](size_t size, std::align_val_t alignment) {
  return AllocateOrThrow(size, static_cast<size_t>(alignment));
}
OARLOCK_EVERYBODYS void* operator new(size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Allocate(size, static_cast<size_t>(alignment));
}
OARLOCK_EVERYBODYS void* operator new[](size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return Allocate(size, static_cast<size_t>(alignment));
}
OARLOCK_EVERYBODYS void operator delete(void* memory) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete[](void* memory) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete(void* memory, size_t) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete[](void* memory, size_t) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete(void* memory, const std::nothrow_t&) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete[](void* memory, const std::nothrow_t&) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete(void* memory, std::align_val_t) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete[](void* memory, std::align_val_t) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete(void* memory, size_t, std::align_val_t) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete[](void* memory, size_t, std::align_val_t) noexcept { Free(memory); }
OARLOCK_EVERYBODYS void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  Free(memory);
}
OARLOCK_EVERYBODYS void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  Free(memory);
}
