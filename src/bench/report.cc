#include "bench/report.h"

#include <fmt/format.h>

#include <ctime>

#include "tensor/json_text.h"

namespace oarlock {
namespace {

std::string_view NameOf(Arrivals arrivals) {
  return arrivals == Arrivals::kClosed ? "closed" : arrivals == Arrivals::kConstant ? "constant" : "poisson";
}

void WriteInterval(std::string_view key, const Interval& interval, JsonText* json) {
  json->Key(key);
  json->StartObject();
  json->Field("median", interval.median);
  json->Field("low95", interval.low);
  json->Field("high95", interval.high);
  json->EndObject();
}

void WriteMachine(const Machine& machine, JsonText* json) {
  json->Key("machine");
  json->StartObject();
  json->Field("fingerprint", machine.fingerprint);
  json->Field("cpu", machine.cpu);
  json->Field("cpu_features", machine.cpu_features);
  json->Field("cores", static_cast<int64_t>(machine.cores));
  json->Field("memory_bytes", machine.memory_bytes);
  json->Field("kernel", machine.kernel);
  json->Field("compiler", machine.compiler);
  json->EndObject();
}

void WriteLoad(const Schedule& schedule, JsonText* json) {
  json->Key("load");
  json->StartObject();
  json->Field("arrivals", NameOf(schedule.load.arrivals));
  json->Field("concurrency", static_cast<int64_t>(schedule.load.concurrency));
  if (schedule.load.arrivals != Arrivals::kClosed) json->Field("rate_per_s", schedule.load.rate_per_s);
  json->Field("block_ms", static_cast<double>(schedule.load.duration.count()) / 1e6);
  json->Field("rounds", static_cast<int64_t>(schedule.rounds));
  json->Field("seed", static_cast<int64_t>(schedule.load.seed));
  json->EndObject();
}

void WriteAnatomy(const Anatomy& anatomy, JsonText* json) {
  json->Key("stages_us");
  json->StartObject();
  for (const auto& [name, us] : anatomy.stages_us) json->Field(name, us);
  json->EndObject();
  json->Key("copies_per_call");
  json->StartObject();
  for (const auto& [reason, copy] : anatomy.copies_per_call) {
    json->Key(reason);
    json->StartObject();
    json->Field("count", copy.count);
    json->Field("bytes", copy.bytes);
    json->EndObject();
  }
  json->EndObject();
  if (anatomy.own_allocations_per_call) {
    json->Field("own_allocations_per_call", *anatomy.own_allocations_per_call);
    json->Field("engine_allocations_per_call", *anatomy.engine_allocations_per_call);
  }
}

void WriteBatches(const BatchCounts& batches, JsonText* json) {
  json->Key("batches");
  json->StartObject();
  json->Key("runs");
  json->StartObject();
  for (const auto& [rows, count] : batches.runs) json->Field(std::to_string(rows), count);
  json->EndObject();
  json->Key("closed");
  json->StartObject();
  for (const auto& [reason, count] : batches.closed) json->Field(reason, count);
  json->EndObject();
  json->Field("padding_rows", batches.padding_rows);
  json->EndObject();
}

void WriteMeasured(const Measured& measured, JsonText* json) {
  json->StartObject();
  json->Field("name", measured.name);
  json->Field("requests", measured.requests);
  json->Field("errors", measured.errors);
  if (measured.errors > 0) json->Field("first_error", measured.first_error);
  json->Field("requests_per_s", measured.requests_per_s);
  json->Field("call_us", measured.call_us);
  json->Key("latency_us");
  if (measured.latency.count == 0) {
    json->Null();
  } else {
    const LatencySummary& latency = measured.latency;
    json->StartObject();
    json->Field("mean", latency.mean_us);
    json->Field("p50", latency.p50_us);
    json->Field("p90", latency.p90_us);
    json->Field("p99", latency.p99_us);
    json->Field("p99.9", latency.p999_us);
    json->Field("max", latency.max_us);
    json->EndObject();
  }
  json->Key("blocks");
  json->StartArray();
  for (const BlockResult& block : measured.blocks) {
    const LatencySummary latency = Summarize(block.latencies_ns);
    json->StartObject();
    json->Field("requests", block.requests);
    json->Field("elapsed_ms", static_cast<double>(block.elapsed.count()) / 1e6);
    if (latency.count > 0) {
      json->Field("p50_us", latency.p50_us);
      json->Field("p99_us", latency.p99_us);
    }
    json->EndObject();
  }
  json->EndArray();
  if (measured.batches) WriteBatches(*measured.batches, json);
  WriteAnatomy(measured.anatomy, json);
  json->EndObject();
}

std::string Us(double us) { return us < 100 ? fmt::format("{:.2f}", us) : fmt::format("{:.0f}", us); }

std::string IntervalText(const Interval& interval) {
  return fmt::format("{:.3f} ({:.3f} to {:.3f})", interval.median, interval.low, interval.high);
}

// "receive 4.1, parse 2.0 us"
std::string StagesText(const Anatomy& anatomy) {
  std::string text;
  for (const auto& [name, us] : anatomy.stages_us)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, Us(us));
  return text + " us";
}

// "batches by rows: 1 x20, 8 x310; closed: eager 20, full 310; rows of padding: 0"
std::string BatchesText(const BatchCounts& batches) {
  std::string runs;
  for (const auto& [rows, count] : batches.runs) runs += fmt::format("{}{} x{}", runs.empty() ? "" : ", ", rows, count);
  std::string closed;
  for (const auto& [why, count] : batches.closed)
    closed += fmt::format("{}{} {}", closed.empty() ? "" : ", ", why, count);
  return fmt::format("batches by rows: {}; closed: {}; rows of padding: {}", runs.empty() ? "none" : runs,
                     closed.empty() ? "none" : closed, batches.padding_rows);
}

std::string CostsText(const Anatomy& anatomy) {
  std::string text;
  if (anatomy.own_allocations_per_call) {
    text = fmt::format("allocations per call: {:.1f} ours, {:.1f} in the engine", *anatomy.own_allocations_per_call,
                       *anatomy.engine_allocations_per_call);
    std::string copies;
    for (const auto& [reason, copy] : anatomy.copies_per_call) {
      copies += fmt::format("{}{} x{} ({} bytes)", copies.empty() ? "" : ", ", reason, copy.count, copy.bytes);
    }
    text += fmt::format("; copies per call: {}", copies.empty() ? "none" : copies);
  }
  return text;
}

}  // namespace

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::string ReportJson(const Report& report) {
  JsonText json;
  json.StartObject();
  json.Field("schema", int64_t{1});
  json.Field("version", OARLOCK_VERSION);
  json.Field("started", report.started);
  WriteMachine(report.machine, &json);
  WriteLoad(report.schedule, &json);
  json.Key("targets");
  json.StartArray();
  for (const Measured& measured : report.comparison.measured) WriteMeasured(measured, &json);
  json.EndArray();
  json.Key("comparisons");
  json.StartArray();
  for (const Versus& versus : report.comparison.versus) {
    json.StartObject();
    json.Field("ours", versus.ours);
    json.Field("theirs", versus.theirs);
    WriteInterval("call_ratio", versus.call_ratio, &json);
    WriteInterval("call_difference_us", versus.call_difference_us, &json);
    WriteInterval("throughput_ratio", versus.throughput_ratio, &json);
    if (versus.p50_ratio) WriteInterval("p50_ratio", *versus.p50_ratio, &json);
    if (versus.p99_ratio) WriteInterval("p99_ratio", *versus.p99_ratio, &json);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::string(json.text()) + "\n";
}

std::string ReportMarkdown(const Report& report) {
  std::string text =
      "| target | requests/s | per call us | p50 us | p90 us | p99 us | p99.9 us | errors |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const Measured& measured : report.comparison.measured) {
    const LatencySummary& latency = measured.latency;
    const bool told = latency.count > 0;
    text += fmt::format("| {} | {:.0f} | {} | {} | {} | {} | {} | {} |\n", measured.name, measured.requests_per_s,
                        Us(measured.call_us), told ? Us(latency.p50_us) : "", told ? Us(latency.p90_us) : "",
                        told ? Us(latency.p99_us) : "", told ? Us(latency.p999_us) : "", measured.errors);
  }
  if (!report.comparison.versus.empty()) {
    text +=
        "\n| against | time per call, ratio (95 %) | difference us (95 %) | requests/s, ratio (95 %) | p50, ratio | "
        "p99, ratio |\n|---|---|---|---|---|---|\n";
  }
  for (const Versus& versus : report.comparison.versus) {
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", versus.theirs, IntervalText(versus.call_ratio),
                        IntervalText(versus.call_difference_us), IntervalText(versus.throughput_ratio),
                        versus.p50_ratio ? IntervalText(*versus.p50_ratio) : "",
                        versus.p99_ratio ? IntervalText(*versus.p99_ratio) : "");
  }
  return text;
}

