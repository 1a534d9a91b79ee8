// What the fake engine does to elements.
#ifndef OARLOCK_ENGINES_FAKE_COMPUTE_H_
#define OARLOCK_ENGINES_FAKE_COMPUTE_H_

#include <cstddef>

#include "script.h"

namespace oarlock::fake {

// False for an op that elements of this dtype do not have: all are moved, numbers are calculated with.
bool Computes(oar_dtype dtype, Op op);
// Any alignment on both sides. `from` and `to` do not overlap.
void Compute(oar_dtype dtype, Op op, int64_t add, const void* from, void* to, size_t size_bytes);

}  // namespace oarlock::fake

#endif  // OARLOCK_ENGINES_FAKE_COMPUTE_H_
