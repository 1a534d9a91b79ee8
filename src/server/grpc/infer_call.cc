#include "server/grpc/infer_call.h"

#include <fmt/format.h>

#include "base/status.h"
#include "server/grpc/byte_buffer.h"

namespace oarlock {

InferCall::InferCall(const GrpcCall& call, const grpc::ByteBuffer& request, grpc::ByteBuffer* response)
    : call_(call), response_(response), record_(call.NewRecord(request.Length())) {
  ++call_.shared().busy_count;
  Ask(request);
}

void InferCall::Ask(const grpc::ByteBuffer& request) {
  std::string id;
  auto question = AskInference(call_, request, &id);
  if (!question.ok()) return End(question.status());
  if (record_ != nullptr) record_->Answers(*question->predictor.model());
  inference_ = question->inference;
  wants_final_marker_ = question->wants_final_marker;
  question->Start([this](const absl::Status& status, const InferenceAnswer& answer) { Answer(status, answer); });
}

void InferCall::Answer(const absl::Status& status, const InferenceAnswer& answer) {
  if (record_ != nullptr) record_->Took(answer.response.times());
  if (!status.ok()) return End(status);
  const std::string version = fmt::format("{}", answer.model.version);
  *response_ = ToByteBuffer(
      WriteInferMessage({answer.model.name, version, inference_->request.id, wants_final_marker_, answer.outputs}),
      inference_);
  call_.NameVersion(answer.model.version);
  answer.response.Release();
  End(absl::OkStatus());
}

void InferCall::End(const absl::Status& status) {
  call_.Answered(record_, status, status.ok() ? response_->Length() : 0);
  Finish(ToGrpc(status));
}

void InferCall::OnCancel() {
  if (inference_ != nullptr) inference_->Cancel();
}

void InferCall::OnDone() {
  --call_.shared().busy_count;
  delete this;
}

}  // namespace oarlock
