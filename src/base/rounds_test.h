// How often a seeded test goes round: a bounded number in the normal run, and 10 times that with `scripts/test --long`.
#ifndef OARLOCK_BASE_ROUNDS_TEST_H_
#define OARLOCK_BASE_ROUNDS_TEST_H_

#include <cstdlib>

namespace oarlock {

inline bool IsLongRun() { return std::getenv("OARLOCK_LONG") != nullptr; }
inline int Rounds(int normal) { return IsLongRun() ? 10 * normal : normal; }

}  // namespace oarlock

#endif  // OARLOCK_BASE_ROUNDS_TEST_H_
