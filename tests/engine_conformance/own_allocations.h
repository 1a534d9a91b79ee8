// How many times this thread took heap memory outside an engine. The whole test program's operator new counts.
#ifndef OARLOCK_TESTS_ENGINE_CONFORMANCE_OWN_ALLOCATIONS_H_
#define OARLOCK_TESTS_ENGINE_CONFORMANCE_OWN_ALLOCATIONS_H_

#include <cstddef>

namespace oarlock {

size_t OwnAllocations();

}  // namespace oarlock

#endif  // OARLOCK_TESTS_ENGINE_CONFORMANCE_OWN_ALLOCATIONS_H_
