// HTTP/1.1 on Boost.Beast: sockets, limits and time-outs; what is answered is the handler's affair.
//
//   HttpServer server({.listeners = {{.address = "127.0.0.1:0"}}}, limits, &handler);
//   OAR_RETURN_IF_ERROR(server.Listen());      // server.address(0) is known from here on
//   server.Start();
//   ...
//   server.Stop();
//
// Thread rule: one owner; Stop() from any thread but the server's own. The handler must outlive the server, and the
// server must outlive the requests it handed over: unload the models before it goes.
#ifndef OARLOCK_SERVER_HTTP_HTTP_SERVER_H_
#define OARLOCK_SERVER_HTTP_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/limits.h"
#include "server/http/handler.h"
#include "server/protocol/tls_pem.h"

namespace oarlock {

// One address, and which protocols are taken there. With both, a connection's first bytes tell; those of TLS do not.
struct ListenerOptions {
  std::string address;  // as ListenAddress::Parse() takes it
  bool http1 = true;
  bool http2 = false;
  bool tls = false;  // with one protocol alone
};

// Who takes connections of HTTP/2.
struct Http2Taker {
  // A connected socket, which is the taker's from here on. Its bytes are unread, those of TLS too.
  std::function<void(int socket, std::string peer, bool tls)> take;
  // Those that are still open.
  std::function<int64_t()> count;
};

struct HttpServerOptions {
  std::vector<ListenerOptions> listeners;
  int threads = 1;
  Http2Taker http2;  // needed where a listener takes that
};

class HttpServer {
 public:
  HttpServer(HttpServerOptions options, const Limits& limits, HttpHandler* handler);
  ~HttpServer();

  // What connections from here on are shown where a listener speaks TLS: before Start(), and again whenever it changes;
  // those that there are keep what they have. From any thread. An error, which names the file, has changed nothing.
  absl::Status UseTls(const TlsPem& pem);
  // Binds and listens. UNAVAILABLE for a port in use, INVALID_ARGUMENT for an address that is none.
  absl::Status Listen();
  // Of the listener of that number: "127.0.0.1:8080", as bound, or "unix:PATH".
  std::string address(size_t index) const;
  // Can clients outside this machine reach it?
  bool is_loopback(size_t index) const;
  void Start();
  // From here on connections end after the answer they are at.
  void BeginDrain();
  // Closes everything and joins the threads. Idempotent.
  void Stop();
  // Connections with a request that has begun and whose answer is not yet written.
  int64_t busy_count() const;
  int64_t connection_count() const;
  // How many answers there were of each status.
  std::map<int, int64_t> answer_counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_HTTP_SERVER_H_
