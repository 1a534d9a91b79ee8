#include "capi/load_options.h"

#include "base/status.h"
#include "capi/call.h"
#include "model/conversion_cache.h"

namespace oarlock::capi {
namespace {

Precision PrecisionOf(oar_precision precision) {
  return precision == OAR_PRECISION_AUTO ? Precision::kF32 : static_cast<Precision>(precision);
}

absl::StatusOr<BatchingOptions> BatchingOf(const oar_batching_options* given, const Limits& limits) {
  oar_batching_options options;
  OAR_RETURN_IF_ERROR(ReadStruct(given, "options.batching", &options));
  OAR_RETURN_IF_ERROR(NeedArray(options.buckets, options.bucket_count, "options.batching.buckets"));
  if (options.bucket_count > static_cast<size_t>(limits.batch_rows_max)) {
    return InvalidArgument("options.batching.bucket_count is {}; at most {} are possible", options.bucket_count,
                           limits.batch_rows_max);
  }
  // Before it is rounded to microseconds, which would make it 0.
  if (options.delay_max_ns < 0) {
    return InvalidArgument("options.batching.delay_max_ns is {}; it must be >= 0", options.delay_max_ns);
  }
  BatchingOptions batching;
  batching.max_batch_size = options.max_batch_size;
  batching.delay_max =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(options.delay_max_ns));
  batching.eager = options.lazy == 0;
  batching.batchable = options.batchable != 0;
  batching.buckets.assign(options.buckets, options.buckets + options.bucket_count);
  OAR_RETURN_IF_ERROR(oarlock::Check(batching, limits));
  return batching;
}

absl::Status CheckCount(const char* name, int32_t count, int64_t largest) {
  if (count >= 0 && count <= largest) return absl::OkStatus();
  return InvalidArgument("options.{} is {}; it must be 0 (by itself) to {}", name, count, largest);
}

}  // namespace

absl::StatusOr<PredictorOptions> OptionsOf(const oar_load_options& options, const RuntimeObject& runtime) {
  PredictorOptions made;
  if (options.name != nullptr) {
    made.name = options.name;
    OAR_RETURN_IF_ERROR(CheckModelName(made.name, made.limits));
  }
  if (options.version < 0) return InvalidArgument("options.version is {}; it must be >= 0", options.version);
  made.version = options.version;
  if (options.engine != nullptr) made.engine = options.engine;
  made.precision = PrecisionOf(options.precision);
  made.weights = static_cast<Weights>(options.weights);
  OAR_RETURN_IF_ERROR(CheckCount("execution_count", options.execution_count, made.limits.executions_max));
  made.executions = options.execution_count;
  OAR_RETURN_IF_ERROR(CheckCount("thread_count", options.thread_count, kThreadsMax));
  made.threads = std::max(1, options.thread_count);
  if (options.batching != nullptr) {
    OAR_ASSIGN_OR_RETURN(made.batching, BatchingOf(options.batching, made.limits));
  }
  made.warm_up = options.warm_up == OAR_WARM_UP_AUTO;
  made.cache_dir = options.cache == OAR_CACHE_NONE ? std::filesystem::path(kNoCache) : runtime.cache_dir();
  if (options.progress != nullptr) {
    made.on_phase = [progress = options.progress, user = options.progress_user](std::string_view phase) {
      progress(user, std::string(phase).c_str());
    };
  }
  return made;
}

}  // namespace oarlock::capi
