#include "server/grpc/health.h"

#include "base/status.h"
#include "oarlock/health.pb.h"
#include "server/grpc/byte_buffer.h"
#include "server/grpc/message_stream.h"

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

class HealthWatch final : public MessageStream {
 public:
  HealthWatch(const GrpcMethod& method, Health* health) : MessageStream(method), health_(health) {}
  ~HealthWatch() override {
    const std::lock_guard lock(health_->mutex_);
    health_->watches_.erase(this);
  }

  // Both under the lock of Health. The status, if it is not the one that was told last.
  void Look() {
    if (writing_ || ended_) return;
    const int status = health_->StatusOf(service_);
    if (status == told_) return;
    told_ = status;
    writing_ = true;
    StartWrite(ToByteBuffer(MessageOf(status)));
  }
  // With the first that is given. A write under way is waited for.
  void End(const grpc::Status& status) {
    if (ended_) return;
    ended_ = true;
    status_ = status;
    if (!writing_) Finish(status_);
  }

 private:
  void Begin() override { StartRead(&question_); }
  void OnReadDone(bool ok) override {
    HealthCheckRequest request;
    const bool understood = ok && request.ParseFromString(ReceivedMessage(question_).Joined());
    const std::lock_guard lock(health_->mutex_);
    if (!understood) return End({grpc::StatusCode::INVALID_ARGUMENT, "the request is no HealthCheckRequest"});
    if (health_->ended_) return End(Health::Stopping());
    service_ = request.service();
    health_->watches_.insert(this);
    Look();
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(health_->mutex_);
    writing_ = false;
    if (ended_) return Finish(status_);
    if (ok) Look();
  }
  void OnCancel() override {
    const std::lock_guard lock(health_->mutex_);
    End({grpc::StatusCode::CANCELLED, "the client has gone"});
  }

  Health* const health_;
  std::string service_;
  grpc::ByteBuffer question_;
  // Guarded by the lock of Health.
  int told_ = -1;
  bool writing_ = false;
  bool ended_ = false;
  grpc::Status status_;
};

grpc::Status Health::Stopping() { return {grpc::StatusCode::UNAVAILABLE, "the server is stopping"}; }

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

ServerCall* Health::NewWatch(const GrpcMethod& method) { return new HealthWatch(method, this); }

void Health::Notify() {
  const std::lock_guard lock(mutex_);
  for (HealthWatch* const watch : watches_) watch->Look();
}

void Health::EndWatches() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  for (HealthWatch* const watch : watches_) watch->End(Stopping());
}

}  // namespace oarlock
