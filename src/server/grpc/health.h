// grpc.health.v1: is the server, or its inference, to be asked? Probes and load balancers poll or watch it.
// Thread-safe.
#ifndef OARLOCK_SERVER_GRPC_HEALTH_H_
#define OARLOCK_SERVER_GRPC_HEALTH_H_

#include <mutex>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "server/grpc/server_call.h"
#include "server/protocol/service.h"

namespace oarlock {

class HealthWatch;

class Health {
 public:
  explicit Health(const Service* service) : service_(service) {}

  // The answer to Check as the bytes of its message. NOT_FOUND for a service that is none of ours.
  absl::StatusOr<std::string> Check(const std::string& question) const;
  // A call of Watch: the status at once, and again whenever it is another one, until the client or the server ends it.
  ServerCall* NewWatch(const GrpcMethod& method);
  // The service's readiness may have changed.
  void Notify();
  // Ends all watches, as a server must before it goes.
  void EndWatches();

 private:
  friend class HealthWatch;
  static grpc::Status Stopping();
  // The number of ServingStatus.
  int StatusOf(const std::string& service) const;

  const Service* const service_;
  std::mutex mutex_;
  std::set<HealthWatch*> watches_;  // guarded by mutex_
  bool ended_ = false;              // guarded by mutex_
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_HEALTH_H_
