// A connection that has just come: which protocol does it speak? Looks at its first bytes without taking them. HTTP/2
// opens with "PRI * HTTP/2.0", and no method of HTTP/1.1 begins so.
// Lives as long as something is pending on it; its steps come one after the other, on the socket's executor.
#ifndef OARLOCK_SERVER_HTTP_PREFACE_H_
#define OARLOCK_SERVER_HTTP_PREFACE_H_

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "absl/functional/any_invocable.h"
#include "server/http/connection.h"

namespace oarlock {

class Preface : public std::enable_shared_from_this<Preface> {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  // On the socket's executor; not called for one that closes, or says too little for too long.
  using Known = absl::AnyInvocable<void(Socket, bool is_http2) &&>;

  // Counts as one of the context's connections until it is known.
  Preface(Socket socket, std::shared_ptr<ConnectionContext> context, Known known);
  ~Preface();

  void Start();
  // From any thread.
  void Close();

 private:
  void Wait();
  void Look();
  // What has come fits either; more may come at once, or never.
  void LookAgain();
  void Tell(bool is_http2);

  Socket socket_;
  const std::shared_ptr<ConnectionContext> context_;
  Known known_;
  boost::asio::steady_timer patience_;
  boost::asio::steady_timer pause_;
  bool has_begun_ = false;
  bool is_counted_ = true;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_PREFACE_H_
