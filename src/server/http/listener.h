// One address that is listened to: takes connections as they come, and pauses where the system has none to give.
// Thread rule: as the executor that it is made with; Listen() and address() before Start(). Ownership: `on_socket` is
// called until Close() has run on that executor.
#ifndef OARLOCK_SERVER_HTTP_LISTENER_H_
#define OARLOCK_SERVER_HTTP_LISTENER_H_

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "server/http/listen_address.h"

namespace oarlock {

class Listener {
 public:
  using Socket = boost::asio::generic::stream_protocol::socket;
  using NewExecutor = std::function<boost::asio::any_io_executor()>;
  using OnSocket = std::function<void(Socket socket)>;

  explicit Listener(const boost::asio::any_io_executor& executor) : acceptor_(executor), retry_(executor) {}
  ~Listener();

  // UNAVAILABLE for a port or a path in use. The socket of a Unix path is the user's alone; one that nobody listens to
  // any more makes way.
  absl::Status Listen(const ListenAddress& address);
  std::string address() const;
  bool is_loopback() const { return is_loopback_; }
  // Each connection gets an executor of `new_executor`.
  void Start(NewExecutor new_executor, OnSocket on_socket);
  void Close();

 private:
  void Accept();

  boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol> acceptor_;
  boost::asio::steady_timer retry_;
  NewExecutor new_executor_;
  OnSocket on_socket_;
  bool is_loopback_ = false;
  std::string path_;  // to be removed in the end
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_LISTENER_H_
