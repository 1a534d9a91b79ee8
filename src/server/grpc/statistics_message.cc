#include "server/grpc/statistics_message.h"

#include <fmt/format.h>

#include <chrono>

namespace oarlock {
namespace {

using std::chrono::nanoseconds;

void Fill(int64_t count, nanoseconds time, inference::StatisticDuration* to) {
  to->set_count(static_cast<uint64_t>(count));
  to->set_ns(static_cast<uint64_t>(time.count()));
}

// Each request of a batch counts the whole batch's time, as in Triton.
void Fill(const ModelStatistics& statistics, inference::InferStatistics* to) {
  const RequestTimes& times = statistics.times;
  Fill(statistics.requests, times.total(), to->mutable_success());
  Fill(statistics.failed, statistics.failed_time, to->mutable_fail());
  Fill(statistics.requests, times.queue, to->mutable_queue());
  Fill(statistics.requests, times.prepare, to->mutable_compute_input());
  Fill(statistics.requests, times.compute, to->mutable_compute_infer());
  Fill(statistics.requests, times.finish, to->mutable_compute_output());
  Fill(0, nanoseconds(0), to->mutable_cache_hit());
  Fill(0, nanoseconds(0), to->mutable_cache_miss());
}

void Fill(const LoadedModel& model, inference::ModelStatistics* to) {
  const ModelStatistics statistics = model.statistics();
  if (statistics.since_last.count() >= 0) {
    const auto last = std::chrono::system_clock::now() - statistics.since_last;
    const auto last_ms = std::chrono::duration_cast<std::chrono::milliseconds>(last.time_since_epoch());
    to->set_last_inference(static_cast<uint64_t>(last_ms.count()));
  }
  to->set_inference_count(static_cast<uint64_t>(statistics.rows));
  to->set_execution_count(static_cast<uint64_t>(statistics.runs));
  Fill(statistics, to->mutable_inference_stats());
  for (const auto& [size, runs] : statistics.by_batch_size) {
    inference::InferBatchStatistics* const batch = to->add_batch_stats();
    batch->set_batch_size(static_cast<uint64_t>(size));
    Fill(runs.runs, runs.prepare, batch->mutable_compute_input());
    Fill(runs.runs, runs.compute, batch->mutable_compute_infer());
    Fill(runs.runs, runs.finish, batch->mutable_compute_output());
  }
  const EngineMemory memory = model.compiled->memory();
  inference::MemoryUsage* const usage = to->add_memory_usage();
  usage->set_type("CPU");
  usage->set_byte_size(memory.weights_private_bytes + memory.activations_bytes);
}

}  // namespace

void FillStatistics(const std::vector<std::shared_ptr<const ServedModel>>& models, std::optional<uint64_t> version,
                    inference::ModelStatisticsResponse* to) {
  for (const auto& served : models) {
    for (const auto& [number, variant] : served->variants()) {
      if (version && static_cast<uint64_t>(number) != *version) continue;
      const auto model = variant.predictor->model();
      if (model == nullptr) continue;  // it was unloaded a moment ago
      inference::ModelStatistics* const filled = to->add_model_stats();
      filled->set_name(served->name());
      filled->set_version(fmt::format("{}", number));
      Fill(*model, filled);
    }
  }
}

}  // namespace oarlock
