// Results of a model turned into answers, as the manifest's `postprocess` says: CTC text or the k best classes.
// Pure; any thread.
#ifndef OARLOCK_RUNTIME_ANSWER_H_
#define OARLOCK_RUNTIME_ANSWER_H_

#include <vector>

#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "model/manifest.h"

namespace oarlock {

// Places of top_k's tensors.
inline constexpr size_t kTopKLabel = 0;
inline constexpr size_t kTopKScore = 1;
inline constexpr size_t kTopKClass = 2;

// The outputs a decoder makes in place of the one it decodes.
//   ctc     text BYTES [N], confidence FP32 [N]
//   top_k   label BYTES [N,k], score FP32 [N,k], class INT64 [N,k]
std::vector<Port> AnswerPorts(const Postprocess& postprocess);

// One tensor per port of AnswerPorts, in that order.
absl::StatusOr<std::vector<Tensor>> DecodeAnswer(const Postprocess& postprocess, const TensorView& output);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_ANSWER_H_
