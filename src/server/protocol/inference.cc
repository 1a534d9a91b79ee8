#include "server/protocol/inference.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "base/status.h"
#include "runtime/answer.h"
#include "server/protocol/classification.h"
#include "server/protocol/shared_tensors.h"

namespace oarlock {
namespace {

constexpr int64_t kLongestTimeout_us = int64_t{1'000'000} * 60 * 60 * 24;

// Triton's: 0 is the default, 1 the most urgent.
Priority PriorityOf(int64_t number) {
  if (number == 1) return Priority::kHigh;
  return number == 0 || number == 2 ? Priority::kNormal : Priority::kLow;
}

RequestInput InputOf(const ParsedInput& input) {
  if (input.pieces.empty()) {
    RequestInput made = RequestInput::Of(input.name, input.view);
    if (input.shared_memory) made.copied = CopyReason::kUntrusted;
    return made;
  }
  RequestInput made{input.name, input.view.dtype, input.view.shape, {}, CopyReason::kNone};
  made.segments.assign(input.pieces.begin(), input.pieces.end());
  return made;
}

const PublicOutput* FindOutput(const LoadedModel& model, std::string_view name) {
  for (const PublicOutput& output : model.outputs) {
    if (output.port.name == name) return &output;
  }
  return nullptr;
}

// Of the scores that a model's `top_k` has picked: its tensor at `place`, beside them. Null for other outputs.
const PublicOutput* BesideScores(const LoadedModel& model, std::string_view name, size_t place) {
  const PublicOutput* const scores = FindOutput(model, name);
  const bool are_scores = scores != nullptr && scores->answer_index == kTopKScore && model.manifest.postprocess->top_k;
  if (!are_scores) return nullptr;
  for (const PublicOutput& output : model.outputs) {
    if (output.engine_index == scores->engine_index && output.answer_index == place) return &output;
  }
  return nullptr;
}

}  // namespace

absl::Status Inference::Fill(InferenceRequest* to) {
  OAR_RETURN_IF_ERROR(ReadSharedInputs(shared_memory, model_->limits, &request.inputs));
  for (const ParsedInput& input : request.inputs) to->inputs.push_back(InputOf(input));
  OAR_RETURN_IF_ERROR(PlanOutputs(to));
  to->deadline = deadline;
  if (request.timeout_us > 0) {
    const auto timeout = std::chrono::microseconds(std::min(request.timeout_us, kLongestTimeout_us));
    to->deadline = std::min(deadline, std::chrono::steady_clock::now() + timeout);
  }
  to->priority = PriorityOf(request.priority);
  return absl::OkStatus();
}

absl::Status Inference::PlanOutput(const ParsedOutput& output) {
  const bool shared = output.shared_memory.has_value();
  const bool binary = !shared && output.binary_data.value_or(request.binary_data_output);
  outputs_.push_back({output.name, {}, binary, shared});
  regions_.emplace_back();
  if (shared && output.classification > 0) {
    return InvalidArgument("output '{}': a classification cannot be written to shared memory", Printable(output.name));
  }
  if (shared) {
    OAR_ASSIGN_OR_RETURN(regions_.back(), FindSharedOutput(shared_memory, output.name, *output.shared_memory));
  }
  const PublicOutput* const known = FindOutput(*model_, output.name);
  if (output.classification == 0 || known == nullptr) return absl::OkStatus();  // or it is refused with the request
  const absl::Status status = CheckClassifiable(known->port.dtype);
  return status.ok() ? status : Annotate(status, fmt::format("output '{}'", known->port.name));
}

void Inference::AskForClasses(const ParsedOutput& output, InferenceRequest* to) const {
  for (const size_t place : {kTopKClass, kTopKLabel}) {
    const PublicOutput* const beside = BesideScores(*model_, output.name, place);
    if (beside == nullptr || FindNamed(to->outputs, beside->port.name, 0) != nullptr) continue;
    to->outputs.push_back({beside->port.name});
  }
}

// Which outputs, and how each goes out. A binary output of a fixed size gets room of ours, so that a slow reader of the
// answer does not keep the execution.
absl::Status Inference::PlanOutputs(InferenceRequest* to) {
  for (const ParsedOutput& output : request.outputs) OAR_RETURN_IF_ERROR(PlanOutput(output));
  if (request.outputs.empty()) {
    for (const PublicOutput& output : model_->outputs) {
      outputs_.push_back({output.port.name, {}, request.binary_data_output});
    }
    regions_.resize(outputs_.size());
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const ResponseOutput& wanted = outputs_[i];
    const PublicOutput* const output = FindOutput(*model_, wanted.name);
    const bool classified = i < request.outputs.size() && request.outputs[i].classification > 0;
    Tensor room;
    if (output != nullptr && wanted.binary && !classified && !output->answer_index && output->port.in_place &&
        output->port.rank_known && !output->port.shape.is_dynamic()) {
      OAR_ASSIGN_OR_RETURN(room, Tensor::Allocate(output->port.dtype, output->port.shape));
    }
    to->outputs.push_back({wanted.name, room.data(), room.size_bytes()});
    rooms_.push_back(std::move(room));
  }
  for (const ParsedOutput& output : request.outputs) {
    if (output.classification > 0) AskForClasses(output, to);
  }
  return absl::OkStatus();
}

void Inference::Start(const RoutedPredictor& predictor, Done done) {
  model_ = predictor.model();
  done_ = std::move(done);
  InferenceRequest made;
  InferenceResponse response;
  absl::Status filled;
  try {
    filled = Fill(&made);
  } catch (const std::bad_alloc&) {
    filled = ResourceExhausted("no memory left for the request");
  }
  if (!filled.ok()) return Finish(std::move(filled), &response);
  if (auto status = predictor.InferIfShort(made, &response)) return Finish(*std::move(status), &response);
  made.keep_alive = shared_from_this();
  predictor_ = predictor.predictor();
  const auto id =
      predictor.InferAsync(std::move(made), [self = shared_from_this()](absl::Status status, InferenceResponse late) {
        self->Finish(std::move(status), &late);
      });
  if (!id.ok()) return Finish(id.status(), &response);
  id_ = *id;
  if (cancelled_) Cancel();
}

void Inference::Cancel() {
  cancelled_ = true;
  // Before Start() knows the number it looks at cancelled_ itself.
  const uint64_t id = id_;
  if (const auto predictor = id != 0 ? predictor_.lock() : nullptr) (void)predictor->Cancel(id);
}

absl::StatusOr<Tensor> Inference::ClassesOf(const ParsedOutput& output, const InferenceResponse& response) const {
  Classification wish{.count = output.classification, .batched = model_->pool->batching().enabled()};
  const auto view_at = [&](size_t place) {
    const PublicOutput* const beside = BesideScores(*model_, output.name, place);
    const InferenceOutput* const computed = beside == nullptr ? nullptr : response.Find(beside->port.name);
    return computed == nullptr ? TensorView() : computed->view;
  };
  wish.classes = view_at(kTopKClass);
  // Without a file of labels they are the classes once more.
  const auto& postprocess = model_->manifest.postprocess;
  if (postprocess && postprocess->top_k && !postprocess->top_k->labels.empty()) wish.labels = view_at(kTopKLabel);
  auto classes = Classify(response.Find(output.name)->view, wish, model_->limits);
  if (!classes.ok()) return Annotate(classes.status(), fmt::format("output '{}'", Printable(output.name)));
  return classes;
}

absl::Status Inference::TakeOutput(size_t index, const InferenceResponse& response) {
  ResponseOutput& wanted = outputs_[index];
  const InferenceOutput* const output = response.Find(wanted.name);
  if (output == nullptr) return Internal("output '{}' was not computed", Printable(wanted.name));
  wanted.view = output->view;
  const ParsedOutput* const parsed = index < request.outputs.size() ? &request.outputs[index] : nullptr;
  if (regions_[index] != nullptr) return CheckFits(wanted.name, wanted.view, *parsed->shared_memory);
  const bool classified = parsed != nullptr && parsed->classification > 0;
  if (!classified && (!wanted.binary || wanted.view.data == rooms_[index].data())) return absl::OkStatus();
  OAR_ASSIGN_OR_RETURN(Tensor copy, classified ? ClassesOf(*parsed, response) : Tensor::Clone(wanted.view));
  copies_.push_back(std::move(copy));
  wanted.view = copies_.back().view();
  return absl::OkStatus();
}

absl::Status Inference::WriteSharedOutputs() {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (regions_[i] == nullptr) continue;
    TensorView& view = outputs_[i].view;
    OAR_RETURN_IF_ERROR(regions_[i]->Write(request.outputs[i].shared_memory->offset, view.bytes()));
    view.data = nullptr;
    view.size_bytes = 0;
  }
  return absl::OkStatus();
}

absl::Status Inference::TakeOutputs(const InferenceResponse& response) {
  for (size_t i = 0; i < outputs_.size(); ++i) OAR_RETURN_IF_ERROR(TakeOutput(i, response));
  return WriteSharedOutputs();  // if none of them fails before
}

void Inference::Finish(absl::Status status, InferenceResponse* response) {
  try {
    if (status.ok()) status = TakeOutputs(*response);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("no memory left for the answer");
  }
  if (!status.ok()) outputs_.clear();
  Done done = std::move(done_);  // which may hold this in turn
  std::move(done)(std::move(status), {*model_, outputs_, *response});
  response->Release();
}

}  // namespace oarlock
