// oarlock bench: how fast a model answers, alone or beside others.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/file.h"
#include "base/status.h"
#include "bench/comparison.h"
#include "bench/grpc_target.h"
#include "bench/http_target.h"
#include "bench/model_target.h"
#include "bench/plot.h"
#include "bench/program_target.h"
#include "bench/random_tensor.h"
#include "bench/report.h"
#include "cli/command.h"
#include "tensor/npy.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kScheme = "://";
constexpr std::string_view kGrpc = "grpc";
constexpr std::string_view kProgram = "exec:";
constexpr double kScheduleMax = 1e8;  // requests of one block, 8 bytes each

struct BenchFlags {
  std::string target;
  std::vector<std::string> against;
  ModelFlags model;
  int concurrency = 1;
  double rate = 0;
  std::string arrivals = "poisson";
  double duration_s = 10;
  double warm_up_s = 1;
  int rounds = 10;
  uint64_t seed = 0;
  bool binary = false;
  bool direct = false;
  std::vector<std::string> inputs;
  std::string title;
  std::string output;
};

std::chrono::nanoseconds Nanoseconds(double seconds) {
  return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9));
}

absl::StatusOr<Schedule> ScheduleOf(const BenchFlags& flags) {
  Schedule schedule;
  schedule.rounds = flags.rounds;
  schedule.warm_up = Nanoseconds(flags.warm_up_s);
  schedule.load.concurrency = flags.concurrency;
  schedule.load.seed = flags.seed;
  schedule.load.duration = Nanoseconds(flags.duration_s / flags.rounds);
  schedule.load.rate_per_s = flags.rate;
  if (flags.arrivals != "poisson" && flags.arrivals != "constant") {
    return UsageError(fmt::format("--arrivals '{}'; it must be poisson or constant", Printable(flags.arrivals)));
  }
  if (const double count = flags.rate * flags.duration_s / flags.rounds; count > kScheduleMax) {
    return UsageError(
        fmt::format("--rate {} for {} s in {} rounds makes {:.0f} requests in each; at most {:.0f} are possible: give "
                    "more --rounds",
                    flags.rate, flags.duration_s, flags.rounds, count, kScheduleMax));
  }
  if (flags.rate > 0) schedule.load.arrivals = flags.arrivals == "poisson" ? Arrivals::kPoisson : Arrivals::kConstant;
  return schedule;
}

// What --input gives, by name; an input that is not given is seeded random.
absl::StatusOr<std::vector<NamedTensor>> GivenInputs(const BenchFlags& flags) {
  std::vector<NamedTensor> given;
  for (const std::string& text : flags.inputs) {
    const size_t at = text.find("=@");
    if (at == std::string::npos || at == 0) {
      return UsageError(fmt::format("--input '{}' must be NAME=@FILE.npy", Printable(text)));
    }
    OAR_ASSIGN_OR_RETURN(Tensor tensor, ReadNpy(text.substr(at + 2), Limits()));
    given.push_back({text.substr(0, at), std::move(tensor)});
  }
  return given;
}

absl::Status Override(const std::vector<NamedTensor>& given, std::vector<NamedTensor>* inputs) {
  for (const NamedTensor& each : given) {
    const auto found =
        std::find_if(inputs->begin(), inputs->end(), [&](const NamedTensor& input) { return input.name == each.name; });
    if (found == inputs->end()) return InvalidArgument("the model has no input '{}'", Printable(each.name));
    found->tensor = each.tensor;
  }
  return absl::OkStatus();
}

class TargetMaker {
 public:
  TargetMaker(const BenchFlags& flags, const GlobalFlags& global, std::vector<NamedTensor> given)
      : flags_(flags),
        global_(global),
        given_(std::move(given)),
        runtime_(std::make_unique<Runtime>(global.engine_path)) {}

  absl::StatusOr<std::unique_ptr<Target>> Make(const std::string& text) {
    if (text.starts_with(kProgram)) return ProgramTarget::Start(text.substr(kProgram.size()));
    if (text.find(kScheme) != std::string::npos) return Server(text);
    return Model(text);
  }

 private:
  absl::StatusOr<std::unique_ptr<Target>> Model(const std::string& path) {
    OAR_ASSIGN_OR_RETURN(ModelConfig config, flags_.model.Finish(global_));
    config.path = path;
    if (config.executions == 0) config.executions = flags_.concurrency;
    OAR_ASSIGN_OR_RETURN(const auto predictor, LoadWithProgress(config, Limits(), runtime_.get()));
    std::vector<NamedTensor> inputs;
    for (const Port& port : predictor->model()->inputs) {
      const bool is_given =
          std::any_of(given_.begin(), given_.end(), [&](const auto& g) { return g.name == port.name; });
      if (is_given) {
        inputs.push_back({port.name, Tensor()});
        continue;
      }
      OAR_ASSIGN_OR_RETURN(Tensor tensor, RandomTensor(port, flags_.seed + inputs.size()));
      inputs.push_back({port.name, std::move(tensor)});
    }
    OAR_RETURN_IF_ERROR(Override(given_, &inputs));
    std::vector<Tensor> tensors;
    for (NamedTensor& input : inputs) tensors.push_back(std::move(input.tensor));
    return ModelTarget::Create(predictor, std::move(tensors), {.queued = flags_.direct});
  }

