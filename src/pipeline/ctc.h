// Text from the output of a CTC model (text recognition, speech): the best class of each step, repeats merged, blanks
// left out. Thread rule: a pure function; any thread. Ownership: nothing is kept.
#ifndef OARLOCK_PIPELINE_CTC_H_
#define OARLOCK_PIPELINE_CTC_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensor/tensor.h"

namespace oarlock {

// `postprocess.ctc` of a manifest. Classes are the characters in order, with the blank inserted at its number.
struct CtcDecode {
  std::vector<std::string> characters = {};  // see SplitCharset
  int blank = 0;
};

struct CtcText {
  std::string text;
  // Mean of the probabilities of the characters that were emitted, each at the first step of its run. Without any, the
  // mean probability of the blank: how sure the model is that there is no text.
  float confidence = 0;
};

// `probabilities` is [N,T,C] FP32; one result per row of N. C must be one more than there are characters. Of equal
// probabilities the lowest class wins; NaN never does, and a step of nothing but NaN is a blank of probability 0.
absl::StatusOr<std::vector<CtcText>> CtcGreedy(const TensorView& probabilities, const CtcDecode& decode);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_CTC_H_
