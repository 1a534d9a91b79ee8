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
  TimePoint deadline = kNoDeadline;  // the transport's; that of the request counts too

  void Start(const RoutedPredictor& predictor, Done done);
  // The client is gone, or wants no answer any more. One that waits ends at once with CANCELLED.
  void Cancel();

 private:
  absl::Status Fill(InferenceRequest* to);
  absl::Status PlanOutputs(InferenceRequest* to);
  void Finish(absl::Status status, InferenceResponse* response);
  absl::Status TakeOutputs(const InferenceResponse& response);

  std::shared_ptr<const LoadedModel> model_;
  std::weak_ptr<Predictor> predictor_;
  std::atomic<uint64_t> id_{0};  // of the asynchronous request; 0 = none yet
  std::atomic<bool> cancelled_{false};
  std::vector<Tensor> rooms_;  // where outputs of fixed size are written; empty tensors elsewhere
  std::vector<Tensor> copies_;
  std::vector<ResponseOutput> outputs_;
  Done done_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_INFERENCE_H_
