#include "cli/command.h"

#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "base/config_schema.h"
#include "base/status.h"

namespace oarlock {
namespace {

constexpr absl::string_view kUsagePayload = "oarlock/usage";

}  // namespace

std::string FlagDescription(std::string_view scope, std::string_view key, std::string* flag, std::string* metavar) {
  const ConfigRow* row = FindConfigRow(scope, key);
  // A flag without a row is a mistake of ours that every run of the program's tests meets.
  if (row == nullptr || row->flag.empty()) throw std::logic_error(fmt::format("no flag {}.{}", scope, key));
  *flag = std::string(row->flag);
  *metavar = std::string(row->metavar);
  std::string description(row->doc);
  if (!row->value.empty() && row->type != "boolean") description += fmt::format(" Default: {}.", row->value);
  return description;
}

CLI::Option* AddSwitch(CLI::App* app, std::string_view scope, std::string_view key, bool* value) {
  std::string flag;
  std::string metavar;
  const std::string description = FlagDescription(scope, key, &flag, &metavar);
  return app->add_flag(flag, *value, description);
}

void AddModelFlags(CLI::App* app, ModelFlags* flags) {
  AddFlag(app, "model", "engine", &flags->config.engine);
  AddFlag(app, "model", "precision", &flags->precision);
  AddFlag(app, "model", "executions", &flags->config.executions)->check(CLI::Range(0, 1024));
  AddFlag(app, "model", "threads", &flags->config.threads)->check(CLI::Range(1, 1024));
}

absl::StatusOr<ModelConfig> ModelFlags::Finish() const {
  ModelConfig finished = config;
  const auto parsed = PrecisionFromName(precision);
  if (!parsed.ok()) return UsageError(MessageOf(parsed.status()));
  finished.precision = *parsed;
  return finished;
}

Progress::Progress(std::string what) : what_(std::move(what)), shown_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::Phase(std::string_view phase) {
  if (shown_) fmt::print(stderr, "\r\x1b[K{}: {} ...", what_, phase);
}

absl::StatusOr<std::shared_ptr<Predictor>> LoadWithProgress(const ModelConfig& config, const Limits& limits,
                                                            EngineRegistry* engines) {
  Progress progress(config.path.string());
  PredictorOptions options = PredictorOptions::Of(config, limits);
  options.on_phase = [&progress](std::string_view phase) { progress.Phase(phase); };
  auto predictor = Predictor::Create(std::move(options), engines);
  OAR_RETURN_IF_ERROR(predictor->Load(config.path));
  return predictor;
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
