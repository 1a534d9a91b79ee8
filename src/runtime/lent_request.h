// A request made of tensors that callers lend, by the index of a model's input or output. What is not contiguous, or
// may change while it is read, is copied into room of its own, and the copy is counted. One thread at a time.
//
//   LentRequest lent(model);
//   OAR_RETURN_IF_ERROR(lent.BindInput(0, x));
//   OAR_RETURN_IF_ERROR(lent.Prepare());
//   predictor->Infer(lent.request(), &response);
#ifndef OARLOCK_RUNTIME_LENT_REQUEST_H_
#define OARLOCK_RUNTIME_LENT_REQUEST_H_

#include <memory>
#include <optional>
#include <span>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"
#include "tensor/strided_tensor.h"

namespace oarlock {

class LentRequest {
 public:
  using Tensors = absl::InlinedVector<StridedTensor, 4>;

  // Every output is asked for, and none has room yet.
  explicit LentRequest(std::shared_ptr<const LoadedModel> model);
  LentRequest(const LentRequest&) = delete;
  LentRequest& operator=(const LentRequest&) = delete;

  // Keeps the tensor until something else is bound. INVALID_ARGUMENT if it does not fit the input, OUT_OF_RANGE if
  // there is none of that index.
  absl::Status BindInput(size_t index, StridedTensor tensor);
  // Room that an output is written to; none = it lies where the engine puts it. FAILED_PRECONDITION for read-only
  // memory.
  absl::Status BindOutput(size_t index, std::optional<StridedTensor> room);
  // All of them at once, in the order of the model's inputs and outputs; null = no room, and no outputs at all is none
  // for any. INVALID_ARGUMENT if there are too few or too many, else as above.
  absl::Status Bind(std::span<const StridedTensor* const> inputs, std::span<const StridedTensor* const> outputs);
  // Gives a new tensor to each output that has no room and whose size is known.
  absl::Status MakeRoom();
  // Lets go of everything.
  void Unbind();
  // Before each run: copies what must be. FAILED_PRECONDITION names an input that is not bound.
  absl::Status Prepare();
  // After a run: INVALID_ARGUMENT if a tensor that is bound to an output has other dims than the result.
  absl::Status CheckResults(const InferenceResponse& response) const;
  // One tensor per output of the model, of which the results have been checked: those that are bound, and new ones.
  absl::StatusOr<Tensors> Take(const InferenceResponse& response) const;

  const LoadedModel& model() const { return *model_; }
  // Null where none is bound.
  const StridedTensor* input(size_t index) const { return inputs_[index].bound ? &inputs_[index].tensor : nullptr; }
  const StridedTensor* output(size_t index) const { return outputs_[index] ? &*outputs_[index] : nullptr; }
  InferenceRequest& request() { return request_; }
  const InferenceRequest& request() const { return request_; }

 private:
  struct Input {
    StridedTensor tensor;
    std::shared_ptr<Buffer> copy;  // where it must be copied
    bool bound = false;
  };

  const std::shared_ptr<const LoadedModel> model_;
  absl::InlinedVector<Input, 4> inputs_;
  absl::InlinedVector<std::optional<StridedTensor>, 4> outputs_;
  size_t unbound_count_;
  bool copies_ = false;
  InferenceRequest request_;
};

// What makes a tensor no input or output of a model, whatever is copied. `index` must be that of one.
absl::Status CheckInputFits(const Port& port, const StridedTensor& tensor);
absl::Status CheckOutputFits(const Port& port, const StridedTensor& room);
// Why an input must be copied before the engine sees it; kNone if it need not.
CopyReason CopyBeforehand(const Port& port, const StridedTensor& tensor);
// OUT_OF_RANGE if a model has no input or output of that index.
absl::Status CheckInputIndex(const LoadedModel& model, size_t index);
absl::Status CheckOutputIndex(const LoadedModel& model, size_t index);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_LENT_REQUEST_H_
