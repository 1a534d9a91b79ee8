// The best classes of an output in place of its tensor, as the output parameter `classification` asks: a BYTES tensor
// of "value:index" or "value:index:label", best first. Pure; any thread.
//
//   OAR_ASSIGN_OR_RETURN(const Tensor best, Classify(scores, {.count = 3}, limits));
#ifndef OARLOCK_SERVER_PROTOCOL_CLASSIFICATION_H_
#define OARLOCK_SERVER_PROTOCOL_CLASSIFICATION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "tensor/tensor.h"

namespace oarlock {

struct Classification {
  int64_t count = 1;     // more than there are classes means all of them
  bool batched = false;  // dim 0 is the batch's even where it is the only one
  // Of scores that were picked from others before: which class each of them is, INT64, and what it is called, BYTES.
  // Both of the scores' shape, or without data: then a class is its place, and has no label.
  TensorView classes = {};
  TensorView labels = {};
};

// Integers, FP32 and FP64 have an order; INVALID_ARGUMENT for others.
absl::Status CheckClassifiable(DType dtype);

// [N,count] of scores [N,...], whose dims after the first are one list of classes; [count] where there is no batch's
// dim: one dim or none, unless `batched`. Of equal values the lowest class comes first; NaN comes last.
absl::StatusOr<Tensor> Classify(const TensorView& scores, const Classification& wish, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_CLASSIFICATION_H_
