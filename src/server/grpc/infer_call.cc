#include "server/grpc/infer_call.h"

#include <new>

#include "base/status.h"
#include "server/grpc/byte_buffer.h"

namespace oarlock {

void InferCall::Begin() {
  busy_.emplace(method().context);
  record_ = call().NewRecord(request().Length());
  std::string id;
  auto question = AskInference(call(), request(), &id);
  if (!question.ok()) return End(question.status(), {});
  if (record_ != nullptr) record_->Answers(*question->predictor.model());
  inference_ = question->inference;
  wants_final_marker_ = question->wants_final_marker;
  question->Start([this](const absl::Status& status, const InferenceAnswer& answer) { Answer(status, answer); });
}

void InferCall::Answer(const absl::Status& status, const InferenceAnswer& answer) {
  if (record_ != nullptr) record_->Took(answer.response.times());
  if (!status.ok()) return End(status, {});
  grpc::ByteBuffer response;
  absl::Status written;
  try {
    const std::string version = std::to_string(answer.model.version);
    response = ToByteBuffer(
        WriteInferMessage({answer.model.name, version, inference_->request.id, wants_final_marker_, answer.outputs}),
        inference_);
    call().NameVersion(answer.model.version);
  } catch (const std::bad_alloc&) {
    written = ResourceExhausted("no memory left for the answer");
  }
  answer.response.Release();
  End(written, response);
}

void InferCall::End(const absl::Status& status, const grpc::ByteBuffer& response) {
  call().Answered(record_, status, status.ok() ? response.Length() : 0);
  Finish(status, response);
}

void InferCall::OnCancel() {
  if (inference_ != nullptr) inference_->Cancel();
}

}  // namespace oarlock
