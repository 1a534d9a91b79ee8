// KServe v2 over gRPC. In the clear it listens to nothing itself: sockets come from whoever accepted them and found
// HTTP/2 in their first bytes. With TLS it has an address of its own.
//
//   GrpcServer server(&service, &access);
//   OAR_RETURN_IF_ERROR(server.Start({}));
//   server.Adopt(socket, "10.0.0.7:51324");   // connected; its bytes unread
//   ...
//   server.Stop();
//
// Thread rule: one owner; Adopt(), Notify() and the counts from any thread. The service must outlive the server, and
// the server must outlive the requests it handed over.
#ifndef OARLOCK_SERVER_GRPC_GRPC_SERVER_H_
#define OARLOCK_SERVER_GRPC_GRPC_SERVER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "model/tls_files.h"
#include "server/protocol/access.h"
#include "server/protocol/access_log.h"
#include "server/protocol/service.h"

namespace oarlock {

// Where gRPC listens with TLS; nowhere by default.
struct GrpcTls {
  std::string address;  // ADDR:PORT; empty = nowhere
  TlsFiles files;
};

class GrpcServer {
 public:
  GrpcServer(Service* service, const Access* access);
  ~GrpcServer();

  // Where calls are logged from here on; null = nowhere. Before Start(); it must outlive the server.
  void set_log(AccessLog* log);
  // UNAVAILABLE for a port in use, INVALID_ARGUMENT for a file that cannot be read, INTERNAL if gRPC cannot start.
  // Calls are answered on `threads` threads, as far as it is not a model that works.
  absl::Status Start(const GrpcTls& tls, int threads);
  // Of TLS, as bound: "127.0.0.1:9000"; empty without.
  const std::string& tls_address() const;
  // Takes the socket over, and closes it. `peer` is who is at its other end, which gRPC cannot tell of such a one.
  void Adopt(int socket, std::string peer);
  // The service's readiness may have changed: those who watch are told.
  void Notify();
  // Calls whose answer is not yet written.
  int64_t busy_count() const;
  // How many answers there were of each code, those to the messages of streams too.
  std::map<int, int64_t> answer_counts() const;
  // Connections that were handed over and are open.
  int64_t connection_count();
  // Ends what is under way and joins gRPC's threads. Idempotent.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_GRPC_SERVER_H_
