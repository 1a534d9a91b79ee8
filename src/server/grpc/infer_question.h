// A message of ModelInfer or ModelStreamInfer, read and given to the version that answers it.
//   auto asked = AskInference(call, buffer);
//   if (asked.ok()) asked->Start([...](absl::Status status, const InferenceAnswer& answer) { ... });
// Thread rule: one thread. Ownership: keeps the message until the inference has been answered.
#ifndef OARLOCK_SERVER_GRPC_INFER_QUESTION_H_
#define OARLOCK_SERVER_GRPC_INFER_QUESTION_H_

#include <grpcpp/support/byte_buffer.h>

#include <memory>

#include "server/grpc/call.h"
#include "server/protocol/inference.h"

namespace oarlock {

struct InferQuestion {
  std::shared_ptr<Inference> inference;
  RoutedPredictor predictor;
  bool wants_final_marker = false;

  void Start(Inference::Done done) const { inference->Start(predictor, std::move(done)); }
};

// `id` becomes the request's as soon as it is known, for errors to name it.
absl::StatusOr<InferQuestion> AskInference(const GrpcCall& call, const grpc::ByteBuffer& message, std::string* id);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_INFER_QUESTION_H_
