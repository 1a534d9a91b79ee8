#include "server/protocol/model_metrics.h"

#include <fmt/format.h>

#include <array>

namespace oarlock {
namespace {

using std::chrono::nanoseconds;

// A version, and its counters at one moment.
struct Version {
  std::string name;
  std::string number;
  std::shared_ptr<const LoadedModel> model;
  std::shared_ptr<const ShadowStatistics> shadow;
  ModelStatistics statistics;
};

std::vector<Version> VersionsOf(const std::vector<std::shared_ptr<const ServedModel>>& models) {
  std::vector<Version> versions;
  for (const auto& served : models) {
    for (const auto& [number, variant] : served->variants()) {
      auto model = variant.predictor->model();
      if (model == nullptr) continue;  // it was unloaded a moment ago
      const ModelStatistics statistics = model->statistics();
      versions.push_back({served->name(), fmt::format("{}", number), std::move(model), variant.shadow, statistics});
    }
  }
  return versions;
}

constexpr int64_t Us(nanoseconds time) { return time.count() / 1000; }

// One number of each version.
struct Row {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  int64_t (*value)(const Version& version);
};

constexpr Row kRows[] = {
    {"nv_inference_request_success", "counter", "Requests that were answered well.",
     [](const Version& version) { return version.statistics.requests; }},
    {"nv_inference_count", "counter", "Rows that were inferred; those of a batch each count.",
     [](const Version& version) { return version.statistics.rows; }},
    {"nv_inference_exec_count", "counter", "Runs; a batch is one.",
     [](const Version& version) { return version.statistics.runs; }},
    {"nv_inference_request_duration_us", "counter", "Time of answered requests, in microseconds.",
     [](const Version& version) { return Us(version.statistics.times.total()); }},
    {"nv_inference_queue_duration_us", "counter", "Time that they waited for an execution, in microseconds.",
     [](const Version& version) { return Us(version.statistics.times.queue); }},
    {"nv_inference_compute_input_duration_us", "counter",
     "Time that their inputs were prepared in (pictures, gathering, binding), in microseconds.",
     [](const Version& version) { return Us(version.statistics.times.prepare); }},
    {"nv_inference_compute_infer_duration_us", "counter", "Time in the engine, in microseconds.",
     [](const Version& version) { return Us(version.statistics.times.compute); }},
    {"nv_inference_compute_output_duration_us", "counter",
     "Time that their outputs were decoded or copied in, in microseconds.",
     [](const Version& version) { return Us(version.statistics.times.finish); }},
    {"nv_inference_pending_request_count", "gauge", "Requests that wait in the queue now.",
     [](const Version& version) { return static_cast<int64_t>(version.model->pool->queue_size()); }},
    {"oarlock_executions", "gauge", "Executions: requests or batches that may run at once.",
     [](const Version& version) { return static_cast<int64_t>(version.model->pool->size()); }},
    {"oarlock_batch_padding_rows_total", "counter", "Rows of zeros that were run to fill batches up.",
     [](const Version& version) { return version.statistics.padding_rows; }},
    {"oarlock_batch_reruns_total", "counter", "Batches that failed, and whose requests were then run one by one.",
     [](const Version& version) { return version.statistics.reruns; }},
};

// Bounds of the histograms that are counted in powers of two: 2^i times `unit`.
template <size_t count>
constexpr std::array<double, count> PowersOfTwo(double unit) {
  std::array<double, count> bounds{};
  for (size_t i = 0; i < count; ++i) bounds[i] = static_cast<double>(uint64_t{1} << i) / unit;
  return bounds;
}
constexpr auto kSecondsBounds = PowersOfTwo<kHistogramBuckets - 1>(1e6);
constexpr auto kRowsBounds = PowersOfTwo<11>(1);

double Seconds(nanoseconds time) { return static_cast<double>(time.count()) / 1e9; }

void WriteFailures(const std::vector<Version>& versions, PrometheusText* text) {
  text->Family("nv_inference_request_failure", "counter",
               "Requests that were not answered well: refused or too late, cancelled, failed in the engine.");
  for (const Version& version : versions) {
    const ModelStatistics& statistics = version.statistics;
    const auto dropped = [&](DropReason reason) { return statistics.dropped[static_cast<size_t>(reason)]; };
    const auto sample = [&](std::string_view reason, int64_t value) {
      text->Sample({{"model", version.name}, {"version", version.number}, {"reason", reason}}, value);
    };
    sample("REJECTED", dropped(DropReason::kQueueFull) + dropped(DropReason::kExpired));
    sample("CANCELED", dropped(DropReason::kCancelled));
    sample("BACKEND", statistics.failed);
    sample("OTHER", 0);
  }
}

void WriteHistograms(const std::vector<Version>& versions, PrometheusText* text) {
  struct Times {
    std::string_view name;
    std::string_view help;
    Histogram ModelStatistics::*histogram;
  };
  constexpr Times kTimes[] = {
      {"oarlock_queue_seconds", "How long answered requests waited for an execution.", &ModelStatistics::queue},
      {"oarlock_compute_seconds", "How long they were in the engine; one in a batch counts the whole batch's time.",
       &ModelStatistics::compute}};
  for (const Times& times : kTimes) {
    text->Family(times.name, "histogram", times.help);
    for (const Version& version : versions) {
      const Histogram& histogram = version.statistics.*times.histogram;
      text->Histogram({{"model", version.name}, {"version", version.number}}, kSecondsBounds, histogram.counts,
                      Seconds(histogram.sum));
    }
  }
  text->Family("oarlock_batch_rows", "histogram", "Rows of each run, without padding; 1 where batching is off.");
  for (const Version& version : versions) {
    std::array<int64_t, kRowsBounds.size() + 1> counts{};
    double sum = 0;
    for (const auto& [size, runs] : version.statistics.by_batch_size) {
      size_t bucket = 0;
      while (bucket < kRowsBounds.size() && static_cast<double>(size) > kRowsBounds[bucket]) ++bucket;
      counts[bucket] += runs.runs;
      sum += static_cast<double>(size * runs.runs);
    }
    text->Histogram({{"model", version.name}, {"version", version.number}}, kRowsBounds, counts, sum);
  }
}

// A counter for each of `count` reasons, which an enumeration names.
template <typename Reason>
void WriteReasons(std::string_view name, std::string_view help, int32_t first, int32_t count,
                  const std::vector<Version>& versions, int64_t (*value)(const Version&, Reason),
                  PrometheusText* text) {
  text->Family(name, "counter", help);
  for (const Version& version : versions) {
    for (int32_t i = first; i < count; ++i) {
      const auto reason = static_cast<Reason>(i);
      text->Sample({{"model", version.name}, {"version", version.number}, {"reason", NameOf(reason)}},
                   value(version, reason));
    }
  }
}

void WriteAllReasons(const std::vector<Version>& versions, PrometheusText* text) {
  WriteReasons<DropReason>(
      "oarlock_requests_dropped_total", "Requests that reached no execution.", 0, kDropReasonCount, versions,
      [](const Version& version, DropReason reason) { return version.statistics.dropped[static_cast<size_t>(reason)]; },
      text);
  WriteReasons<CloseReason>(
      "oarlock_batches_closed_total", "Batches, by why they waited for no further requests.", 0, kCloseReasonCount,
      versions,
      [](const Version& version, CloseReason reason) { return version.statistics.closed[static_cast<size_t>(reason)]; },
      text);
  WriteReasons<CopyReason>(
      "oarlock_copies_total", "Copies of tensors, by reason.", 1, OAR_COPY_REASON_COUNT, versions,
      [](const Version& version, CopyReason reason) { return version.statistics.copies[reason].count; }, text);
  WriteReasons<CopyReason>(
      "oarlock_copied_bytes_total", "Bytes of these copies.", 1, OAR_COPY_REASON_COUNT, versions,
      [](const Version& version, CopyReason reason) { return version.statistics.copies[reason].bytes; }, text);
}

void WriteShadows(const std::vector<Version>& versions, PrometheusText* text) {
  text->Family("oarlock_shadow_requests_total", "counter", "Shadow requests of a version, by what became of them.");
  for (const Version& version : versions) {
    const std::pair<std::string_view, int64_t> results[] = {{"matched", version.shadow->matched},
                                                            {"differed", version.shadow->differed},
                                                            {"failed", version.shadow->failed},
                                                            {"dropped", version.shadow->dropped}};
    for (const auto& [result, count] : results) {
      text->Sample({{"model", version.name}, {"version", version.number}, {"result", result}}, count);
    }
  }
}

void WriteModels(const std::vector<Version>& versions, PrometheusText* text) {
  text->Family("oarlock_model_info", "gauge", "1 for each version that is served; hash is its identity.");
  for (const Version& version : versions) {
    text->Sample({{"model", version.name},
                  {"version", version.number},
                  {"engine", version.model->compiled->engine()->name()},
                  {"format", NameOf(version.model->format)},
                  {"hash", version.model->identity}},
                 int64_t{1});
  }
}

}  // namespace

void WriteModelMetrics(const std::vector<std::shared_ptr<const ServedModel>>& models, PrometheusText* text) {
  const std::vector<Version> versions = VersionsOf(models);
  for (const Row& row : kRows) {
    text->Family(row.name, row.type, row.help);
    for (const Version& version : versions) {
      text->Sample({{"model", version.name}, {"version", version.number}}, row.value(version));
    }
  }
  WriteFailures(versions, text);
  WriteHistograms(versions, text);
  WriteAllReasons(versions, text);
  WriteShadows(versions, text);
  WriteModels(versions, text);
}

}  // namespace oarlock
