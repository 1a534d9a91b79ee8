#include "server/grpc/infer_question.h"

#include <new>

#include "base/status.h"
#include "server/grpc/byte_buffer.h"
#include "server/grpc/infer_message_reader.h"
#include "server/grpc/message_version.h"

namespace oarlock {
namespace {

absl::StatusOr<InferQuestion> Ask(const GrpcCall& call, const grpc::ByteBuffer& message, std::string* id) {
  auto inference = std::make_shared<Inference>();
  const auto received = std::make_shared<const ReceivedMessage>(message);
  inference->body = received;
  inference->shared_memory = &call.service().shared_memory();
  OAR_ASSIGN_OR_RETURN(InferMessage read, ReadInferMessage(received->pieces(), call.service().limits()));
  *id = read.request.id;
  OAR_ASSIGN_OR_RETURN(const auto version, ParseMessageVersion(read.model_version));
  OAR_ASSIGN_OR_RETURN(
      RoutedPredictor predictor,
      call.service().Pick({read.model_name, version, call.Metadata("x-model-version"), call.Metadata("x-sticky-key")}));
  inference->request = std::move(read.request);
  inference->deadline = call.deadline();
  return InferQuestion{std::move(inference), std::move(predictor), read.wants_final_marker};
}

}  // namespace

absl::StatusOr<InferQuestion> AskInference(const GrpcCall& call, const grpc::ByteBuffer& message, std::string* id) {
  try {
    return Ask(call, message, id);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory left for the request");
  }
}

}  // namespace oarlock
