// A model in this process: synchronous calls with inputs and room for outputs prepared beforehand, one caller a thread.
#ifndef OARLOCK_BENCH_MODEL_TARGET_H_
#define OARLOCK_BENCH_MODEL_TARGET_H_

#include <vector>

#include "bench/target.h"
#include "runtime/predictor.h"

namespace oarlock {

class ModelTarget : public Target {
 public:
  // `predictor` is READY. `inputs` in the order of the model's; they are lent to every call.
  static absl::StatusOr<std::unique_ptr<ModelTarget>> Create(std::shared_ptr<Predictor> predictor,
                                                             std::vector<Tensor> inputs);
  std::string name() const override;
  absl::StatusOr<BlockResult> Run(const Load& load) override;
  absl::StatusOr<Anatomy> LookInside() override;

 private:
  ModelTarget(std::shared_ptr<Predictor> predictor, std::vector<Tensor> inputs)
      : predictor_(std::move(predictor)), inputs_(std::move(inputs)) {}
  struct Caller;
  absl::StatusOr<std::unique_ptr<Caller>> NewCaller() const;

  std::shared_ptr<Predictor> predictor_;
  std::vector<Tensor> inputs_;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_MODEL_TARGET_H_
