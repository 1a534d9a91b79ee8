#include "runtime/loaded_model.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/memory.h"
#include "base/signals.h"
#include "base/status.h"
#include "model/conversion.h"
#include "model/model_versions.h"
#include "runtime/answer.h"
#include "runtime/queued_inference.h"
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

// Batching needs rows: dim 0 of every input and output is the model's to choose.
absl::Status CheckBatchable(const LoadedModel& model, const BatchingOptions& batching) {
  if (!batching.enabled()) return absl::OkStatus();
  const auto refuse = [&](std::string_view kind, const Port& port) {
    return InvalidArgument(
        "'max_batch_size' is {}, but model '{}' cannot take batches: {} '{}' has {} {}, and dim 0 must be dynamic "
        "(-1); "
        "export it so, {}or set `max_batch_size: 0`",
        batching.max_batch_size, model.name, kind, port.name, port.rank_known ? "shape" : "a shape that is not known",
        port.rank_known ? port.shape.ToString() : "",
        kind == "output" ? "say `batchable: true` if its rows belong to the inputs', " : "");
  };
  const auto has_rows = [](const Port& port) {
    return port.rank_known && port.shape.rank() > 0 && port.shape[0] == kDynamic;
  };
  for (const Port& port : model.inputs) {
    if (!has_rows(port)) return refuse("input", port);
  }
  for (const Port& port : model.compiled->outputs()) {
    if (!has_rows(port) && !batching.batchable) return refuse("output", port);
  }
  return absl::OkStatus();
}

// The shape to warm up with: so many rows, and what the preprocessing makes; none where another dim is open.
std::optional<Shape> WarmUpShape(const LoadedModel& model, size_t index, int64_t rows) {
  const Port& port = model.compiled->inputs()[index];
  if (model.image_input == index) return OutputShape(*model.manifest.preprocess, rows);
  if (!port.rank_known) return std::nullopt;
  Shape shape = port.shape;
  if (shape.rank() > 0 && shape[0] == kDynamic) shape.set_dim(0, rows);
  if (shape.is_dynamic() || port.dtype == DType::kBytes) return std::nullopt;
  return shape;
}

// Zeros bound through memory of the execution's own, so that nothing else stays bound. False: the shape is not known.
absl::StatusOr<bool> BindZeros(const LoadedModel& model, int64_t rows, Execution* execution) {
  for (size_t i = 0; i < model.compiled->inputs().size(); ++i) {
    if (!WarmUpShape(model, i, rows)) return false;
  }
  for (size_t i = 0; i < model.compiled->inputs().size(); ++i) {
    const Shape shape = *WarmUpShape(model, i, rows);
    const DType dtype = model.compiled->inputs()[i].dtype;
    OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(dtype));
    OAR_ASSIGN_OR_RETURN(std::byte* const staging, execution->Staging(i, size_bytes));
    std::fill_n(staging, size_bytes, std::byte{0});
    const Segment segment{staging, size_bytes};
    CopyReport ignored;
    OAR_RETURN_IF_ERROR(execution->BindInput(i, dtype, shape, std::span(&segment, 1), &ignored));
  }
  return true;
}

