// KServe v2 over gRPC. It listens to nothing itself: sockets come from whoever accepted them, where HTTP/2 alone is
// spoken, or found HTTP/2 in their first bytes.
//
//   GrpcServer server(&service, &access);
//   OAR_RETURN_IF_ERROR(server.Start(1));
//   server.Adopt(socket, "10.0.0.7:51324", false);   // connected; its bytes unread
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
#include "server/protocol/access.h"
#include "server/protocol/access_log.h"
#include "server/protocol/service.h"
#include "server/protocol/tls_pem.h"

namespace oarlock {

class GrpcServer {
 public:
  GrpcServer(Service* service, const Access* access);
  ~GrpcServer();

  // Where calls are logged from here on; null = nowhere. Before Start(); it must outlive the server.
  void set_log(AccessLog* log);
  // What connections from here on are shown with TLS: before Start(), and again whenever it changes; those that there
  // are keep what they have. From any thread. HttpServer::UseTls() must have taken it, which is what checks it.
  void UseTls(const TlsPem& pem);
  // Calls are answered on `threads` threads, as far as it is not a model that works. INTERNAL if gRPC cannot start.
  absl::Status Start(int threads);
  // Takes the socket over, and closes it. `peer` is who is at its other end, which gRPC cannot tell of one in the
  // clear. `tls`: its client begins with a handshake, and UseTls() was called before Start().
  void Adopt(int socket, std::string peer, bool tls);
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
