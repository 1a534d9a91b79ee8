#include "cli/command.h"

#include <unistd.h>

#include <cstdio>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr absl::string_view kUsagePayload = "oarlock/usage";

}  // namespace

void AddModelFlags(Flags* flags, ModelFlags* values) {
  flags->Add("model", "engine", &values->config.engine);
  flags->Add("model", "importer", &values->importer);
  flags->Add("model", "precision", &values->precision);
  flags->Add("model", "weights", &values->weights);
  flags->Add("model", "executions", 0, 1024, &values->config.executions);
  flags->Add("model", "inline", &values->inline_runs);
  flags->Add("model", "threads", 1, 1024, &values->config.threads);
  flags->Add("batching", "max_batch_size", 0, 65'536, &values->max_batch_size);
  flags->Add("batching", "max_delay_us", 0, 60'000'000, &values->max_delay_us);
  flags->Need("--max-delay-us", "--max-batch-size");
}

absl::StatusOr<ModelConfig> ModelFlags::Finish(const GlobalFlags& global) const {
  ModelConfig finished = config;
  finished.cache_dir = global.cache_dir;
  const auto importer_parsed = ImporterFromName(importer);
  if (!importer_parsed.ok()) return UsageError(MessageOf(importer_parsed.status()));
  finished.importer = *importer_parsed;
  const auto parsed = PrecisionFromName(precision);
  if (!parsed.ok()) return UsageError(MessageOf(parsed.status()));
  finished.precision = *parsed;
  const auto weights_parsed = WeightsFromName(weights);
  if (!weights_parsed.ok()) return UsageError(MessageOf(weights_parsed.status()));
  finished.weights = *weights_parsed;
  const auto inline_parsed = InlineFromName(inline_runs);
  if (!inline_parsed.ok()) return UsageError(MessageOf(inline_parsed.status()));
  finished.inline_runs = *inline_parsed;
  if (max_batch_size >= 0) {
    finished.batching.emplace();
    finished.batching->max_batch_size = max_batch_size;
    finished.batching->delay_max = std::chrono::microseconds(max_delay_us);
  }
  return finished;
}

Progress::Progress(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) == 1) {}

void Progress::Done() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::Phase(std::string_view phase) {
  if (shown_) fmt::print(stderr, "\r\x1b[K{}: {} ...", what_, phase);
}

absl::StatusOr<std::shared_ptr<Predictor>> LoadWithProgress(const ModelConfig& config, const Limits& limits,
                                                            Runtime* runtime, std::vector<EngineVerdict>* verdicts) {
  Progress progress(config.path.string());
  PredictorOptions options = PredictorOptions::Of(config, limits);
  options.on_phase = [&progress](std::string_view phase) { progress.Phase(phase); };
  if (verdicts != nullptr) {
    options.on_verdicts = [verdicts](const std::vector<EngineVerdict>& told) { *verdicts = told; };
  }
  auto predictor = Predictor::Create(std::move(options), runtime);
  OAR_RETURN_IF_ERROR(predictor->Load(config.path));
  progress.Done();
  PrintWarnings(*predictor->model());
  return predictor;
}

void PrintWarnings(const LoadedModel& model) {
  for (const std::string& warning : model.warnings) {
    fmt::print(stderr, "oarlock: warning: {}: {}\n", model.name, warning);
  }
}

absl::Status UsageError(std::string_view text) {
  absl::Status status = MakeStatus(absl::StatusCode::kInvalidArgument, text);
  status.SetPayload(kUsagePayload, absl::Cord());
  return status;
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsagePayload).has_value(); }

absl::Status Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return ErrnoStatus(errno, "cannot write to standard output");
  }
  return absl::OkStatus();
}

}  // namespace oarlock
