// gRPC connections that ask the same question again and again, in bytes: nothing is decoded. Built on gRPC's own
// client, so on a machine of two cores the client is a large part of what is measured, for every server alike. One
// thread.
#ifndef OARLOCK_BENCH_GRPC_CLIENT_H_
#define OARLOCK_BENCH_GRPC_CLIENT_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "bench/load.h"
#include "bench/server_url.h"

namespace oarlock {

class GrpcClient {
 public:
  // Each call has so long.
  static constexpr std::chrono::seconds kTimeout{60};

  explicit GrpcClient(ServerUrl url);
  ~GrpcClient();
  GrpcClient(const GrpcClient&) = delete;
  GrpcClient& operator=(const GrpcClient&) = delete;

  // One question, one answer. `method` is "/package.Service/Method"; messages are serialized. The error has the code
  // and the text of the call's status.
  absl::StatusOr<std::string> Ask(const std::string& method, const std::string& message);
  // `message` over `load.concurrency` connections, one call at a time on each, which stay open for the next block.
  absl::StatusOr<BlockResult> Run(const std::string& method, const std::string& message, const Load& load);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oarlock

#endif  // OARLOCK_BENCH_GRPC_CLIENT_H_
