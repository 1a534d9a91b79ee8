#include "server/grpc/health.h"

#include "base/status.h"
#include "oarlock/health.pb.h"
#include "server/grpc/byte_buffer.h"

namespace oarlock {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

std::string MessageOf(int status) {
  HealthCheckResponse response;
  response.set_status(static_cast<HealthCheckResponse::ServingStatus>(status));
  return response.SerializeAsString();
}

}  // namespace

class HealthWatch final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  HealthWatch(Health* health, std::string service) : health_(health), service_(std::move(service)) {}

  // Of the three, one at a time: under the lock of Health.
  void Look() {
    const int status = health_->StatusOf(service_);
    if (writing_ || ended_ || status == told_) return;
    told_ = status;
    writing_ = true;
    message_ = ToByteBuffer(MessageOf(status));
    StartWrite(&message_);
  }
  void OnWritten() {
    writing_ = false;
    Look();
  }
  // True the first time.
  bool End() { return !std::exchange(ended_, true); }

 private:
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(health_->mutex_);
    if (ok) OnWritten();
  }
  void OnCancel() override {
    bool ends = false;
    {
      const std::lock_guard lock(health_->mutex_);
      ends = End();
    }
    if (ends) Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
  }
  void OnDone() override {
    {
      const std::lock_guard lock(health_->mutex_);
      health_->watches_.erase(this);
    }
    delete this;
  }

  Health* const health_;
  const std::string service_;
  int told_ = -1;
  bool writing_ = false;
  bool ended_ = false;
  grpc::ByteBuffer message_;
};

int Health::StatusOf(const std::string& service) const {
  if (!service.empty() && service != "inference.GRPCInferenceService") return HealthCheckResponse::SERVICE_UNKNOWN;
  return service_->is_ready() ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

absl::StatusOr<std::string> Health::Check(const std::string& question) const {
  HealthCheckRequest request;
  if (!request.ParseFromString(question)) return InvalidArgument("the request is no HealthCheckRequest");
  const int status = StatusOf(request.service());
  if (status == HealthCheckResponse::SERVICE_UNKNOWN) {
    return NotFound("no such service: '{}'", Printable(request.service()));
  }
  return MessageOf(status);
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* Health::Watch(const std::string& question) {
  HealthCheckRequest request;
  const bool understood = request.ParseFromString(question);
  auto* const watch = new HealthWatch(this, request.service());
  const std::lock_guard lock(mutex_);
  watches_.insert(watch);
  if (!understood || ended_) {
    (void)watch->End();
    watch->Finish(understood
                      ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping")
                      : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the request is no HealthCheckRequest"));
  } else {
    watch->Look();
  }
  return watch;
}

void Health::Notify() {
  const std::lock_guard lock(mutex_);
  for (HealthWatch* const watch : watches_) watch->Look();
}

void Health::EndWatches() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (HealthWatch* const watch : watches_) {
    if (watch->End()) watch->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is stopping"));
  }
}

}  // namespace oarlock
