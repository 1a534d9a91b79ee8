// The three ways to ask a predictor: on the calling thread, in the background, several at once.
#include <condition_variable>

#include "base/status.h"
#include "capi/deadline.h"
#include "capi/generated/bodies.h"
#include "capi/objects.h"
#include "runtime/lent_request.h"

namespace oarlock::capi {
namespace {

using Lent = absl::InlinedVector<const StridedTensor*, 8>;  // null = a new tensor is wanted
using Inference = std::shared_ptr<LentRequest>;

Lent LentOf(const PinnedList<TensorObject>& tensors) {
  Lent lent;
  for (const Pinned<TensorObject>& tensor : tensors) lent.push_back(tensor ? &tensor->tensor : nullptr);
  return lent;
}

absl::StatusOr<Priority> PriorityOf(int32_t priority) {
  if (priority < -1 || priority > 1) return InvalidArgument("options.priority is {}; it must be -1, 0 or 1", priority);
  return static_cast<Priority>(priority + 1);
}

absl::Status ApplyOptions(const oar_infer_options& options, InferenceRequest* request) {
  OAR_ASSIGN_OR_RETURN(request->deadline, DeadlineOf(options.deadline_ns));
  OAR_ASSIGN_OR_RETURN(request->priority, PriorityOf(options.priority));
  request->batched = options.batched != 0;
  return absl::OkStatus();
}

absl::StatusOr<Inference> MakeInference(std::shared_ptr<const LoadedModel> model, const oar_infer_options& options,
                                        const PinnedList<TensorObject>& inputs,
                                        const PinnedList<TensorObject>& outputs) {
  const Lent lent_inputs = LentOf(inputs);
  const Lent lent_outputs = LentOf(outputs);
  auto inference = std::make_shared<LentRequest>(std::move(model));
  OAR_RETURN_IF_ERROR(
      inference->Bind({lent_inputs.data(), lent_inputs.size()}, {lent_outputs.data(), lent_outputs.size()}));
  OAR_RETURN_IF_ERROR(inference->MakeRoom());
  OAR_RETURN_IF_ERROR(inference->Prepare());
  OAR_RETURN_IF_ERROR(ApplyOptions(options, &inference->request()));
  return inference;
}

// Handles for the tensors of an answer, reserved and filled but not given out yet.
using NewTensors = absl::InlinedVector<NewHandle<TensorObject>, 4>;

absl::Status Add(const StridedTensor& tensor, NewTensors* made) {
  NewHandle<TensorObject>& handle = made->emplace_back();
  OAR_RETURN_IF_ERROR(handle.Reserve());
  *handle.object() = std::make_shared<TensorObject>();
  (*handle.object())->tensor = tensor;
  return absl::OkStatus();
}

// What an answer puts in place of zero handles.
absl::Status Replace(const LentRequest::Tensors& tensors, std::span<oar_tensor> outputs) {
  NewTensors made;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].value == 0) OAR_RETURN_IF_ERROR(Add(tensors[i], &made));
  }
  auto next = made.begin();
  for (oar_tensor& output : outputs) {
    if (output.value == 0) (next++)->Publish(&output);
  }
  return absl::OkStatus();
}

// Without memory for an answer there still is one.
template <typename Make>
absl::Status Guarded(Make make) noexcept {
  try {
    return make();
  } catch (const std::exception&) {
    return absl::Status(absl::StatusCode::kResourceExhausted, "");
  }
}

void CallBack(const LentRequest& inference, const absl::Status& ended, InferenceResponse response,
              oar_infer_fn callback, void* user) {
  absl::InlinedVector<oar_tensor, 8> outputs;
  absl::Status status = ended;
  if (status.ok()) {
    status = Guarded([&]() -> absl::Status {
      OAR_ASSIGN_OR_RETURN(const LentRequest::Tensors tensors, inference.Take(response));
      NewTensors made;
      for (const StridedTensor& tensor : tensors) OAR_RETURN_IF_ERROR(Add(tensor, &made));
      outputs.resize(made.size());
      for (size_t i = 0; i < made.size(); ++i) made[i].Publish(&outputs[i]);
      return absl::OkStatus();
    });
  }
  response.Release();  // the execution is for others while the callback runs
  oar_error* const error = NewError(status);
  callback(user, CodeOf(status), error, outputs.empty() ? nullptr : outputs.data(), outputs.size());
  FreeError(error);
}

// Several requests that are waited for together.
class Latch {
 public:
  explicit Latch(size_t count) : left_(count) {}
  void CountDown() {
    const std::lock_guard lock(mutex_);
    if (--left_ == 0) changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t left_;
};

struct BatchMember {
  Inference inference;
  absl::Status status;
  LentRequest::Tensors tensors;
};

}  // namespace

