#include "server/http/listener.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/system_executor.hpp>

#include "base/status.h"

namespace oarlock {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

// A socket that was left behind: nobody answers there.
bool IsStale(const std::string& path, const asio::generic::stream_protocol::endpoint& endpoint) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  asio::generic::stream_protocol::socket socket(asio::system_executor{}, endpoint.protocol());
  Error error;
  socket.connect(endpoint, error);
  return error == asio::error::connection_refused;
}

}  // namespace

Listener::~Listener() { Close(); }

absl::Status Listener::Listen(const ListenAddress& address) {
  const std::string what = fmt::format("cannot listen on '{}'", TextOf(address.endpoint));
  if (!address.path.empty() && IsStale(address.path, address.endpoint)) (void)unlink(address.path.c_str());
  Error error;
  acceptor_.open(address.endpoint.protocol(), error);
  if (!error && address.path.empty()) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(address.endpoint, error);
  if (!error && !address.path.empty()) {
    path_ = address.path;
    if (chmod(path_.c_str(), S_IRUSR | S_IWUSR) != 0) return ErrnoStatus(errno, what);
  }
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  is_loopback_ = address.is_loopback;
  if (!error) return absl::OkStatus();
  Close();
  if (error == asio::error::address_in_use) {
    if (!address.path.empty()) return Unavailable("{}: the path is in use; choose another one", what);
    return Unavailable("{}: the port is in use; stop what uses it, or choose another with --http or --grpc", what);
  }
  return ErrnoStatus(error.value(), what);
}

std::string Listener::address() const {
  Error ignored;
  return TextOf(acceptor_.local_endpoint(ignored));
}

void Listener::Start(NewExecutor new_executor, OnSocket on_socket) {
  new_executor_ = std::move(new_executor);
  on_socket_ = std::move(on_socket);
  Accept();
}

void Listener::Accept() {
  acceptor_.async_accept(new_executor_(), [this](const Error& error, Socket socket) {
    if (!acceptor_.is_open()) return;
    if (error) {
      // Out of descriptors, say: a pause, or the loop would take a whole core.
      retry_.expires_after(std::chrono::milliseconds(50));
      retry_.async_wait([this](const Error& cancelled) {
        if (!cancelled) Accept();
      });
      return;
    }
    on_socket_(std::move(socket));
    Accept();
  });
}

void Listener::Close() {
  Error ignored;
  acceptor_.close(ignored);
  retry_.cancel();
  if (!path_.empty()) (void)unlink(path_.c_str());
  path_.clear();
}

}  // namespace oarlock
