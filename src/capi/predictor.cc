// Loading a model, and what there is to know of it.
#include "runtime/predictor.h"

#include "base/nearest.h"
#include "base/signals.h"
#include "base/status.h"
#include "capi/generated/bodies.h"
#include "capi/load_options.h"
#include "capi/objects.h"
#include "runtime/zero_copy.h"

namespace oarlock::capi {
namespace {

using Loaded = std::shared_ptr<LoadedModel>;
using MadePredictor = std::shared_ptr<PredictorObject>;
using Load = std::function<absl::Status(Predictor&)>;

void TellOfLoad(const RuntimeObject& runtime, const Predictor& predictor) {
  const auto model = predictor.model();
  if (model == nullptr) return;
  for (const std::string& warning : model->warnings) {
    runtime.Log(OAR_LOG_WARNING, fmt::format("model '{}': {}", model->name, warning));
  }
}

// Here and now, or on a thread of its own. What that thread needs it keeps: it may be the last to have it.
absl::Status LoadBy(Load load, const Pinned<RuntimeObject>& runtime, const oar_load_options& options,
                    MadePredictor* made) {
  OAR_ASSIGN_OR_RETURN(PredictorOptions wanted, OptionsOf(options, *runtime));
  auto predictor =
      std::make_shared<PredictorObject>(runtime.share(), Predictor::Create(std::move(wanted), &runtime->runtime()));
  if (options.in_background == 0) {
    OAR_RETURN_IF_ERROR(load(*predictor->predictor));
    TellOfLoad(*runtime, *predictor->predictor);
  } else {
    const BlockSignals block;
    try {
      predictor->loader =
          std::thread([owner = predictor->runtime, inner = predictor->predictor, load = std::move(load)] {
            // Load() tells its end to whoever waits, and does not fail before; what may fail else are lines for the
            // log.
            try {
              const absl::Status status = load(*inner);
              if (!status.ok()) owner->Log(OAR_LOG_ERROR, MessageOf(status));
              TellOfLoad(*owner, *inner);
            } catch (const std::exception&) {
            }
          });
    } catch (const std::system_error& error) {
      return ResourceExhausted("no thread to load the model on: {}", error.what());
    }
  }
  *made = std::move(predictor);
  return absl::OkStatus();
}

// Null-terminated, as engines give their names.
void FillPort(const Port& from, size_t size_bytes, bool takes_pictures, oar_port* port) {
  port->name = from.name.c_str();
  port->dtype = static_cast<oar_dtype>(from.dtype);
  port->rank = from.rank_known ? from.shape.rank() : -1;
  if (from.rank_known) std::copy(from.shape.dims().begin(), from.shape.dims().end(), port->dims);
  port->size_bytes = size_bytes;
  port->takes_pictures = takes_pictures ? 1 : 0;
}

absl::Status FindByName(std::string_view kind, std::string_view name, const std::vector<std::string_view>& names,
                        const LoadedModel& model, size_t* index) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != name) continue;
    *index = i;
    return absl::OkStatus();
  }
  return NotFound("model '{}' has no {} '{}'{}", model.name, kind, Printable(name), Suggestion(name, names));
}

}  // namespace

PredictorObject::~PredictorObject() {
  if (!loader.joinable()) return;
  if (loader.get_id() == std::this_thread::get_id()) {
    loader.detach();  // destroyed by a callback of its own load
  } else {
    loader.join();
  }
}

absl::Status PredictorLoad(const Pinned<RuntimeObject>& runtime, std::string_view path, const oar_load_options& options,
                           MadePredictor* predictor) {
  return LoadBy([path = std::filesystem::path(path)](Predictor& to) { return to.Load(path); }, runtime, options,
                predictor);
}

absl::Status PredictorLoadMemory(const Pinned<RuntimeObject>& runtime, std::span<const std::byte> model,
                                 std::span<const std::byte> weights, const oar_load_options& options,
                                 MadePredictor* predictor) {
  ModelBytes bytes{static_cast<Format>(options.format), model, weights};
  if (options.in_background == 0) {
    return LoadBy([bytes](Predictor& to) { return to.Load(bytes); }, runtime, options, predictor);
  }
  // The caller's memory is lent for this call only.
  struct Copy {
    std::vector<std::byte> model;
    std::vector<std::byte> weights;
  };
  const auto copy = std::make_shared<Copy>(Copy{{model.begin(), model.end()}, {weights.begin(), weights.end()}});
  bytes.program = copy->model;
  bytes.weights = copy->weights;
  return LoadBy([copy, bytes](Predictor& to) { return to.Load(bytes); }, runtime, options, predictor);
}

absl::Status PredictorClone(const Pinned<PredictorObject>& predictor, MadePredictor* clone) {
  *clone = predictor.share();
  return absl::OkStatus();
}

absl::Status PredictorState(const Pinned<PredictorObject>& predictor, oar_state* state) {
  *state = static_cast<oar_state>(predictor->predictor->state());
  return absl::OkStatus();
}

