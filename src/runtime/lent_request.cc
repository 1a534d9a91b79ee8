#include "runtime/lent_request.h"

#include <atomic>

#include "base/status.h"

namespace oarlock {

namespace {

// Each is given once in a process.
uint64_t NewBinding() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

absl::Status CheckInputIndex(const LoadedModel& model, size_t index) {
  if (index < model.inputs.size()) return absl::OkStatus();
  return OutOfRange("input {} of model '{}', which has {}", index, model.name, model.inputs.size());
}

absl::Status CheckOutputIndex(const LoadedModel& model, size_t index) {
  if (index < model.outputs.size()) return absl::OkStatus();
  return OutOfRange("output {} of model '{}', which has {}", index, model.name, model.outputs.size());
}

namespace {

absl::Status CheckFits(std::string_view kind, const Port& port, const StridedTensor& tensor) {
  if (tensor.dtype() != port.dtype) {
    return InvalidArgument("{} '{}' is {}; the tensor is {}", kind, port.name, NameOf(port.dtype),
                           NameOf(tensor.dtype()));
  }
  if (port.rank_known && !port.shape.Admits(tensor.shape())) {
    return InvalidArgument("{} '{}' has shape {} (-1 is any); the tensor has {}", kind, port.name,
                           port.shape.ToString(), tensor.shape().ToString());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckInputFits(const Port& port, const StridedTensor& tensor) { return CheckFits("input", port, tensor); }

absl::Status CheckOutputFits(const Port& port, const StridedTensor& room) {
  OAR_RETURN_IF_ERROR(CheckFits("output", port, room));
  if (port.dtype == DType::kBytes) {
    return InvalidArgument(
        "output '{}' is BYTES, whose size is known only after the run: bind nothing, and read it where it lies",
        port.name);
  }
  if (room.traits().read_only) return FailedPrecondition("the tensor for output '{}' is read-only", port.name);
  if (!room.is_contiguous()) {
    return InvalidArgument("the tensor for output '{}' has gaps; an output is written in one piece", port.name);
  }
  return absl::OkStatus();
}

CopyReason CopyBeforehand(const Port& port, const StridedTensor& tensor) {
  if (!tensor.is_contiguous()) return CopyReason::kStrided;
  return tensor.traits().shared_with_peer && !port.race_safe ? CopyReason::kUntrusted : CopyReason::kNone;
}

LentRequest::LentRequest(std::shared_ptr<const LoadedModel> model)
    : model_(std::move(model)),
      inputs_(model_->inputs.size()),
      outputs_(model_->outputs.size()),
      unbound_count_(inputs_.size()) {
  for (const Port& port : model_->inputs) request_.inputs.push_back({port.name, port.dtype, {}, {}, CopyReason::kNone});
  for (const PublicOutput& output : model_->outputs) request_.outputs.push_back({output.port.name, nullptr, 0});
  request_.in_model_order = true;
}

absl::Status LentRequest::BindInput(size_t index, StridedTensor tensor) {
  OAR_RETURN_IF_ERROR(CheckInputIndex(*model_, index));
  const Port& port = model_->inputs[index];
  OAR_RETURN_IF_ERROR(CheckInputFits(port, tensor));
  RequestInput& request = request_.inputs[index];
  const CopyReason copied = CopyBeforehand(port, tensor);
  std::shared_ptr<Buffer> copy;
  if (copied != CopyReason::kNone) {
    OAR_ASSIGN_OR_RETURN(copy, Buffer::Allocate(tensor.size_bytes()));
  }
  Input& input = inputs_[index];
  if (!std::exchange(input.bound, true)) --unbound_count_;
  input.copy = std::move(copy);
  request.shape = tensor.shape();
  request.copied = copied;
  request.segments.assign(1, {input.copy != nullptr ? input.copy->data() : tensor.data(), tensor.size_bytes()});
  input.tensor = std::move(tensor);
  request_.binding = NewBinding();
  copies_ = false;
  for (const Input& each : inputs_) copies_ |= each.copy != nullptr;
  return absl::OkStatus();
}

absl::Status LentRequest::BindOutput(size_t index, std::optional<StridedTensor> room) {
  OAR_RETURN_IF_ERROR(CheckOutputIndex(*model_, index));
  if (room) OAR_RETURN_IF_ERROR(CheckOutputFits(model_->outputs[index].port, *room));
  request_.outputs[index].data = room ? room->data() : nullptr;
  request_.outputs[index].size_bytes = room ? room->size_bytes() : 0;
  outputs_[index] = std::move(room);
  request_.binding = NewBinding();
  return absl::OkStatus();
}

absl::Status LentRequest::Bind(std::span<const StridedTensor* const> inputs,
                               std::span<const StridedTensor* const> outputs) {
  if (inputs.size() != inputs_.size()) {
    return InvalidArgument("{} inputs; model '{}' has {}", inputs.size(), model_->name, inputs_.size());
  }
  if (outputs.size() != outputs_.size() && !outputs.empty()) {
    return InvalidArgument("{} outputs; model '{}' has {}", outputs.size(), model_->name, outputs_.size());
  }
  for (size_t i = 0; i < inputs.size(); ++i) OAR_RETURN_IF_ERROR(BindInput(i, *inputs[i]));
  for (size_t i = 0; i < outputs.size(); ++i) {
    OAR_RETURN_IF_ERROR(BindOutput(i, outputs[i] != nullptr ? std::optional(*outputs[i]) : std::nullopt));
  }
  return absl::OkStatus();
}

absl::Status LentRequest::MakeRoom() {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const PublicOutput& output = model_->outputs[i];
    if (outputs_[i] || output.size_bytes == 0) continue;
    OAR_ASSIGN_OR_RETURN(StridedTensor room, StridedTensor::Allocate(output.port.dtype, output.port.shape));
    OAR_RETURN_IF_ERROR(BindOutput(i, std::move(room)));
  }
  return absl::OkStatus();
}

void LentRequest::Unbind() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    inputs_[i] = Input();
    request_.inputs[i].segments.clear();
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    outputs_[i].reset();
    request_.outputs[i].data = nullptr;
    request_.outputs[i].size_bytes = 0;
  }
  unbound_count_ = inputs_.size();
  copies_ = false;
  request_.binding = NewBinding();
}

absl::Status LentRequest::Prepare() {
  if (unbound_count_ > 0) [[unlikely]] {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (!inputs_[i].bound) {
        return FailedPrecondition("input '{}' of model '{}' is not bound", model_->inputs[i].name, model_->name);
      }
    }
  }
  if (!copies_) return absl::OkStatus();
  for (const Input& input : inputs_) {
    if (input.copy == nullptr) continue;
    const std::span<std::byte> room(input.copy->data(), input.tensor.size_bytes());
    OAR_RETURN_IF_ERROR(input.tensor.CopyTo(room));
    // What a peer may have changed since it was wrapped.
    if (input.tensor.dtype() == DType::kBytes) {
      OAR_ASSIGN_OR_RETURN(const int64_t count, input.tensor.shape().ElementCount());
      OAR_RETURN_IF_ERROR(CheckBytesElements(room, count));
    }
  }
  return absl::OkStatus();
}

absl::Status LentRequest::CheckResults(const InferenceResponse& response) const {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const Shape& shape = response.outputs()[i].view.shape;
    if (!outputs_[i] || outputs_[i]->shape() == shape) continue;
    return InvalidArgument("output '{}' is {}; the tensor given for it is {}", response.outputs()[i].name,
                           shape.ToString(), outputs_[i]->shape().ToString());
  }
  return absl::OkStatus();
}

absl::StatusOr<LentRequest::Tensors> LentRequest::Take(const InferenceResponse& response) const {
  OAR_RETURN_IF_ERROR(CheckResults(response));
  Tensors tensors;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    if (outputs_[i]) {
      tensors.push_back(*outputs_[i]);
      continue;
    }
    OAR_ASSIGN_OR_RETURN(Tensor own, Tensor::Clone(response.outputs()[i].view));
    tensors.push_back(StridedTensor::Of(std::move(own)));
  }
  return tensors;
}

}  // namespace oarlock
