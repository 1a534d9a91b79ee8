#include "runtime/loaded_model.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/cpu.h"
#include "base/signals.h"
#include "base/status.h"
#include "model/conversion.h"
#include "runtime/answer.h"
#include "runtime/request.h"

namespace oarlock {
namespace {

void Announce(const PredictorOptions& options, std::string_view phase) {
  if (options.on_phase) options.on_phase(phase);
}

std::vector<std::string> NamesOf(std::span<const Port> ports) {
  std::vector<std::string> names;
  for (const Port& port : ports) names.push_back(fmt::format("'{}'", port.name));
  return names;
}

// The port a manifest means: by name, or the only one there is.
absl::StatusOr<size_t> MeantPort(std::span<const Port> ports, const std::string& name, std::string_view key) {
  for (size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].name == name || (name.empty() && ports.size() == 1)) return i;
  }
  return InvalidArgument("'{}' is '{}'; the model has {}", key, Printable(name), fmt::join(NamesOf(ports), ", "));
}

absl::Status ApplyPreprocess(LoadedModel* model) {
  if (!model->manifest.preprocess) return absl::OkStatus();
  const ImagePreprocess& settings = *model->manifest.preprocess;
  OAR_ASSIGN_OR_RETURN(const size_t index, MeantPort(model->inputs, settings.input, "preprocess.input"));
  Port& port = model->inputs[index];
  const Shape made =
      OutputShape(settings, port.rank_known && port.shape.rank() > 0 && port.shape[0] > 0 ? port.shape[0] : 1);
  if (port.dtype != DType::kF32 || (port.rank_known && !port.shape.Admits(made))) {
    return InvalidArgument("'preprocess' makes FP32 {}; input '{}' takes {} {}", made.ToString(), port.name,
                           NameOf(port.dtype), port.shape.ToString());
  }
  const int64_t count = port.rank_known ? port.shape[0] : kDynamic;
  port.dtype = DType::kBytes;
  port.rank_known = true;
  port.shape = Shape{count};
  port.race_safe = false;
  model->image_input = index;
  return absl::OkStatus();
}

absl::Status ApplyPostprocess(LoadedModel* model) {
  const std::span<const Port> ports = model->compiled->outputs();
  std::optional<size_t> decoded;
  if (model->manifest.postprocess) {
    OAR_ASSIGN_OR_RETURN(decoded, MeantPort(ports, model->manifest.postprocess->output, "postprocess.output"));
    if (ports[*decoded].dtype != DType::kF32) {
      return InvalidArgument("'postprocess' decodes FP32; output '{}' is {}", ports[*decoded].name,
                             NameOf(ports[*decoded].dtype));
    }
  }
  for (size_t i = 0; i < ports.size(); ++i) {
    if (decoded != i) {
      size_t size_bytes = 0;
      if (!ports[i].rank_known || !ports[i].shape.TrySizeBytes(ports[i].dtype, &size_bytes)) size_bytes = 0;
      model->outputs.push_back({ports[i], size_bytes, i, std::nullopt});
      continue;
    }
    const std::vector<Port> answers = AnswerPorts(*model->manifest.postprocess);
    for (size_t answer = 0; answer < answers.size(); ++answer)
      model->outputs.push_back({answers[answer], 0, i, answer});
  }
  return absl::OkStatus();
}

// The shape to warm up with: batch 1, and what the preprocessing makes; none where another dim is open.
std::optional<Shape> WarmUpShape(const LoadedModel& model, size_t index) {
  const Port& port = model.compiled->inputs()[index];
  if (model.image_input == index) return OutputShape(*model.manifest.preprocess, 1);
  if (!port.rank_known) return std::nullopt;
  Shape shape = port.shape;
  if (shape.rank() > 0 && shape[0] == kDynamic) shape.set_dim(0, 1);
  if (shape.is_dynamic() || port.dtype == DType::kBytes) return std::nullopt;
  return shape;
}

// One run of zeros on each execution: engines create threads and primitives at the first run. A model that refuses
// zeros is still a good model, so failures of the run itself are not failures of the load.
absl::Status WarmUp(const LoadedModel& model, std::span<const std::unique_ptr<Execution>> executions) {
  std::vector<Tensor> zeros;
  for (size_t i = 0; i < model.compiled->inputs().size(); ++i) {
    const std::optional<Shape> shape = WarmUpShape(model, i);
    if (!shape) return absl::OkStatus();
    OAR_ASSIGN_OR_RETURN(Tensor zero, Tensor::Allocate(model.compiled->inputs()[i].dtype, *shape));
    std::fill_n(zero.data(), zero.size_bytes(), std::byte{0});
    zeros.push_back(std::move(zero));
  }
  for (const auto& execution : executions) {
    for (size_t i = 0; i < zeros.size(); ++i) {
      CopyReport ignored;
      const Segment segment{zeros[i].data(), zeros[i].size_bytes()};
      // Through memory of the execution's own, so that nothing of `zeros` stays bound.
      OAR_ASSIGN_OR_RETURN(std::byte* const staging, execution->Staging(i, segment.size_bytes));
      std::copy_n(segment.data, segment.size_bytes, staging);
      const Segment staged{staging, segment.size_bytes};
      OAR_RETURN_IF_ERROR(execution->BindInput(i, zeros[i].dtype(), zeros[i].shape(), std::span(&staged, 1), &ignored));
    }
    (void)execution->Run();
  }
  // A second time, since the first one made threads and primitives: the first guess of what a request takes.
  size_t input_bytes = 0;
  for (const Tensor& zero : zeros) input_bytes += zero.size_bytes();
  const TimePoint began = model.clock->Now();
  if (executions.front()->Run().ok()) model.service_time.Add(model.clock->Now() - began, input_bytes);
  return absl::OkStatus();
}

