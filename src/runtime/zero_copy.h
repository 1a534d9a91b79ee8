// Would a tensor be used where it lies, as an input or output of a model? If not, which condition fails. The engine is
// asked where only it knows: one of the model's executions is bound, and nothing is run. Thread-safe.
#ifndef OARLOCK_RUNTIME_ZERO_COPY_H_
#define OARLOCK_RUNTIME_ZERO_COPY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "runtime/loaded_model.h"
#include "tensor/strided_tensor.h"

namespace oarlock {

// In the order they are looked at. The numbers are those of the C API.
enum class Condition { kMet, kDType, kLayout, kAlignment, kSize, kDynamicShape, kDevice, kRace };
// What a copy that was counted for that reason failed by.
Condition ConditionOf(CopyReason reason);

struct ZeroCopyVerdict {
  Condition condition = Condition::kMet;
  CopyReason reason = CopyReason::kNone;  // what the copy will be counted as
  bool refused = false;                   // no copy helps: a run would fail
  int64_t wanted = 0;                     // what would be right, where it is a number: dtype, alignment, bytes
  int64_t found = 0;
  std::string text;  // the same in words; empty if the condition is met
};

// OUT_OF_RANGE for an index that there is not, UNAVAILABLE if no execution becomes free.
absl::StatusOr<ZeroCopyVerdict> CheckInputZeroCopy(const std::shared_ptr<LoadedModel>& model, size_t index,
                                                   const StridedTensor& tensor);
absl::StatusOr<ZeroCopyVerdict> CheckOutputZeroCopy(const std::shared_ptr<LoadedModel>& model, size_t index,
                                                    const StridedTensor& room);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_ZERO_COPY_H_
