#include "server/http/connection.h"

#include <poll.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "server/http/listen_address.h"

namespace oarlock {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr size_t kChunkBytes = 64 * 1024;
constexpr int kNoContent = 204;  // neither a body nor its length (RFC 9110, 8.6)
constexpr size_t kLingerBytesMax = 1024 * 1024;
constexpr auto kLingerTime = std::chrono::milliseconds(2000);
// How often a client that has sent ahead, or one that has gone and whose inference goes on, is looked at again.
constexpr auto kLookAgain = std::chrono::milliseconds(100);

std::string_view ReasonOf(int status) {
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return {reason.data(), reason.size()};
}

// The client left, or what it sent ends too early: there is nobody to tell.
bool IsGone(const boost::system::error_code& error) {
  return error == http::error::end_of_stream || error == http::error::partial_message || error == asio::error::eof ||
         (error && error.category() == asio::error::get_system_category());
}

// What poll() says of a socket, without waiting: are there bytes, will none come any more?
int StateOf(int socket) {
  pollfd asked{socket, POLLIN | POLLRDHUP, 0};
  return poll(&asked, 1, 0) > 0 ? asked.revents : 0;
}

void AppendHeader(std::string_view name, std::string_view value, std::string* head) {
  absl::StrAppend(head, ToAbsl(name), ": ", ToAbsl(value), "\r\n");
}

std::chrono::milliseconds Ms(int64_t count) { return std::chrono::milliseconds(count); }

}  // namespace

Connection::Connection(Stream::Socket socket, std::shared_ptr<ConnectionContext> context,
                       std::shared_ptr<asio::ssl::context> tls)
    : stream_(std::move(socket), std::move(tls)),
      context_(std::move(context)),
      patience_(
          stream_.get_executor(), [this] { return shared_from_this(); }, [this] { OnTimeUp(); }),
      // The parser looks at the header in one piece; what is read ahead of the body stays here too.
      buffer_(static_cast<size_t>(context_->limits.http_header_bytes_max) + kChunkBytes),
      look_again_(stream_.get_executor()) {
  ++context_->connection_count;
  Error ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
  stream_.socket().non_blocking(true, ignored);
  client_ = PeerOf(stream_.socket());
}

Connection::~Connection() {
  SetBusy(false);
  --context_->connection_count;
}

void Connection::SetBusy(bool busy) {
  if (busy_ != busy) context_->busy_count += busy ? 1 : -1;
  busy_ = busy;
}

void Connection::Run(void (Connection::*step)()) {
  asio::post(stream_.get_executor(), [self = shared_from_this(), step] { (self.get()->*step)(); });
}

void Connection::Start() { Run(stream_.is_tls() ? &Connection::Greet : &Connection::ReadRequest); }

void Connection::Greet() {
  phase_ = Phase::kGreeting;
  patience_.Allow(Ms(context_->limits.http_header_timeout_ms));
  stream_.async_handshake([self = shared_from_this()](const Error& error) {
    self->patience_.Forget();
    error ? self->CloseNow() : self->ReadRequest();
  });
}

void Connection::TurnAway() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->Refuse(HttpAnswer::Error(Unavailable("too many connections; try again later")));
  });
}

void Connection::Close() { Run(&Connection::CloseNow); }

void Connection::CloseNow() {
  Error ignored;
  stream_.socket().close(ignored);
}

void Connection::CloseIfIdle() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->phase_ == Phase::kIdle && self->served_) self->CloseNow();
  });
}

void Connection::OnTimeUp() {
  if (phase_ != Phase::kReading) return CloseNow();
  // The client is late, and should hear so.
  late_ = true;
  Error ignored;
  stream_.socket().cancel(ignored);
}

bool Connection::IsLate(const Error& error) const { return late_ && error == asio::error::operation_aborted; }

void Connection::ReadRequest() {
  if (context_->draining && served_ && buffer_.size() == 0) return Linger();
  parser_.emplace(context_->limits);
  head_only_ = false;
  late_ = false;
  if (buffer_.size() > 0) return ReadHeader();
  phase_ = Phase::kIdle;
  patience_.Allow(Ms(context_->limits.http_idle_timeout_ms));
  stream_.async_read_some(buffer_.prepare(kChunkBytes), [self = shared_from_this()](const Error& error, size_t size) {
    if (error) return self->CloseNow();
    self->buffer_.commit(size);
    self->ReadHeader();
  });
}

void Connection::ReadHeader() {
  phase_ = Phase::kReading;
  began_ = Patience::Clock::now();
  patience_.Forget();
  Error error;
  buffer_.consume(parser_->put(buffer_.data(), error));
  if (error != http::error::need_more) return OnHeader(error);
  patience_.Allow(Ms(context_->limits.http_header_timeout_ms), began_);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](const Error& end, size_t) { self->OnHeader(end); });
}

