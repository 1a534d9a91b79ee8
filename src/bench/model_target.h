// A model in this process: synchronous calls with inputs and room for outputs prepared beforehand, one caller a thread.
//   ModelTarget::Create(predictor, inputs)                     straight to an execution
//   ModelTarget::Create(predictor, inputs, {.queued = true})   as a server's requests go: through queue and batcher
#ifndef OARLOCK_BENCH_MODEL_TARGET_H_
#define OARLOCK_BENCH_MODEL_TARGET_H_

#include <mutex>
#include <string>
#include <vector>

#include "bench/target.h"
#include "runtime/predictor.h"

namespace oarlock {

struct ModelTargetOptions {
  bool queued = false;         // the batches are then counted
  std::mutex* lock = nullptr;  // held during each call, as where one model is shared by hand
  std::string name = {};       // empty = of the model and its engine
};

class ModelTarget : public Target {
 public:
  // `predictor` is READY. `inputs` in the order of the model's; they are lent to every call.
  static absl::StatusOr<std::unique_ptr<ModelTarget>> Create(std::shared_ptr<Predictor> predictor,
                                                             std::vector<Tensor> inputs,
                                                             ModelTargetOptions options = {});
  std::string name() const override;
  absl::StatusOr<BlockResult> Run(const Load& load) override;
  absl::StatusOr<Anatomy> LookInside() override;

 private:
  ModelTarget(std::shared_ptr<Predictor> predictor, std::vector<Tensor> inputs, ModelTargetOptions options)
      : predictor_(std::move(predictor)), inputs_(std::move(inputs)), options_(std::move(options)) {}
  struct Caller;
  absl::StatusOr<std::unique_ptr<Caller>> NewCaller() const;

  std::shared_ptr<Predictor> predictor_;
  std::vector<Tensor> inputs_;
  const ModelTargetOptions options_;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_MODEL_TARGET_H_
