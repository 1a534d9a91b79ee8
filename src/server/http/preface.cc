#include "server/http/preface.h"

#include <sys/socket.h>

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <string_view>

namespace oarlock {
namespace {

namespace asio = boost::asio;

// RFC 9113, 3.4. Its first four bytes are enough to know.
constexpr std::string_view kHttp2 = "PRI ";
constexpr auto kPause = std::chrono::milliseconds(2);

}  // namespace

Preface::Preface(Socket socket, std::shared_ptr<ConnectionContext> context, Known known)
    : socket_(std::move(socket)),
      context_(std::move(context)),
      known_(std::move(known)),
      patience_(socket_.get_executor()),
      pause_(socket_.get_executor()) {
  ++context_->connection_count;
}

Preface::~Preface() {
  if (is_counted_) --context_->connection_count;
}

void Preface::Start() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->patience_.expires_after(std::chrono::milliseconds(self->context_->limits.http_idle_timeout_ms));
    self->Wait();
    // Most clients say something as soon as they are connected.
    self->Look();
  });
}

void Preface::Close() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    boost::system::error_code ignored;
    self->patience_.cancel();
    self->pause_.cancel();
    self->socket_.close(ignored);
  });
}

void Preface::Wait() {
  patience_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    boost::system::error_code ignored;
    if (!error) self->socket_.close(ignored);
  });
}

void Preface::Look() {
  std::array<char, kHttp2.size()> begin{};
  const ssize_t size =
      socket_.is_open() ? recv(socket_.native_handle(), begin.data(), begin.size(), MSG_PEEK | MSG_DONTWAIT) : 0;
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    return socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
      error ? self->Close() : self->Look();
    });
  }
  if (size <= 0) return Close();
  const std::string_view begun(begin.data(), static_cast<size_t>(size));
  if (!kHttp2.starts_with(begun)) return Tell(false);
  begun.size() == kHttp2.size() ? Tell(true) : LookAgain();
}

void Preface::LookAgain() {
  if (!has_begun_) {
    has_begun_ = true;
    patience_.expires_after(std::chrono::milliseconds(context_->limits.http_header_timeout_ms));
    Wait();
  }
  // The socket stays readable, so that waiting for that would not wait.
  pause_.expires_after(kPause);
  pause_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->Look();
  });
}

void Preface::Tell(bool is_http2) {
  patience_.cancel();
  is_counted_ = false;
  --context_->connection_count;
  std::move(known_)(std::move(socket_), is_http2);
}

}  // namespace oarlock
