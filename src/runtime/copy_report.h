// Copies that were made, by reason, and of which tensors. A value.
#ifndef OARLOCK_RUNTIME_COPY_REPORT_H_
#define OARLOCK_RUNTIME_COPY_REPORT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/engine.h"

namespace oarlock {

// A tensor of a model, as callers see it.
struct TensorPlace {
  bool is_output;
  size_t index;
};

struct CopyReport {
  struct Entry {
    int64_t count = 0;
    int64_t bytes = 0;
  };
  struct Copy {
    TensorPlace place;
    CopyReason reason;
    size_t size_bytes;
  };
  static constexpr size_t kCopiesMax = 16;

  std::array<Entry, OAR_COPY_REASON_COUNT> by_reason{};
  bool any = false;
  // The first of them, in the order they were made. Not initialised: most requests copy nothing.
  std::array<Copy, kCopiesMax> copies;
  size_t copy_count = 0;

  void Add(CopyReason reason, size_t size_bytes, TensorPlace place) {
    if (reason == CopyReason::kNone) return;
    any = true;
    Entry& entry = by_reason[static_cast<size_t>(reason)];
    ++entry.count;
    entry.bytes += static_cast<int64_t>(size_bytes);
    if (copy_count < kCopiesMax) copies[copy_count++] = {place, reason, size_bytes};
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
