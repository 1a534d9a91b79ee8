// What the subcommands of `oarlock` share: flags made from the configuration table, exit codes, progress, JSON text.
#ifndef OARLOCK_CLI_COMMAND_H_
#define OARLOCK_CLI_COMMAND_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "cli/flags.h"
#include "model/models_config.h"
#include "runtime/predictor.h"

namespace oarlock {

inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;

// Flags that stand before or after any subcommand.
struct GlobalFlags {
  bool json = false;
  std::string engine_path;
  std::string cache_dir;
};

// A subcommand registers its flags and gives back what runs it.
using Command = std::function<absl::Status()>;

// --engine, --importer, --precision, --weights, --executions, --inline, --threads, --max-batch-size, --max-delay-us
// into `config`. Checked by FinishModelFlags.
struct ModelFlags {
  ModelConfig config;
  std::string importer = "auto";
  std::string precision = "f32";
  std::string weights = "packed";
  std::string inline_runs = "auto";
  int max_batch_size = -1;  // not given
  int max_delay_us = 0;
  absl::StatusOr<ModelConfig> Finish(const GlobalFlags& global) const;
};
void AddModelFlags(Flags* flags, ModelFlags* values);

// Shows the phase of long work on standard error while it lasts, if that is a terminal; nothing in a pipe.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress() { Done(); }
  void Phase(std::string_view phase);
  // Takes the line away again, for other text.
  void Done();

 private:
  const std::string what_;
  const bool shown_;
};

// Loads with progress. The predictor is READY.
absl::StatusOr<std::shared_ptr<Predictor>> LoadWithProgress(const ModelConfig& config, const Limits& limits,
                                                            Runtime* runtime,
                                                            std::vector<EngineVerdict>* verdicts = nullptr);

// To standard error, one line each.
void PrintWarnings(const LoadedModel& model);

// A mistake in how the program was called, found after parsing: exit code 2.
absl::Status UsageError(std::string_view text);
bool IsUsageError(const absl::Status& status);

// Prints to standard output; an error if it cannot be written (a full disk, a closed pipe).
absl::Status Print(std::string_view text);

Command RegisterRun(Flags* flags, const GlobalFlags* global);
Command RegisterInspect(Flags* flags, const GlobalFlags* global);
Command RegisterServe(Flags* flags, const GlobalFlags* global);
Command RegisterBench(Flags* flags, const GlobalFlags* global);
Command RegisterDoctor(Flags* flags, const GlobalFlags* global);
Command RegisterConvert(Flags* flags, const GlobalFlags* global);
Command RegisterCache(Flags* flags, const GlobalFlags* global);
Command RegisterEngines(Flags* flags, const GlobalFlags* global);

}  // namespace oarlock

#endif  // OARLOCK_CLI_COMMAND_H_
