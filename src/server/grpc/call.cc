#include "server/grpc/call.h"

#include <grpc/support/time.h>

#include <string>

#include "base/status.h"

namespace oarlock {

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
    const std::string_view value(each->second.data(), each->second.size());
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

void GrpcCall::NameVersion(int64_t version) const {
  context_->AddInitialMetadata("x-model-version", fmt::format("{}", version));
}

grpc::Status ToGrpc(const absl::Status& status) {
  // The numbers are the same.
  return {static_cast<grpc::StatusCode>(status.code()), std::string(MessageOf(status))};
}

}  // namespace oarlock
