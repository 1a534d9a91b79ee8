// Copies that were made, by reason. A value.
#ifndef OARLOCK_RUNTIME_COPY_REPORT_H_
#define OARLOCK_RUNTIME_COPY_REPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/engine.h"

namespace oarlock {

struct CopyReport {
  struct Entry {
    int64_t count = 0;
    int64_t bytes = 0;
  };
  std::array<Entry, OAR_COPY_REASON_COUNT> by_reason{};
  bool any = false;

  void Add(CopyReason reason, size_t size_bytes) {
    if (reason == CopyReason::kNone) return;
    any = true;
    Entry& entry = by_reason[static_cast<size_t>(reason)];
    ++entry.count;
    entry.bytes += static_cast<int64_t>(size_bytes);
  }
  const Entry& operator[](CopyReason reason) const { return by_reason[static_cast<size_t>(reason)]; }
  int64_t count() const {
    int64_t sum = 0;
    for (const Entry& entry : by_reason) sum += entry.count;
    return sum;
  }
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_COPY_REPORT_H_