// Paddle models become ONNX, unless an engine is to read them itself.
// `*not_converted` says why one was left to an engine instead.
absl::Status Convert(const PredictorOptions& options, LoadedModel* model, absl::Status* not_converted) {
  ModelContent& content = model->content;
  if (!content.warning.empty()) model->warnings.push_back(content.warning);
  if (!IsPaddle(content.files.format) || options.importer == ImporterChoice::kEngine) return absl::OkStatus();
  Announce(options, "convert");
  ConversionOptions wish;
  wish.cache_dir = options.cache_dir;
  wish.limits = options.limits;
  const absl::Status status = ConvertToOnnx(wish, &content, &model->warnings);
  if (status.ok()) {
    content.program = FileBytes();
    content.weights = FileBytes();
    model->converted = true;
    model->from_cache = content.onnx->from_cache;
    return status;
  }
  if (options.importer != ImporterChoice::kAuto || !EngineMayRead(content.files.format, status)) return status;
  model->warnings.push_back(fmt::format("{}; left to an engine that reads Paddle 2 itself", MessageOf(status)));
  *not_converted = status;
  return absl::OkStatus();
}

}  // namespace

PredictorOptions PredictorOptions::Of(const ModelConfig& config, const Limits& limits) {
  PredictorOptions options;
  options.name = config.name;
  options.engine = config.engine;
  options.importer = config.importer;
  options.cache_dir = config.cache_dir;
  options.precision = config.precision;
  options.weights = config.weights;
  options.executions = config.executions;
  options.threads = config.threads;
  options.inline_runs = config.inline_runs;
  options.limits = limits;
  return options;
}

absl::StatusOr<std::shared_ptr<LoadedModel>> LoadModel(const std::filesystem::path& path,
                                                       const PredictorOptions& options, EngineRegistry& engines) {
  const BlockSignals block;
  Announce(options, "read");
  OAR_ASSIGN_OR_RETURN(const ModelFiles files, FindModel(path));
  auto model = std::make_shared<LoadedModel>();
  OAR_ASSIGN_OR_RETURN(model->content, ReadModel(files, options.limits, options.weights));
  absl::Status not_converted;
  OAR_RETURN_IF_ERROR(Convert(options, model.get(), &not_converted));
  model->name = options.name.empty() ? files.name : options.name;
  model->version = options.version;
  model->format = files.format;
  model->identity = model->content.identity;
  model->operators = model->content.operators;
  model->manifest = model->content.manifest;
  model->limits = options.limits;
  model->inline_runs = options.inline_runs;
  model->clock = options.clock;
  model->execution_wait_max = options.execution_wait_max;

  Announce(options, "compile");
  EngineOptions engine_options;
  engine_options.precision = options.precision;
  engine_options.weights = options.weights;
  engine_options.threads_per_execution = std::max(1, options.threads);
  engine_options.executions =
      options.executions > 0 ? options.executions : UsableCpuCount() / std::max(1, options.threads);
  engine_options.executions = std::clamp(engine_options.executions, 1, static_cast<int>(options.limits.executions_max));
  std::vector<EngineVerdict> verdicts;
  auto compiled = LoadOnEngine(model->content, options.engine, engine_options, engines, &verdicts);
  if (options.on_verdicts) options.on_verdicts(verdicts);
  if (!compiled.ok()) {
    return not_converted.ok() ? compiled.status() : Annotate(compiled.status(), MessageOf(not_converted));
  }
  model->compiled = *std::move(compiled);
  if (!model->compiled->keeps_source()) model->content.DropBytes();
  model->inputs.assign(model->compiled->inputs().begin(), model->compiled->inputs().end());
  const absl::Status manifest_status = [&model] {
    OAR_RETURN_IF_ERROR(ApplyPreprocess(model.get()));
    return ApplyPostprocess(model.get());
  }();
  if (!manifest_status.ok()) return Annotate(manifest_status, files.manifest.string());

  Announce(options, "warm up");
  std::vector<std::unique_ptr<Execution>> executions;
  for (int i = 0; i < engine_options.executions; ++i) {
    OAR_ASSIGN_OR_RETURN(auto execution, model->compiled->NewExecution());
    executions.push_back(std::make_unique<Execution>(std::move(execution), *model->compiled));
  }
  OAR_RETURN_IF_ERROR(WarmUp(*model, executions));
  model->pool = std::make_unique<ExecutionPool>(std::move(executions));
  model->executor =
      std::make_unique<Executor>("oar-" + model->name, engine_options.executions, options.limits.queue_requests_max);
  return model;
}

}  // namespace oarlock
