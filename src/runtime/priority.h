// How urgent a request is. A strict order: as long as something more urgent can run, less urgent requests wait.
#ifndef OARLOCK_RUNTIME_PRIORITY_H_
#define OARLOCK_RUNTIME_PRIORITY_H_

#include <cstddef>
#include <cstdint>

namespace oarlock {

enum class Priority : uint8_t {
  kHigh,
  kNormal,
  kLow,  // what nobody waits for, such as a shadow's copy
};
inline constexpr size_t kPriorityCount = 3;

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_PRIORITY_H_
