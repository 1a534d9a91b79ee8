// Runs several requests as one batch on one execution: rows gathered once into the execution's memory, one run, rows
// copied out to each. Lives for the length of that; not thread-safe.
#ifndef OARLOCK_RUNTIME_BATCH_RUN_H_
#define OARLOCK_RUNTIME_BATCH_RUN_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "runtime/batcher.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"

namespace oarlock {

struct BatchMember {
  const InferenceRequest* request = nullptr;
  InferenceResponse response;  // empty before
  std::chrono::nanoseconds queued{0};
  absl::Status status;

  int64_t rows() const { return request->inputs[0].shape[0]; }
};

// What a request means to a batcher.
struct BatchPlace {
  int64_t rows = 1;
  BatchShape shape;
};
// INVALID_ARGUMENT if the inputs differ in dim 0. For a model with batching, and a request that fits it.
absl::StatusOr<BatchPlace> PlaceInBatch(const LoadedModel& model, const InferenceRequest& request);

class BatchRun {
 public:
  // The requests must have passed CheckRequest and share their BatchShape. The execution is held by the caller, with
  // permits.
  BatchRun(std::shared_ptr<const LoadedModel> model, const Batch& batch, std::span<BatchMember> members,
           Execution* execution)
      : model_(std::move(model)), batch_(batch), members_(members), execution_(*execution) {}

  // Every member has its status and, where that is OK, its response, which holds no execution. If the engine refuses
  // the batch, each member is run by itself, so that one bad request fails alone.
  void Run();

 private:
  // Of some members, as one run.
  absl::Status RunTogether(std::span<BatchMember> members, Batch batch);
  absl::Status Gather(std::span<BatchMember> members, int64_t padded_rows);
  absl::Status GatherInput(size_t index, std::span<BatchMember> members, int64_t padded_rows);
  absl::Status GatherPictures(size_t index, std::span<BatchMember> members, int64_t padded_rows);
  absl::Status Scatter(std::span<BatchMember> members, int64_t padded_rows);
  // One member's rows of an engine output.
  absl::Status Deliver(size_t engine_index, const TensorView& rows, BatchMember* member) const;

  const std::shared_ptr<const LoadedModel> model_;
  const Batch& batch_;
  const std::span<BatchMember> members_;
  Execution& execution_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_BATCH_RUN_H_