absl::Status PredictorWaitReady(const Pinned<PredictorObject>& predictor, int64_t timeout_ns) {
  return predictor->predictor->WaitReady(std::chrono::nanoseconds(timeout_ns));
}

absl::Status PredictorDescribe(const Pinned<PredictorObject>& predictor, oar_model_description* description) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  description->name = model->name.c_str();
  description->version = model->version;
  description->identity = model->identity.c_str();
  description->format = static_cast<oar_format>(model->format);
  description->engine = model->compiled->engine()->name().data();
  description->engine_version = model->compiled->engine()->version().data();
  description->precision = static_cast<oar_precision>(model->compiled->precision());
  description->input_count = model->inputs.size();
  description->output_count = model->outputs.size();
  description->execution_count = static_cast<int32_t>(model->pool->size());
  description->max_batch_size = model->pool->batching().max_batch_size;
  description->is_converted = model->converted ? 1 : 0;
  description->warning_count = model->warnings.size();
  return absl::OkStatus();
}

absl::Status PredictorInput(const Pinned<PredictorObject>& predictor, size_t index, oar_port* port) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  OAR_RETURN_IF_ERROR(CheckInputIndex(*model, index));
  const Port& from = model->inputs[index];
  size_t size_bytes = 0;
  if (!from.rank_known || !from.shape.TrySizeBytes(from.dtype, &size_bytes)) size_bytes = 0;
  FillPort(from, size_bytes, model->image_input == index, port);
  return absl::OkStatus();
}

absl::Status PredictorOutput(const Pinned<PredictorObject>& predictor, size_t index, oar_port* port) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  OAR_RETURN_IF_ERROR(CheckOutputIndex(*model, index));
  FillPort(model->outputs[index].port, model->outputs[index].size_bytes, false, port);
  return absl::OkStatus();
}

absl::Status PredictorFind(const Pinned<PredictorObject>& predictor, oar_port_kind kind, std::string_view name,
                           size_t* index) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  std::vector<std::string_view> names;
  if (kind == OAR_PORT_KIND_INPUT) {
    for (const Port& port : model->inputs) names.push_back(port.name);
    return FindByName("input", name, names, *model, index);
  }
  for (const PublicOutput& output : model->outputs) names.push_back(output.port.name);
  return FindByName("output", name, names, *model, index);
}

absl::Status PredictorWarning(const Pinned<PredictorObject>& predictor, size_t index, const char** warning) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  if (index >= model->warnings.size()) return OutOfRange("warning {} of {}", index, model->warnings.size());
  *warning = model->warnings[index].c_str();
  return absl::OkStatus();
}

absl::Status PredictorStatistics(const Pinned<PredictorObject>& predictor, oar_statistics* statistics) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  const ModelStatistics sums = model->statistics();
  statistics->request_count = sums.requests;
  statistics->row_count = sums.rows;
  statistics->run_count = sums.runs;
  statistics->failed_count = sums.failed;
  statistics->expired_count = sums.dropped[static_cast<size_t>(DropReason::kExpired)];
  statistics->cancelled_count = sums.dropped[static_cast<size_t>(DropReason::kCancelled)];
  statistics->refused_count = sums.dropped[static_cast<size_t>(DropReason::kQueueFull)];
  statistics->queue_ns = sums.times.queue.count();
  statistics->prepare_ns = sums.times.prepare.count();
  statistics->compute_ns = sums.times.compute.count();
  statistics->finish_ns = sums.times.finish.count();
  for (size_t i = 0; i < OAR_COPY_REASON_COUNT; ++i) {
    statistics->copy_counts[i] = sums.copies.by_reason[i].count;
    statistics->copy_bytes[i] = sums.copies.by_reason[i].bytes;
  }
  return absl::OkStatus();
}

absl::Status PredictorCheckZeroCopy(const Pinned<PredictorObject>& predictor, oar_port_kind kind, size_t index,
                                    const Pinned<TensorObject>& tensor, oar_zero_copy_report* report) {
  OAR_ASSIGN_OR_RETURN(const Loaded model, predictor->predictor->Ready());
  OAR_ASSIGN_OR_RETURN(const ZeroCopyVerdict verdict, kind == OAR_PORT_KIND_INPUT
                                                          ? CheckInputZeroCopy(model, index, tensor->tensor)
                                                          : CheckOutputZeroCopy(model, index, tensor->tensor));
  report->condition = static_cast<oar_condition>(verdict.condition);
  report->reason = static_cast<oar_copy_reason>(verdict.reason);
  report->is_refused = verdict.refused ? 1 : 0;
  report->wanted = verdict.wanted;
  report->found = verdict.found;
  const size_t size = std::min(verdict.text.size(), sizeof report->text - 1);
  std::memcpy(report->text, verdict.text.data(), size);
  return absl::OkStatus();
}

}  // namespace oarlock::capi