// Rows to warm up with, largest first so that memory is taken once: the sizes that batches will have, and one.
std::vector<int64_t> WarmUpRows(const BatchingOptions& batching) {
  std::vector<int64_t> rows = {1};
  if (batching.enabled()) {
    rows.insert(rows.end(), batching.buckets.begin(), batching.buckets.end());
    rows.push_back(batching.max_batch_size);
  }
  std::sort(rows.begin(), rows.end(), std::greater<>());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

// Runs of zeros on each execution: engines create threads and primitives at the first run of each shape. A model that
// refuses zeros is still a good model, so failures of the run itself are not failures of the load. `*took` gets the
// time of a second run by rows: the first guess of what a request takes.
absl::Status WarmUp(const LoadedModel& model, const BatchingOptions& batching,
                    std::span<const std::unique_ptr<Execution>> executions,
                    std::map<int64_t, std::chrono::nanoseconds>* took) {
  for (const int64_t rows : WarmUpRows(batching)) {
    for (const auto& execution : executions) {
      OAR_ASSIGN_OR_RETURN(const bool bound, BindZeros(model, rows, execution.get()));
      if (!bound) return absl::OkStatus();
      const bool ran = execution->Run().ok();
      if (!ran || execution != executions.front()) continue;
      const TimePoint began = model.clock->Now();
      if (execution->Run().ok()) (*took)[rows] = model.clock->Now() - began;
    }
  }
  return absl::OkStatus();
}

size_t RowBytes(const LoadedModel& model) {
  size_t sum = 0;
  for (size_t i = 0; i < model.compiled->inputs().size(); ++i) {
    size_t size_bytes = 0;
    const std::optional<Shape> shape = WarmUpShape(model, i, 1);
    if (shape && shape->TrySizeBytes(model.compiled->inputs()[i].dtype, &size_bytes)) sum += size_bytes;
  }
  return sum;
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
  options.batching = config.batching;
  options.limits = limits;
  return options;
}

namespace {

// From bytes that have been read and checked to a model that answers.
absl::StatusOr<std::shared_ptr<LoadedModel>> LoadContent(ModelContent content, int64_t version,
                                                         const PredictorOptions& options, Runtime& runtime) {
  const std::shared_ptr<LoadedModel> model(new LoadedModel, [](const LoadedModel* unloaded) {
    delete unloaded;
    ReturnFreeMemory();
  });
  model->content = std::move(content);
  const ModelFiles& files = model->content.files;
  absl::Status not_converted;
  OAR_RETURN_IF_ERROR(Convert(options, model.get(), &not_converted));
  model->name = options.name.empty() ? files.name : options.name;
  model->version = options.version > 0 ? options.version : version;
  model->format = files.format;
  model->identity = model->content.identity;
  model->operators = model->content.operators;
  model->manifest = model->content.manifest;
  model->limits = options.limits;
  model->inline_runs = options.inline_runs;
  model->clock = options.clock == nullptr ? &runtime.clock() : options.clock;
  model->execution_wait_max = options.execution_wait_max;

  Announce(options, "compile");
  EngineOptions engine_options;
  engine_options.precision = options.precision;
  engine_options.weights = options.weights;
  engine_options.threads_per_execution = std::max(1, options.threads);
  engine_options.executions =
      options.executions > 0 ? options.executions : runtime.scheduler()->thread_budget() / std::max(1, options.threads);
  engine_options.executions = std::clamp(engine_options.executions, 1, static_cast<int>(options.limits.executions_max));
  std::vector<EngineVerdict> verdicts;
  auto compiled = LoadOnEngine(model->content, options.engine, engine_options, runtime.engines(), &verdicts);
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
  const BatchingOptions batching = options.batching.value_or(model->manifest.batching.value_or(BatchingOptions()));
  OAR_RETURN_IF_ERROR(Check(batching, options.limits));
  OAR_RETURN_IF_ERROR(CheckBatchable(*model, batching));
  std::map<int64_t, std::chrono::nanoseconds> took;
  if (options.warm_up) OAR_RETURN_IF_ERROR(WarmUp(*model, batching, executions, &took));
  if (took.contains(1)) model->service_time.Add(took[1], RowBytes(*model));
  if (batching.enabled()) {
    for (const auto& execution : executions) execution->statistics().Size(batching.max_batch_size);
  }
  PoolOptions pool;
  pool.threads = engine_options.threads_per_execution;
  pool.batching = batching;
  pool.queue_max = static_cast<size_t>(options.limits.queue_requests_max);
  pool.clock = model->clock;
  pool.run = QueuedInference::RunBatch;
  model->pool = std::make_unique<ExecutionPool>(std::move(executions), std::move(pool), runtime.scheduler());
  if (batching.enabled()) {
    for (const auto& [rows, time] : took) model->pool->Served(rows, time);
  }
  return model;
}

}  // namespace

absl::StatusOr<std::shared_ptr<LoadedModel>> LoadModel(const std::filesystem::path& path,
                                                       std::shared_ptr<const Root> root,
                                                       const PredictorOptions& options, Runtime& runtime) {
  const BlockSignals block;
  Announce(options, "read");
  int64_t version = 1;
  OAR_ASSIGN_OR_RETURN(ModelFiles files,
                       root == nullptr ? FindHighestVersion(path, &version) : FindModel(path, std::move(root)));
  OAR_ASSIGN_OR_RETURN(ModelContent content, ReadModel(files, options.limits, options.weights));
  return LoadContent(std::move(content), version, options, runtime);
}

absl::StatusOr<std::shared_ptr<LoadedModel>> LoadModel(const ModelBytes& bytes, const PredictorOptions& options,
                                                       Runtime& runtime) {
  const BlockSignals block;
  Announce(options, "read");
  OAR_ASSIGN_OR_RETURN(ModelContent content, CopyModel(bytes, options.limits));
  return LoadContent(std::move(content), 1, options, runtime);
}

ModelStatistics LoadedModel::statistics() const {
  ModelStatistics sum;
  for (const auto& execution : pool->executions()) execution->statistics().AddTo(&sum);
  refusals.AddTo(&sum);
  return sum;
}

}  // namespace oarlock