std::string ReportText(const Report& report) {
  std::string text;
  for (const Measured& measured : report.comparison.measured) {
    const LatencySummary& latency = measured.latency;
    text += fmt::format("{}\n  {:.0f} requests/s, {} us per call", measured.name, measured.requests_per_s,
                        Us(measured.call_us));
    if (latency.count > 0) {
      text += fmt::format("; p50 {} p90 {} p99 {} p99.9 {} max {} us", Us(latency.p50_us), Us(latency.p90_us),
                          Us(latency.p99_us), Us(latency.p999_us), Us(latency.max_us));
    }
    text += '\n';
    if (measured.errors > 0) text += fmt::format("  {} errors; the first: {}\n", measured.errors, measured.first_error);
    if (!measured.anatomy.stages_us.empty()) text += fmt::format("  {}\n", StagesText(measured.anatomy));
    if (measured.batches) text += fmt::format("  {}\n", BatchesText(*measured.batches));
    if (const std::string costs = CostsText(measured.anatomy); !costs.empty()) text += fmt::format("  {}\n", costs);
  }
  for (const Versus& versus : report.comparison.versus) {
    text += fmt::format("{}\n  against {}\n  time per call {} of it, {} us more; requests/s {} of its\n", versus.ours,
                        versus.theirs, IntervalText(versus.call_ratio), IntervalText(versus.call_difference_us),
                        IntervalText(versus.throughput_ratio));
  }
  return text;
}

}  // namespace oarlock
