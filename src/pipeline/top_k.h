// The best classes of a classifier's scores. Thread rule: a pure function; any thread. Ownership: nothing is kept.
#ifndef OARLOCK_PIPELINE_TOP_K_H_
#define OARLOCK_PIPELINE_TOP_K_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensor/tensor.h"

namespace oarlock {

// `postprocess.top_k` of a manifest.
struct TopKDecode {
  int k = 5;                             // more than there are classes means all of them
  std::vector<std::string> labels = {};  // one per class, or none: then a label is the class number
  bool softmax = false;                  // turn logits into probabilities first
};

struct RankedClass {
  std::string label;
  float score = 0;
  int64_t class_index = 0;
};

// `scores` is [N,C] FP32. Per row the k best, best first; of equal scores the lowest class comes first, NaN comes last.
absl::StatusOr<std::vector<std::vector<RankedClass>>> TopK(const TensorView& scores, const TopKDecode& decode);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_TOP_K_H_