absl::Status PredictorInfer(const Pinned<PredictorObject>& predictor, const oar_infer_options& options,
                            const PinnedList<TensorObject>& inputs, std::span<oar_tensor> outputs) {
  OAR_ASSIGN_OR_RETURN(auto model, predictor->predictor->Ready());
  if (outputs.size() != model->outputs.size()) {
    return InvalidArgument("{} outputs; model '{}' has {}", outputs.size(), model->name, model->outputs.size());
  }
  PinnedList<TensorObject> pinned_outputs;
  OAR_RETURN_IF_ERROR(pinned_outputs.PinOptional(outputs.data(), outputs.size(), "outputs"));
  OAR_ASSIGN_OR_RETURN(const Inference inference, MakeInference(std::move(model), options, inputs, pinned_outputs));
  InferenceResponse response;
  OAR_RETURN_IF_ERROR(predictor->predictor->Infer(inference->request(), &response));
  OAR_ASSIGN_OR_RETURN(const LentRequest::Tensors tensors, inference->Take(response));
  return Replace(tensors, outputs);
}

absl::Status PredictorInferAsync(const Pinned<PredictorObject>& predictor, const oar_infer_options& options,
                                 const PinnedList<TensorObject>& inputs, const PinnedList<TensorObject>& outputs,
                                 oar_infer_fn callback, void* user, uint64_t* request_id) {
  OAR_ASSIGN_OR_RETURN(auto model, predictor->predictor->Ready());
  OAR_ASSIGN_OR_RETURN(const Inference inference, MakeInference(std::move(model), options, inputs, outputs));
  InferenceRequest request = inference->request();
  OAR_ASSIGN_OR_RETURN(*request_id, predictor->predictor->InferAsync(
                                        std::move(request),
                                        [inference, callback, user](absl::Status status, InferenceResponse response) {
                                          CallBack(*inference, status, std::move(response), callback, user);
                                        }));
  return absl::OkStatus();
}

absl::Status PredictorInferBatch(const Pinned<PredictorObject>& predictor, const oar_infer_options& options,
                                 std::span<oar_request> requests) {
  OAR_ASSIGN_OR_RETURN(const auto model, predictor->predictor->Ready());
  std::vector<BatchMember> members(requests.size());
  for (size_t i = 0; i < requests.size(); ++i) {
    const oar_request& request = requests[i];
    OAR_RETURN_IF_ERROR(NeedArray(request.inputs, request.input_count, "inputs"));
    OAR_RETURN_IF_ERROR(NeedArray(request.outputs, request.output_count, "outputs"));
    if (request.output_count != model->outputs.size()) {
      return InvalidArgument("request {} has {} outputs; model '{}' has {}", i, request.output_count, model->name,
                             model->outputs.size());
    }
    PinnedList<TensorObject> inputs;
    PinnedList<TensorObject> outputs;
    OAR_RETURN_IF_ERROR(inputs.Pin(request.inputs, request.input_count, "inputs"));
    OAR_RETURN_IF_ERROR(outputs.PinOptional(request.outputs, request.output_count, "outputs"));
    auto inference = MakeInference(model, options, inputs, outputs);
    members[i].status = inference.status();
    if (inference.ok()) members[i].inference = *std::move(inference);
  }
  Latch latch(requests.size());
  for (BatchMember& member : members) {
    if (!member.status.ok()) {
      latch.CountDown();
      continue;
    }
    // The answer is taken at once: it may hold an execution that another member waits for.
    const auto take = [&member, &latch](const absl::Status& status, const InferenceResponse& response) {
      member.status = Guarded([&]() -> absl::Status {
        OAR_RETURN_IF_ERROR(status);
        OAR_ASSIGN_OR_RETURN(member.tensors, member.inference->Take(response));
        return absl::OkStatus();
      });
      latch.CountDown();
    };
    // Should memory run out here, those that were asked already must still find their member and the latch.
    absl::Status asked =
        Guarded([&] { return predictor->predictor->InferAsync(member.inference->request(), take).status(); });
    if (asked.ok()) continue;
    member.status = std::move(asked);
    latch.CountDown();
  }
  latch.Wait();
  for (size_t i = 0; i < requests.size(); ++i) {
    BatchMember& member = members[i];
    if (member.status.ok()) {
      member.status = Guarded([&] { return Replace(member.tensors, {requests[i].outputs, requests[i].output_count}); });
    }
    requests[i].code = CodeOf(member.status);
  }
  return absl::OkStatus();
}

absl::Status RunnerInfer(const Pinned<RunnerObject>& runner, const oar_infer_options& options,
                         const PinnedList<TensorObject>& inputs, const PinnedList<TensorObject>& outputs) {
  if (options.batched != 0) {
    return InvalidArgument("options.batched is {}; a runner's request runs by itself: 0", options.batched);
  }
  OAR_ASSIGN_OR_RETURN(const TimePoint deadline, DeadlineOf(options.deadline_ns));
  OAR_ASSIGN_OR_RETURN(const Priority priority, PriorityOf(options.priority));
  const Lent lent_inputs = LentOf(inputs);
  const Lent lent_outputs = LentOf(outputs);
  return runner->runner->Infer({lent_inputs.data(), lent_inputs.size()}, {lent_outputs.data(), lent_outputs.size()},
                               deadline, priority);
}

absl::Status PredictorCancel(const Pinned<PredictorObject>& predictor, uint64_t request_id) {
  if (predictor->predictor->Cancel(request_id)) return absl::OkStatus();
  return NotFound("request {} is over, or there was none", request_id);
}

}  // namespace oarlock::capi