void Connection::OnHeader(const Error& error) {
  const Limits& limits = context_->limits;
  patience_.Forget();
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Refuse(431, fmt::format("the header is larger than {} bytes", limits.http_header_bytes_max));
  }
  if (IsLate(error)) {
    return Refuse(408, fmt::format("the header did not arrive within {} ms", limits.http_header_timeout_ms));
  }
  if (IsGone(error)) return CloseNow();
  if (error) return Refuse(400, fmt::format("not an HTTP/1.1 request: {}", error.message()));

  SetBusy(true);
  served_ = true;
  keep_open_ = parser_->keep_alive();
  // RFC 9110: an answer to HEAD has no body, though it says how long it would be.
  head_only_ = parser_->call().method == "HEAD";
  if (HttpAnswer* const refusal = parser_->refusal()) return Refuse(std::move(*refusal));
  // Who may not ask need not send a body, nor is memory taken for it.
  if (const absl::Status admitted = context_->handler->Admit(&parser_->call()); !admitted.ok()) {
    return Refuse(HttpAnswer::Error(admitted), keep_open_ && parser_->is_done());
  }
  parser_->expects_continue() && !parser_->is_done() ? SendContinue() : ReadBody();
}

void Connection::SendContinue() {
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(
      stream_, asio::buffer(kContinue.data(), kContinue.size()),
      [self = shared_from_this()](const Error& error, size_t) { error ? self->CloseNow() : self->ReadBody(); });
}

void Connection::ReadBody() {
  if (parser_->is_done()) return OnBody();
  parser_->chunked() ? ReadChunkedBody() : ReadSizedBody(static_cast<size_t>(*parser_->content_length()));
}

void Connection::ReadSizedBody(size_t size_bytes) {
  HttpCall& call = parser_->call();
  // One that is compressed is laid out once it no longer is.
  const bool plain = parser_->body_coding() == ContentCoding::kIdentity;
  auto body = Body::Allocate(size_bytes, plain ? call.JsonSizeHint() : 0);
  if (!body.ok()) return Refuse(HttpAnswer::Error(body.status()));
  call.body = *std::move(body);
  // What came with the header is copied; the rest is read straight to where it stays.
  const std::span<std::byte> room = call.body.mutable_bytes();
  const size_t early = std::min(buffer_.size(), room.size());
  std::memcpy(room.data(), buffer_.data().data(), early);
  buffer_.consume(early);
  if (early == room.size()) return OnBody();
  patience_.Allow(Ms(context_->limits.http_body_timeout_ms));
  asio::async_read(stream_, asio::buffer(room.data() + early, room.size() - early),
                   [self = shared_from_this()](const Error& error, size_t) {
                     if (self->IsLate(error)) return self->OnLateBody();
                     if (error) return self->CloseNow();
                     self->OnBody();
                   });
}

void Connection::ReadChunkedBody() {
  patience_.Allow(Ms(context_->limits.http_body_timeout_ms));
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, size_t) { self->OnChunkedBody(error); });
}

void Connection::OnChunkedBody(const Error& error) {
  if (!error) return OnBody();
  if (IsLate(error)) return OnLateBody();
  if (IsGone(error)) return CloseNow();
  if (HttpAnswer* const refusal = parser_->refusal()) return Refuse(std::move(*refusal));
  if (error == http::error::body_limit) {
    return Refuse(
        413, fmt::format("the body has more than {} bytes, which is the limit", context_->limits.http_body_bytes_max));
  }
  Refuse(400, fmt::format("the chunked body is malformed: {}", error.message()));
}

void Connection::OnLateBody() {
  Refuse(408, fmt::format("the body did not arrive within {} ms", context_->limits.http_body_timeout_ms));
}

void Connection::OnBody() {
  patience_.Forget();  // the handler has deadlines of its own
  phase_ = Phase::kHandling;
  HttpCall& received = parser_->call();
  if (received.wants_timing) received.timing = {Patience::Clock::now() - began_, last_send_};
  if (parser_->body_coding() != ContentCoding::kIdentity && received.body.size_bytes() > 0) {
    auto body = DecodeBody(parser_->body_coding(), received.body.bytes(),
                           static_cast<size_t>(context_->limits.http_body_bytes_max), received.JsonSizeHint());
    if (body.status().code() == absl::StatusCode::kOutOfRange) {
      return Refuse(HttpAnswer::Error(413, MessageOf(body.status())), keep_open_);
    }
    if (!body.ok()) return Refuse(HttpAnswer::Error(body.status()), keep_open_);
    received.body = *std::move(body);
  }
  HttpCall call = parser_->TakeCall();
  call.client = client_;
  // An answer that is made at once is written at once; one that a predictor's thread makes comes back to this executor.
  const auto inference = context_->handler->Handle(std::move(call), [self = shared_from_this()](HttpAnswer answer) {
    asio::dispatch(self->stream_.get_executor(),
                   [self, answer = std::move(answer)]() mutable { self->Write(std::move(answer), self->keep_open_); });
  });
  if (phase_ != Phase::kHandling || inference == nullptr) return;
  under_way_ = inference;
  Watch();
}

// What is waited for may be left over from the request before: nothing has come since.
void Connection::Watch() {
  if (std::exchange(is_watching_, true)) return;
  stream_.socket().async_wait(Stream::Socket::wait_read, [weak = weak_from_this()](const Error& error) {
    const auto self = weak.lock();
    if (self != nullptr && !error) self->Look();
  });
}

