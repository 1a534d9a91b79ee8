// A model of its own, loaded, with inputs for it: what each program of this folder begins with.
#ifndef OARLOCK_BENCH_RUNTIME_LONE_MODEL_H_
#define OARLOCK_BENCH_RUNTIME_LONE_MODEL_H_

#include <memory>
#include <string>
#include <vector>

#include "runtime/predictor.h"

namespace oarlock {

// The request shows names and memory of the others.
struct LoneModel {
  std::shared_ptr<Predictor> predictor;
  std::vector<Tensor> inputs;
  InferenceRequest request;
};

// READY, with seeded random inputs; dynamic dims are 1.
LoneModel LoadLoneModel(const std::string& path, PredictorOptions options, Runtime* runtime);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_RUNTIME_LONE_MODEL_H_
