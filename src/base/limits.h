// Bounds on everything that a file, a peer or a network can make large. The table is limits.def.
#ifndef OARLOCK_BASE_LIMITS_H_
#define OARLOCK_BASE_LIMITS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "oarlock/engine.h"

namespace oarlock {

inline constexpr int oar_max_rank = OAR_MAX_RANK;

// A plain value: copied into whatever obeys it. Defaults are those of limits.def.
struct Limits {
#define OAR_LIMIT(name, value, smallest, largest, doc) int64_t name = value;
#include "base/limits.def"
#undef OAR_LIMIT
};

struct LimitRow {
  std::string_view name;
  int64_t Limits::*field;
  int64_t value;
  int64_t smallest;
  int64_t largest;
  std::string_view doc;
};

inline std::span<const LimitRow> LimitRows() {
  static constexpr LimitRow kRows[] = {
#define OAR_LIMIT(name, value, smallest, largest, doc) {#name, &Limits::name, value, smallest, largest, doc},
#include "base/limits.def"
#undef OAR_LIMIT
  };
  return kRows;
}

}  // namespace oarlock

#endif  // OARLOCK_BASE_LIMITS_H_
