#include "model/batching.h"

#include <algorithm>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr int64_t kDelayMaxUs = 60'000'000;

}  // namespace

int64_t BatchingOptions::PaddedRows(int64_t rows) const {
  const auto bucket = std::lower_bound(buckets.begin(), buckets.end(), rows);
  return bucket == buckets.end() ? rows : *bucket;
}

absl::Status Check(const BatchingOptions& options, const Limits& limits) {
  if (options.max_batch_size < 0 || options.max_batch_size > limits.batch_rows_max) {
    return InvalidArgument("'max_batch_size' is {}; it must be from 0 (off) to {} (limit `batch_rows_max`)",
                           options.max_batch_size, limits.batch_rows_max);
  }
  if (options.delay_max.count() < 0 || options.delay_max.count() > kDelayMaxUs) {
    return InvalidArgument("'max_delay_us' is {}; it must be from 0 to {}", options.delay_max.count(), kDelayMaxUs);
  }
  int64_t before = 0;
  for (const int64_t bucket : options.buckets) {
    if (bucket <= before || bucket > options.max_batch_size) {
      return InvalidArgument("'buckets' holds {}; sizes must ascend, from 1 to 'max_batch_size', which is {}", bucket,
                             options.max_batch_size);
    }
    before = bucket;
  }
  return absl::OkStatus();
}

absl::StatusOr<BatchingOptions> ReadBatching(const YamlSection& section, const Limits& limits) {
  BatchingOptions options;
  int64_t delay_us = 0;
  OAR_RETURN_IF_ERROR(section.Read("max_batch_size", 0, limits.batch_rows_max, &options.max_batch_size));
  OAR_RETURN_IF_ERROR(section.Read("max_delay_us", 0, kDelayMaxUs, &delay_us));
  options.delay_max = std::chrono::microseconds(delay_us);
  OAR_RETURN_IF_ERROR(section.Read("eager", &options.eager));
  OAR_RETURN_IF_ERROR(section.Read("buckets", 1, limits.batch_rows_max, &options.buckets));
  OAR_RETURN_IF_ERROR(section.Read("batchable", &options.batchable));
  if (const absl::Status status = Check(options, limits); !status.ok()) {
    return section.Error(section.Has("buckets") ? "buckets" : "", MessageOf(status));
  }
  return options;
}

}  // namespace oarlock
