#include "server/protocol/inference.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <utility>

#include "base/status.h"

namespace oarlock {
namespace {

constexpr int64_t kLongestTimeout_us = int64_t{1'000'000} * 60 * 60 * 24;

// Triton's: 0 is the default, 1 the most urgent.
Priority PriorityOf(int64_t number) {
  if (number == 1) return Priority::kHigh;
  return number == 0 || number == 2 ? Priority::kNormal : Priority::kLow;
}

RequestInput InputOf(const ParsedInput& input) {
  if (input.pieces.empty()) return RequestInput::Of(input.name, input.view);
  RequestInput made{input.name, input.view.dtype, input.view.shape, {}, CopyReason::kNone};
  made.segments.assign(input.pieces.begin(), input.pieces.end());
  return made;
}

}  // namespace

absl::Status Inference::Fill(InferenceRequest* to) {
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

// Which outputs, and how each goes out. A binary output of a fixed size gets room of ours, so that a slow reader of the
// answer does not keep the execution.
absl::Status Inference::PlanOutputs(InferenceRequest* to) {
  for (const ParsedOutput& output : request.outputs) {
    if (output.classification > 0) {
      return Unimplemented("output '{}': classification is not served; give the model a `postprocess.top_k` instead",
                           Printable(output.name));
    }
    outputs_.push_back({output.name, {}, output.binary_data.value_or(request.binary_data_output)});
  }
  if (request.outputs.empty()) {
    for (const PublicOutput& output : model_->outputs) {
      outputs_.push_back({output.port.name, {}, request.binary_data_output});
    }
  }
  for (const ResponseOutput& wanted : outputs_) {
    Tensor room;
    for (const PublicOutput& output : model_->outputs) {
      if (output.port.name != wanted.name || !wanted.binary) continue;
      if (output.answer_index || !output.port.in_place || !output.port.rank_known) continue;
      if (output.port.shape.is_dynamic()) continue;
      OAR_ASSIGN_OR_RETURN(room, Tensor::Allocate(output.port.dtype, output.port.shape));
    }
    to->outputs.push_back({wanted.name, room.data(), room.size_bytes()});
    rooms_.push_back(std::move(room));
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

absl::Status Inference::TakeOutputs(const InferenceResponse& response) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    ResponseOutput& wanted = outputs_[i];
    const InferenceOutput* const output = response.Find(wanted.name);
    if (output == nullptr) return Internal("output '{}' was not computed", Printable(wanted.name));
    wanted.view = output->view;
    if (wanted.binary && wanted.view.data != rooms_[i].data()) {
      OAR_ASSIGN_OR_RETURN(Tensor copy, Tensor::Clone(wanted.view));
      copies_.push_back(std::move(copy));
      wanted.view = copies_.back().view();
    }
  }
  return absl::OkStatus();
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
