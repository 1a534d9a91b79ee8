// One call as every method sees it: its metadata, its deadline, and what all calls of a server share.
// Thread rule: the call's own; what it shares is thread-safe. Ownership: shows gRPC's memory, for as long as the call.
#ifndef OARLOCK_SERVER_GRPC_CALL_H_
#define OARLOCK_SERVER_GRPC_CALL_H_

#include <grpcpp/server_context.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/grpc/adopted_sockets.h"
#include "server/protocol/access.h"
#include "server/protocol/access_log.h"
#include "server/protocol/answer_counts.h"
#include "server/protocol/service.h"

namespace oarlock {

// What the calls of a server share.
struct GrpcContext {
  Service* service = nullptr;
  const Access* access = nullptr;
  AccessLog* log = nullptr;               // null: there is none
  const AdoptedSockets* peers = nullptr;  // who is at the other ends
  std::atomic<int64_t> busy_count{0};     // inferences and their streams whose answer is not yet written
  std::atomic<int64_t> call_count{0};     // all that there are, those that are waited for as well
  AnswerCounts answers;                   // by code
};

// Counted in `busy_count` for as long as it is.
class Busy {
 public:
  explicit Busy(GrpcContext* context) : context_(context) { ++context_->busy_count; }
  ~Busy() { --context_->busy_count; }
  Busy(const Busy&) = delete;

 private:
  GrpcContext* const context_;
};

class GrpcCall {
 public:
  // `method` is a constant: "/package.Service/Method". The answer names the call's trace if the client did, or if calls
  // are logged.
  GrpcCall(GrpcContext* shared, grpc::ServerContext* context, std::string_view method);

  Service& service() const { return *shared_->service; }
  GrpcContext& shared() const { return *shared_; }
  // The first of that name, which is lower case.
  std::optional<std::string_view> Metadata(std::string_view name) const;
  TimePoint deadline() const;
  // May who calls do what that group does?
  absl::Status Admit(AccessGroup group) const;
  // The begin of a line in the access log, for a message of so many bytes; null if there is no log.
  std::shared_ptr<CallRecord> NewRecord(size_t size_bytes) const;
  // The answer to a call, or to one message of a stream: it is counted, and `record` ends unless it is null. `began` is
  // the message's; by default the call's.
  void Answered(const std::shared_ptr<CallRecord>& record, const absl::Status& status, size_t answer_bytes,
                std::optional<TimePoint> began = {}) const;
  // Every answer names its version; before the first message is sent.
  void NameVersion(int64_t version) const;

 private:
  // All of that name, joined with commas.
  std::optional<std::string> Joined(std::string_view name) const;

  GrpcContext* shared_;
  grpc::ServerContext* context_;
  std::string_view method_;
  TimePoint began_;
  std::string trace_id_;  // empty if nobody asks for one
};

grpc::Status ToGrpc(const absl::Status& status);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_CALL_H_
