// Seeded random tensors for `oarlock run --random` and for benchmarks: the same seed gives the same bytes on every
// machine.
#ifndef OARLOCK_BENCH_RANDOM_TENSOR_H_
#define OARLOCK_BENCH_RANDOM_TENSOR_H_

#include <string>

#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "tensor/tensor.h"

namespace oarlock {

// Floats in [0, 1), integers in [0, 10), booleans; dynamic dims become 1. Not for BYTES.
absl::StatusOr<Tensor> RandomTensor(const Port& port, uint64_t seed);

// One input of a request.
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_RANDOM_TENSOR_H_
