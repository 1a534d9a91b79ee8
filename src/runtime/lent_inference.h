// One inference over tensors that callers lend, with new tensors for outputs that they lend none for. Kept until the
// answer is taken, so that nothing it needs goes away meanwhile. One thread at a time.
#ifndef OARLOCK_RUNTIME_LENT_INFERENCE_H_
#define OARLOCK_RUNTIME_LENT_INFERENCE_H_

#include <memory>
#include <span>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "runtime/lent_request.h"

namespace oarlock {

class LentInference {
 public:
  using Tensors = absl::InlinedVector<StridedTensor, 4>;

  // In the order of the model's inputs and outputs. A null output is for a new tensor; no outputs at all, too.
  static absl::StatusOr<std::shared_ptr<LentInference>> Create(std::shared_ptr<const LoadedModel> model,
                                                               std::span<const StridedTensor* const> inputs,
                                                               std::span<const StridedTensor* const> outputs);
  explicit LentInference(std::shared_ptr<const LoadedModel> model) : lent_(std::move(model)) {}

  InferenceRequest& request() { return lent_.request(); }
  // One tensor per output of the model: those that were lent, and new ones. INVALID_ARGUMENT if one that was lent has
  // other dims than the result.
  absl::StatusOr<Tensors> Take(const InferenceResponse& response) const;

 private:
  absl::Status Bind(std::span<const StridedTensor* const> inputs, std::span<const StridedTensor* const> outputs);

  LentRequest lent_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_LENT_INFERENCE_H_
