// An operator new that fails when a test says so, and counts what is not deleted. A test program's own operator new is
// everybody's: the library, what it links, and the engines ask this one.
//   FailAllocations fail(OnThis, n, Once);      // the n-th from here on
//   const oar_code code = oar_...();
//   fail.Stop();
//   if (fail.hit()) ...
// One at a time. Nothing here allocates. What std::filesystem::path allocates does not fail (see the .cc).
#ifndef OARLOCK_TESTS_CAPI_FAILING_ALLOCATIONS_H_
#define OARLOCK_TESTS_CAPI_FAILING_ALLOCATIONS_H_

#include <cstdint>

namespace oarlock::capi_test {

enum class Where { kThisThread, kOtherThreads };
enum class HowOften { kOnce, kFromThenOn };

class FailAllocations {
 public:
  // `number` from 1; 0 = none fails.
  FailAllocations(Where where, int64_t number, HowOften how_often);
  ~FailAllocations() { Stop(); }
  FailAllocations(const FailAllocations&) = delete;
  FailAllocations& operator=(const FailAllocations&) = delete;
  void Stop();
  // Did one fail? After Stop().
  bool hit() const { return hit_; }

 private:
  bool hit_ = false;
};

// Of all threads.
int64_t LiveAllocations();
// Of all threads, ever.
int64_t AllocationCount();

}  // namespace oarlock::capi_test

#endif  // OARLOCK_TESTS_CAPI_FAILING_ALLOCATIONS_H_