  // The first server says what its model takes; all are sent the same values, and those of one protocol the same bytes.
  absl::StatusOr<std::unique_ptr<Target>> Server(const std::string& text) {
    OAR_ASSIGN_OR_RETURN(const ServerUrl url, ParseServerUrl(text));
    const bool is_grpc = url.scheme == kGrpc;
    if (!inputs_) {
      OAR_ASSIGN_OR_RETURN(inputs_, is_grpc ? RandomGrpcInputsOf(url, flags_.seed) : RandomInputsOf(url, flags_.seed));
      OAR_RETURN_IF_ERROR(Override(given_, &*inputs_));
    }
    if (is_grpc) return GrpcTarget::Create(url, *inputs_);
    if (body_.bytes.empty()) {
      OAR_ASSIGN_OR_RETURN(body_, MakeInferBody(*inputs_, flags_.binary));
    }
    return HttpTarget::Create(url, body_);
  }

  const BenchFlags& flags_;
  const GlobalFlags& global_;
  const std::vector<NamedTensor> given_;
  std::unique_ptr<Runtime> runtime_;
  std::optional<std::vector<NamedTensor>> inputs_;  // of requests to servers
  InferBody body_;                                  // the same for HTTP
};

absl::Status WriteAll(const std::string& directory, const Report& report, const std::string& title) {
  const fs::path folder(directory);
  OAR_RETURN_IF_ERROR(WriteFileAtomic(folder / "result.json", ReportJson(report)));
  OAR_RETURN_IF_ERROR(WriteFileAtomic(folder / "table.md", ReportMarkdown(report)));
  const std::string plot =
      LatencyPlot(report.comparison, title.empty() ? report.comparison.measured[0].name : std::string_view(title));
  return plot.empty() ? absl::OkStatus() : WriteFileAtomic(folder / "latency.svg", plot);
}

absl::Status Bench(const BenchFlags& flags, const GlobalFlags& global) {
  Report report;
  OAR_ASSIGN_OR_RETURN(report.schedule, ScheduleOf(flags));
  if (!flags.output.empty()) {
    std::error_code error;
    fs::create_directories(flags.output, error);
    if (error) return ErrnoStatus(error.value(), fmt::format("cannot make the directory '{}'", flags.output));
  }
  report.machine = ThisMachine();
  report.started = UtcNow();
  OAR_ASSIGN_OR_RETURN(std::vector<NamedTensor> given, GivenInputs(flags));
  TargetMaker maker(flags, global, std::move(given));
  std::vector<std::unique_ptr<Target>> targets;
  OAR_ASSIGN_OR_RETURN(targets.emplace_back(), maker.Make(flags.target));
  for (const std::string& other : flags.against) {
    OAR_ASSIGN_OR_RETURN(targets.emplace_back(), maker.Make(other));
  }
  Progress progress("measuring");
  OAR_ASSIGN_OR_RETURN(report.comparison, Compare(targets, report.schedule, [&progress](int block, int blocks) {
                         progress.Phase(fmt::format("block {} of {}", block, blocks));
                       }));
  if (!flags.output.empty()) OAR_RETURN_IF_ERROR(WriteAll(flags.output, report, flags.title));
  return Print(global.json ? ReportJson(report) : ReportText(report));
}

}  // namespace

Command RegisterBench(Flags* flags, const GlobalFlags* global) {
  auto values = std::make_shared<BenchFlags>();
  flags->Positional("TARGET",
                    "A model (file or directory), http:// or grpc://HOST:PORT/v2/models/NAME, or exec:PROGRAM.", true,
                    &values->target);
  flags->Add("bench", "against", &values->against);
  flags->Add("bench", "concurrency", 1, 1024, &values->concurrency);
  flags->Add("bench", "rate", 0.001, 1e7, &values->rate);
  flags->Switch("bench", "direct", &values->direct);
  flags->Add("bench", "arrivals", &values->arrivals);
  flags->Add("bench", "duration", 0.001, 86'400, &values->duration_s);
  flags->Add("bench", "warm-up", 0, 3'600, &values->warm_up_s);
  flags->Add("bench", "rounds", 1, 10'000, &values->rounds);
  flags->Switch("bench", "binary", &values->binary);
  flags->Add("run", "input", &values->inputs);
  flags->Add("run", "seed", &values->seed);
  flags->Add("bench", "title", &values->title);
  flags->Add("bench", "output", &values->output);
  flags->Need("--arrivals", "--rate");
  AddModelFlags(flags, &values->model);
  return [values, global] { return Bench(*values, *global); };
}

}  // namespace oarlock
