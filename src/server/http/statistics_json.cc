#include "server/http/statistics_json.h"

#include <chrono>

#include "base/status.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

using std::chrono::nanoseconds;

void Duration(std::string_view key, int64_t count, nanoseconds time, JsonText* json) {
  json->Key(key);
  json->StartObject();
  json->Field("count", count);
  json->Field("ns", int64_t{time.count()});
  json->EndObject();
}

template <size_t count, typename Reason>
void Counts(std::string_view key, const std::array<int64_t, count>& counts, JsonText* json) {
  json->Key(key);
  json->StartObject();
  for (size_t i = 0; i < count; ++i) json->Field(NameOf(static_cast<Reason>(i)), counts[i]);
  json->EndObject();
}

// Bucket i holds what took up to 2^i us, and the last the rest.
void WriteHistogram(std::string_view key, const Histogram& histogram, JsonText* json) {
  json->Key(key);
  json->StartArray();
  for (const int64_t value : histogram.counts) json->Value(value);
  json->EndArray();
}

// The shape that Triton's clients read; each request of a batch counts the whole batch's time.
void WriteTritonStatistics(const ModelStatistics& statistics, JsonText* json) {
  const RequestTimes& times = statistics.times;
  json->Key("inference_stats");
  json->StartObject();
  Duration("success", statistics.requests, times.total(), json);
  Duration("fail", statistics.failed, statistics.failed_time, json);
  Duration("queue", statistics.requests, times.queue, json);
  Duration("compute_input", statistics.requests, times.prepare, json);
  Duration("compute_infer", statistics.requests, times.compute, json);
  Duration("compute_output", statistics.requests, times.finish, json);
  Duration("cache_hit", 0, nanoseconds(0), json);
  Duration("cache_miss", 0, nanoseconds(0), json);
  json->EndObject();
  json->Key("response_stats");
  json->StartObject();
  json->EndObject();
  json->Key("batch_stats");
  json->StartArray();
  for (const auto& [size, runs] : statistics.by_batch_size) {
    json->StartObject();
    json->Field("batch_size", size);
    Duration("compute_input", runs.runs, runs.prepare, json);
    Duration("compute_infer", runs.runs, runs.compute, json);
    Duration("compute_output", runs.runs, runs.finish, json);
    json->EndObject();
  }
  json->EndArray();
}

void WriteOwnStatistics(const ModelStatistics& statistics, const LoadedModel& model, const ShadowStatistics& shadow,
                        JsonText* json) {
  json->Key("oarlock");
  json->StartObject();
  json->Field("executions", static_cast<int64_t>(model.pool->size()));
  json->Field("waiting", static_cast<int64_t>(model.pool->queue_size()));
  WriteHistogram("queue_us_log2", statistics.queue, json);
  WriteHistogram("compute_us_log2", statistics.compute, json);
  Counts<kCloseReasonCount, CloseReason>("batches_closed", statistics.closed, json);
  json->Field("padding_rows", statistics.padding_rows);
  json->Field("batch_reruns", statistics.reruns);
  Counts<kDropReasonCount, DropReason>("dropped", statistics.dropped, json);
  json->Key("copies");
  json->StartObject();
  for (int32_t i = 1; i < OAR_COPY_REASON_COUNT; ++i) {
    const auto reason = static_cast<CopyReason>(i);
    json->Key(NameOf(reason));
    json->StartObject();
    json->Field("count", statistics.copies[reason].count);
    json->Field("bytes", statistics.copies[reason].bytes);
    json->EndObject();
  }
  json->EndObject();
  json->Key("shadow");
  json->StartObject();
  json->Field("matched", shadow.matched.load());
  json->Field("differed", shadow.differed.load());
  json->Field("failed", shadow.failed.load());
  json->Field("dropped", shadow.dropped.load());
  json->EndObject();
  json->EndObject();
}

void WriteVariant(std::string_view name, int64_t version, const Variant& variant, JsonText* json) {
  const auto model = variant.predictor->model();
  if (model == nullptr) return;  // it was unloaded a moment ago
  const ModelStatistics statistics = model->statistics();
  const auto last = std::chrono::system_clock::now() - statistics.since_last;
  const bool has_run = statistics.since_last.count() >= 0;
  json->StartObject();
  json->Field("name", name);
  json->Field("version", fmt::format("{}", version));
  json->Field("last_inference",
              has_run ? int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(last.time_since_epoch()).count()}
                      : int64_t{0});
  json->Field("inference_count", statistics.rows);
  json->Field("execution_count", statistics.runs);
  WriteTritonStatistics(statistics, json);
  json->Key("memory_usage");
  json->StartArray();
  const EngineMemory memory = model->compiled->memory();
  json->StartObject();
  json->Field("type", "CPU");
  json->Field("id", int64_t{0});
  json->Field("byte_size", static_cast<int64_t>(memory.weights_private_bytes + memory.activations_bytes));
  json->EndObject();
  json->EndArray();
  WriteOwnStatistics(statistics, *model, *variant.shadow, json);
  json->EndObject();
}

}  // namespace

std::string StatisticsJson(const std::vector<std::shared_ptr<const ServedModel>>& models,
                           std::optional<uint64_t> version) {
  JsonText json;
  json.StartObject();
  json.Key("model_stats");
  json.StartArray();
  for (const auto& model : models) {
    for (const auto& [number, variant] : model->variants()) {
      if (!version || static_cast<uint64_t>(number) == *version) WriteVariant(model->name(), number, variant, &json);
    }
  }
  json.EndArray();
  json.EndObject();
  return std::string(json.text());
}

}  // namespace oarlock
