#include "server/grpc/stream_call.h"

#include <new>

#include "base/status.h"
#include "server/grpc/byte_buffer.h"

namespace oarlock {

void StreamCall::Begin() {
  busy_.emplace(method().context);
  statuses_ = call().Metadata("triton_grpc_error") == "true";
  exchanges_max_ = static_cast<size_t>(call().service().limits().grpc_stream_requests_max);
  Go(0);
}

void StreamCall::OnReadDone(bool ok) {
  std::shared_ptr<Exchange> exchange;
  grpc::ByteBuffer message;
  {
    const std::lock_guard lock(mutex_);
    // Another thread may begin the next read as soon as this one is over.
    message.Swap(&request_);
    reading_ = false;
    read_all_ |= !ok;
    if (ok && !broken_) {
      exchange = exchanges_.emplace_back(std::make_shared<Exchange>());
      ++running_;
    }
  }
  Go(exchange != nullptr && !Ask(exchange, message) ? 1 : 0);
}

bool StreamCall::Ask(const std::shared_ptr<Exchange>& exchange, const grpc::ByteBuffer& message) {
  exchange->began = std::chrono::steady_clock::now();
  exchange->record = call().NewRecord(message.Length());
  auto question = AskInference(call(), message, &exchange->id);
  if (!question.ok()) {
    Answer(exchange.get(), question.status(), nullptr);
    return false;
  }
  exchange->wants_final_marker = question->wants_final_marker;
  if (exchange->record != nullptr) exchange->record->Answers(*question->predictor.model());
  {
    const std::lock_guard lock(mutex_);
    exchange->inference = question->inference;
    if (broken_) exchange->inference->Cancel();
  }
  question->Start([this, exchange](const absl::Status& status, const InferenceAnswer& answer) {
    Answer(exchange.get(), status, &answer);
    Go(1);
  });
  return true;
}

void StreamCall::Answer(Exchange* exchange, absl::Status status, const InferenceAnswer* answer) {
  grpc::ByteBuffer bytes;
  if (exchange->record != nullptr && answer != nullptr) exchange->record->Took(answer->response.times());
  if (status.ok()) {
    try {
      const std::string version = std::to_string(answer->model.version);
      bytes = ToByteBuffer(WriteStreamMessage({answer->model.name, version, exchange->id, exchange->wants_final_marker,
                                               answer->outputs}),
                           exchange->inference);
    } catch (const std::bad_alloc&) {
      status = ResourceExhausted("no memory left for the answer");
    }
    answer->response.Release();
  }
  if (!status.ok() && !statuses_) bytes = ToByteBuffer(WriteStreamError(MessageOf(status), exchange->id), nullptr);
  call().Answered(exchange->record, status, bytes.Valid() ? bytes.Length() : 0, exchange->began);
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    exchange->answer = bytes;
    exchange->is_answered = true;
    exchange->inference = nullptr;
    ends = !status.ok() && statuses_ && !broken_;
    if (ends) status_ = ToGrpc(status);
  }
  if (ends) CancelAll();
}

void StreamCall::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    exchanges_.pop_front();
  }
  if (!ok) CancelAll();
  Go(0);
}

void StreamCall::OnCancel() {
  CancelAll();
  Go(0);
}

void StreamCall::CancelAll() {
  std::vector<std::shared_ptr<Inference>> running;
  {
    const std::lock_guard lock(mutex_);
    broken_ = true;
    for (const auto& exchange : exchanges_) running.push_back(exchange->inference);
  }
  // One that waits is answered at once, and that takes the lock.
  for (const auto& inference : running) {
    if (inference != nullptr) inference->Cancel();
  }
}

void StreamCall::Go(size_t answered) {
  bool ends = false;
  {
    const std::lock_guard lock(mutex_);
    running_ -= answered;
    if (finished_) return;
    if (!broken_ && !read_all_ && !reading_ && exchanges_.size() < exchanges_max_) {
      reading_ = true;
      StartRead(&request_);
    }
    if (!broken_ && !writing_ && !exchanges_.empty() && exchanges_.front()->is_answered) {
      writing_ = true;
      StartWrite(exchanges_.front()->answer);
    }
    const bool idle = running_ == 0 && !writing_;
    // A read that is under way ends by itself once the call has.
    ends = idle && (broken_ || (read_all_ && exchanges_.empty()));
    finished_ = ends;
  }
  if (ends) Finish(status_);
}

}  // namespace oarlock
