#include "server/grpc/call.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <string>

#include "base/status.h"
#include "server/protocol/trace_context.h"

namespace oarlock {

GrpcCall::GrpcCall(GrpcContext* shared, grpc::ServerContext* context, std::string_view method)
    : shared_(shared), context_(context), method_(method), began_(std::chrono::steady_clock::now()) {
  const std::optional<std::string> traceparent = Joined("traceparent");
  if (!traceparent && shared_->log == nullptr) return;
  TraceContext span = SpanOf(traceparent.value_or(""));
  context_->AddInitialMetadata("traceparent", span.Text());
  trace_id_ = std::move(span.trace_id);
}

std::optional<std::string_view> GrpcCall::Metadata(std::string_view name) const {
  const auto& all = context_->client_metadata();
  const auto found = all.find(grpc::string_ref(name.data(), name.size()));
  if (found == all.end()) return std::nullopt;
  return std::string_view(found->second.data(), found->second.size());
}

std::optional<std::string> GrpcCall::Joined(std::string_view name) const {
  std::optional<std::string> joined;
  const auto [begin, end] = context_->client_metadata().equal_range(grpc::string_ref(name.data(), name.size()));
  for (auto each = begin; each != end; ++each) {
    // Some clients leave the blank that stands behind the colon of a header.
    std::string_view value(each->second.data(), each->second.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    joined = joined ? fmt::format("{}, {}", *joined, value) : std::string(value);
  }
  return joined;
}

absl::Status GrpcCall::Admit(AccessGroup group) const {
  if (shared_->access->is_open()) return absl::OkStatus();
  return shared_->access->Admit(group, {Joined("authorization"), Joined("x-api-key")});
}

TimePoint GrpcCall::deadline() const {
  const gpr_timespec deadline = context_->raw_deadline();
  if (gpr_time_cmp(deadline, gpr_inf_future(deadline.clock_type)) == 0) return kNoDeadline;
  const gpr_timespec left = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
  return std::chrono::steady_clock::now() + std::chrono::seconds(left.tv_sec) + std::chrono::nanoseconds(left.tv_nsec);
}

std::shared_ptr<CallRecord> GrpcCall::NewRecord(size_t size_bytes) const {
  if (shared_->log == nullptr) return nullptr;
  auto record = std::make_shared<CallRecord>();
  record->time = std::chrono::system_clock::now();
  record->trace_id = trace_id_;
  record->request_id = Printable(Metadata("x-request-id").value_or(""));
  record->protocol = "grpc";
  record->route = method_.substr(method_.rfind('/') + 1);
  record->method = record->route;
  record->client = shared_->peers->PeerOf(context_->peer());
  record->bytes_in = static_cast<int64_t>(size_bytes);
  return record;
}

void GrpcCall::Answered(const std::shared_ptr<CallRecord>& record, const absl::Status& status, size_t answer_bytes,
                        std::optional<TimePoint> began) const {
  shared_->answers.Add(static_cast<int>(status.code()));
  if (record == nullptr) return;
  record->total = std::chrono::steady_clock::now() - began.value_or(began_);
  record->code = status.code();
  record->bytes_out = static_cast<int64_t>(answer_bytes);
  shared_->log->Write(*record);
}

void GrpcCall::NameVersion(int64_t version) const {
  context_->AddInitialMetadata("x-model-version", std::to_string(version));
}

grpc::Status ToGrpc(const absl::Status& status) {
  // The numbers are the same.
  return {static_cast<grpc::StatusCode>(status.code()), std::string(MessageOf(status))};
}

}  // namespace oarlock
