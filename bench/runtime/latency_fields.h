// A summary of latencies as an object of JSON.
#ifndef OARLOCK_BENCH_RUNTIME_LATENCY_FIELDS_H_
#define OARLOCK_BENCH_RUNTIME_LATENCY_FIELDS_H_

#include <string_view>
#include <vector>

#include "bench/statistics.h"
#include "tensor/json_text.h"

namespace oarlock {

inline void WriteLatencies(std::string_view key, std::vector<int64_t> latencies_ns, JsonText* json) {
  const LatencySummary latency = Summarize(std::move(latencies_ns));
  json->Key(key);
  json->StartObject();
  json->Field("p50", latency.p50_us);
  json->Field("p90", latency.p90_us);
  json->Field("p99", latency.p99_us);
  json->Field("max", latency.max_us);
  json->EndObject();
}

}  // namespace oarlock

#endif  // OARLOCK_BENCH_RUNTIME_LATENCY_FIELDS_H_