void Connection::Look() {
  is_watching_ = false;
  const auto inference = under_way_.lock();
  if (phase_ != Phase::kHandling || inference == nullptr) return;
  const int state = StateOf(stream_.socket().native_handle());
  // Who closes only its own direction is not told from who has gone, and is taken for gone, as by nginx, Triton and
  // Go's net/http. The answer that this makes is for one that still reads.
  if ((state & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
    keep_open_ = false;
    inference->Cancel();
    if (phase_ != Phase::kHandling) return;  // answered
    // On its way to the engine, or within one that could not stop yet: it is asked again.
  } else if ((state & POLLIN) == 0) {
    return Watch();
  }
  // Or there is a next request, or the last word of TLS. The socket stays readable, so that waiting for that would not
  // wait.
  is_watching_ = true;
  look_again_.expires_after(kLookAgain);
  look_again_.async_wait([weak = weak_from_this()](const Error& error) {
    const auto self = weak.lock();
    if (self != nullptr && !error) self->Look();
  });
}

void Connection::Refuse(int status, std::string_view text) { Refuse(HttpAnswer::Error(status, text)); }

void Connection::Refuse(HttpAnswer answer, bool keep_open) {
  HttpCall call = parser_ ? parser_->TakeCall() : HttpCall();
  call.body = Body();  // what came of it is of no use
  call.client = client_;
  Write(context_->handler->Refuse(call, std::move(answer)), keep_open);
}

void Connection::Write(HttpAnswer answer, bool keep_open) {
  patience_.Forget();
  phase_ = Phase::kWriting;
  answer_ = std::move(answer);
  context_->answers.Add(answer_.status);
  keep_open_ = keep_open && !context_->draining;
  WriteHead();
  parts_.assign({asio::buffer(head_)});
  if (!head_only_) {
    parts_.push_back(asio::buffer(answer_.text));
    for (const auto& part : answer_.binary) parts_.push_back(asio::buffer(part.data(), part.size()));
  }
  send_began_ = Patience::Clock::now();
  Send();
}

void Connection::Send() {
  Error error;
  // TLS has bytes of its own to write, and says when it can.
  size_t sent = stream_.is_tls() ? 0 : stream_.socket().write_some(parts_, error);
  if (error && error != asio::error::would_block && error != asio::error::try_again) return OnWritten(error);
  while (!parts_.empty() && sent >= parts_.front().size()) {
    sent -= parts_.front().size();
    parts_.erase(parts_.begin());
  }
  if (parts_.empty()) return OnWritten(Error());
  parts_.front() += sent;
  patience_.Allow(Ms(context_->limits.http_write_timeout_ms), send_began_);
  asio::async_write(stream_, parts_, [self = shared_from_this()](const Error& end, size_t) { self->OnWritten(end); });
}

void Connection::WriteHead() {
  head_.clear();
  absl::StrAppend(&head_, "HTTP/1.1 ", answer_.status, " ", ToAbsl(ReasonOf(answer_.status)), "\r\n");
  if (answer_.status != kNoContent) {
    absl::StrAppend(&head_, "Content-Type: ", ToAbsl(answer_.content_type),
                    "\r\nContent-Length: ", answer_.size_bytes(), "\r\n");
  }
  for (const auto& [name, value] : answer_.headers) AppendHeader(name, value, &head_);
  if (parser_ && !parser_->request_id().empty()) AppendHeader("x-request-id", parser_->request_id(), &head_);
  if (parser_ && !parser_->ce_id().empty()) AppendHeader("Ce-Id", parser_->ce_id(), &head_);
  const bool is_old = parser_ && parser_->version() < 11;
  if (!keep_open_ || is_old) head_ += keep_open_ ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  head_ += "\r\n";
}

void Connection::OnWritten(const Error& error) {
  last_send_ = Patience::Clock::now() - send_began_;
  patience_.Forget();
  answer_ = HttpAnswer();  // what the answer showed may go
  SetBusy(false);
  if (error) return CloseNow();
  if (!keep_open_) return Linger();
  // What was sent ahead waits its turn: other clients come in between, and the stack stays flat.
  buffer_.size() > 0 ? Run(&Connection::ReadRequest) : ReadRequest();
}

void Connection::Linger() {
  if (stream_.is_tls() && phase_ != Phase::kLingering) {
    phase_ = Phase::kLingering;
    patience_.Allow(kLingerTime);
    return stream_.async_shutdown([self = shared_from_this()](const Error&) { self->CloseNow(); });
  }
  Error ignored;
  stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  if (phase_ != Phase::kLingering) patience_.Allow(kLingerTime);
  phase_ = Phase::kLingering;
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kChunkBytes), [self = shared_from_this()](const Error& error, size_t size) {
    self->lingered_bytes_ += size;
    if (error || self->lingered_bytes_ > kLingerBytesMax) return self->CloseNow();
    self->Linger();
  });
}

}  // namespace oarlock
