// One inference that came over a network, from its parsed request to its answer, whatever the protocol.
//
//   auto inference = std::make_shared<Inference>();
//   inference->body = ...;                       // what the request's views point into
//   inference->request = ...;
//   inference->Start(*picked, [inference](absl::Status status, const InferenceAnswer& answer) { ... });
//
// Thread rule: one thread until Start(); then Cancel() from any. Ownership: keeps the body and the outputs that go out
// as binary for as long as it lives, so that an answer can be written from where they lie.
#ifndef OARLOCK_SERVER_PROTOCOL_INFERENCE_H_
#define OARLOCK_SERVER_PROTOCOL_INFERENCE_H_

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "runtime/served_model.h"
#include "server/protocol/infer_request.h"
#include "server/protocol/shared_memory.h"

namespace oarlock {

struct InferenceAnswer {
  const LoadedModel& model;
  std::span<const ResponseOutput> outputs;  // in the order that was asked for; empty after an error
  // Holds what outputs that are not binary show, and with it an execution: Release() it once they are written.
  InferenceResponse& response;
};

class Inference : public std::enable_shared_from_this<Inference> {
 public:
  // Called exactly once, on the thread of Start() or one of the predictor's.
  using Done = absl::AnyInvocable<void(absl::Status, const InferenceAnswer&) &&>;

  std::shared_ptr<const void> body;
  ParsedInferRequest request;
  const SharedMemory* shared_memory = nullptr;  // of the clients; null: there is none
  TimePoint deadline = kNoDeadline;             // the transport's; that of the request counts too

  void Start(const RoutedPredictor& predictor, Done done);
  // The client is gone, or wants no answer any more. One that waits ends at once with CANCELLED.
  void Cancel();

 private:
  absl::Status Fill(InferenceRequest* to);
  absl::Status PlanOutputs(InferenceRequest* to);
  absl::Status PlanOutput(const ParsedOutput& output);
  // What a classification needs besides the output that it is of.
  void AskForClasses(const ParsedOutput& output, InferenceRequest* to) const;
  void Finish(absl::Status status, InferenceResponse* response);
  absl::Status TakeOutputs(const InferenceResponse& response);
  absl::Status TakeOutput(size_t index, const InferenceResponse& response);
  absl::StatusOr<Tensor> ClassesOf(const ParsedOutput& output, const InferenceResponse& response) const;
  absl::Status WriteSharedOutputs();

  std::shared_ptr<const LoadedModel> model_;
  std::weak_ptr<Predictor> predictor_;
  std::atomic<uint64_t> id_{0};  // of the asynchronous request; 0 = none yet
  std::atomic<bool> cancelled_{false};
  std::vector<Tensor> rooms_;  // where outputs of fixed size are written; empty tensors elsewhere
  std::vector<Tensor> copies_;
  std::vector<ResponseOutput> outputs_;
  // By output: where in shared memory it is written; null elsewhere.
  std::vector<std::shared_ptr<const SharedMemoryRegion>> regions_;
  Done done_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_INFERENCE_H_
