// How requests of a model are brought together in batches: `batching` in model.yaml, and in an entry of models.yaml,
// which goes before it. A value.
#ifndef OARLOCK_MODEL_BATCHING_H_
#define OARLOCK_MODEL_BATCHING_H_

#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "model/yaml_section.h"

namespace oarlock {

struct BatchingOptions {
  int64_t max_batch_size = 0;              // rows; 0 = off: each request runs by itself
  std::chrono::microseconds delay_max{0};  // what the oldest waits at most for others
  bool eager = true;                       // a request does not wait while nothing of the model runs
  std::vector<int64_t>
      buckets;             // sizes that batches are padded to, ascending up to max_batch_size; empty = as they come
  bool batchable = false;  // the rows of outputs belong to those of inputs, even if their shapes do not say so

  bool enabled() const { return max_batch_size > 0; }
  // The rows that a batch of so many is run with.
  int64_t PaddedRows(int64_t rows) const;
  friend bool operator==(const BatchingOptions&, const BatchingOptions&) = default;
};

// Is it sound? INVALID_ARGUMENT says which value, and what it may be.
absl::Status Check(const BatchingOptions& options, const Limits& limits);

// The mapping `batching`.
absl::StatusOr<BatchingOptions> ReadBatching(const YamlSection& section, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_BATCHING_H_
