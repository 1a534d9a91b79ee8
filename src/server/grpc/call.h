// One call as every method sees it: its metadata, its deadline, and what all calls of a server share.
// Thread rule: the call's own; what it shares is thread-safe. Ownership: shows gRPC's memory, for as long as the call.
#ifndef OARLOCK_SERVER_GRPC_CALL_H_
#define OARLOCK_SERVER_GRPC_CALL_H_

#include <grpcpp/server_context.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/protocol/access.h"
#include "server/protocol/service.h"

namespace oarlock {

// What the calls of a server share.
struct GrpcContext {
  Service* service = nullptr;
  const Access* access = nullptr;
  std::atomic<int64_t> busy_count{0};  // calls whose answer is not yet written
};

class GrpcCall {
 public:
  GrpcCall(GrpcContext* shared, grpc::CallbackServerContext* context) : shared_(shared), context_(context) {}

  Service& service() const { return *shared_->service; }
  GrpcContext& shared() const { return *shared_; }
  // The first of that name, which is lower case.
  std::optional<std::string_view> Metadata(std::string_view name) const;
  TimePoint deadline() const;
  // May who calls do what that group does?
  absl::Status Admit(AccessGroup group) const;
  // Every answer names its version; before the first message is sent.
  void NameVersion(int64_t version) const;

 private:
  // All of that name, joined with commas.
  std::optional<std::string> Joined(std::string_view name) const;

  GrpcContext* shared_;
  grpc::CallbackServerContext* context_;
};

grpc::Status ToGrpc(const absl::Status& status);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_CALL_H_
