#include "server/http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <charconv>
#include <cstring>

#include "base/status.h"

namespace oarlock {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr size_t kChunkBytes = 64 * 1024;
constexpr size_t kLingerBytesMax = 1024 * 1024;
constexpr auto kLingerTime = std::chrono::seconds(2);

std::string_view ReasonOf(int status) {
  const auto reason = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  return {reason.data(), reason.size()};
}

std::chrono::milliseconds Ms(int64_t count) { return std::chrono::milliseconds(count); }

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket, std::shared_ptr<ConnectionContext> context)
    : stream_(std::move(socket)),
      context_(std::move(context)),
      clock_(stream_.get_executor()),
      // The parser looks at the header in one piece; what is read ahead of the body stays here too.
      buffer_(static_cast<size_t>(context_->limits.http_header_bytes_max) + kChunkBytes) {
  ++context_->connection_count;
  beast::error_code ignored;
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
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

void Connection::Start() { Run(&Connection::ReadHeader); }

void Connection::Refuse() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    self->Write(HttpAnswer::Error(Unavailable("too many connections; try again later")), false);
  });
}

void Connection::Close() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->stream_.close(); });
}

void Connection::CloseIfIdle() {
  asio::post(stream_.get_executor(), [self = shared_from_this()] {
    if (self->idle_ && self->served_) self->stream_.close();
  });
}

void Connection::StartClock(int64_t ms) {
  late_ = false;
  clock_.expires_after(Ms(ms));
  clock_.async_wait([weak = weak_from_this(), turn = ++clock_turn_](const Error& error) {
    const auto self = weak.lock();
    if (error || self == nullptr || self->clock_turn_ != turn) return;
    self->late_ = true;
    self->stream_.cancel();
  });
}

void Connection::StopClock() {
  ++clock_turn_;
  clock_.cancel();
}

bool Connection::IsLate(const Error& error) const { return late_ && error == asio::error::operation_aborted; }

void Connection::ReadHeader() {
  if (context_->draining && served_ && buffer_.size() == 0) return Linger();
  call_ = HttpCall();
  request_id_.clear();
  chunked_.clear();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(context_->limits.http_header_bytes_max));
  parser_->body_limit(boost::none);  // checked here, where the answer can say so
  idle_ = buffer_.size() == 0;
  // Until the first byte comes the client is merely idle; then the header has its own time.
  if (!idle_) {
    stream_.expires_never();
    StartClock(context_->limits.http_header_timeout_ms);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](const Error& error, size_t) { self->OnHeader(error); });
    return;
  }
  stream_.expires_after(Ms(context_->limits.http_idle_timeout_ms));
  stream_.async_read_some(buffer_.prepare(kChunkBytes), [self = shared_from_this()](const Error& error, size_t size) {
    if (error) return self->stream_.close();
    self->buffer_.commit(size);
    self->idle_ = false;
    self->stream_.expires_never();
    self->StartClock(self->context_->limits.http_header_timeout_ms);
    http::async_read_header(self->stream_, self->buffer_, *self->parser_,
                            [self](const Error& again, size_t) { self->OnHeader(again); });
  });
}

std::string Connection::HeaderValue(std::string_view name, bool* found) const {
  const auto& fields = parser_->get();
  const auto field = fields.find({name.data(), name.size()});
  *found = field != fields.end();
  return *found ? std::string(field->value().data(), field->value().size()) : std::string();
}

size_t Connection::JsonSizeHint() const {
  if (!call_.json_size) return 0;
  size_t size = 0;
  const std::string& text = *call_.json_size;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  return error == std::errc() && end == text.data() + text.size() ? size : 0;
}

void Connection::OnHeader(const Error& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return Write(HttpAnswer::Error(
                     431, fmt::format("the header is larger than {} bytes", context_->limits.http_header_bytes_max)),
                 false);
  }
  if (IsLate(error)) {
    return Write(HttpAnswer::Error(408, fmt::format("the header did not arrive within {} ms",
                                                    context_->limits.http_header_timeout_ms)),
                 false);
  }
  if (error == http::error::end_of_stream || error == asio::error::eof || error == http::error::partial_message ||
      (error && error.category() == asio::error::get_system_category())) {
    return stream_.close();
  }
  if (error) return Write(HttpAnswer::Error(400, fmt::format("not an HTTP/1.1 request: {}", error.message())), false);

  SetBusy(true);
  served_ = true;
  const auto& request = parser_->get();
  call_.method = std::string(request.method_string());
  call_.target = std::string(request.target());
  keep_open_ = request.keep_alive();
  bool found = false;
  std::string value = HeaderValue("Inference-Header-Content-Length", &found);
  if (found) call_.json_size = std::move(value);
  value = HeaderValue("x-model-version", &found);
  if (found) call_.model_version = std::move(value);
  request_id_ = HeaderValue("x-request-id", &found);
  if (static_cast<int64_t>(request_id_.size()) > context_->limits.name_bytes_max) request_id_.clear();
  const std::string encoding = HeaderValue("Content-Encoding", &found);
  if (found && !beast::iequals(encoding, "identity")) {
    return Write(HttpAnswer::Error(415, fmt::format("Content-Encoding '{}' is not read; send the body as it is",
                                                    Printable(encoding))),
                 false);
  }
  const auto size_bytes_max = static_cast<uint64_t>(context_->limits.http_body_bytes_max);
  if (const auto size = parser_->content_length(); size && *size > size_bytes_max) {
    return Write(HttpAnswer::Error(413, fmt::format("the body has {} bytes; the limit is {}", *size, size_bytes_max)),
                 false);
  }
  const std::string expect = HeaderValue("Expect", &found);
  if (found && beast::iequals(expect, "100-continue") && request.version() >= 11) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                      [self = shared_from_this()](const Error& failed, size_t) {
                        failed ? self->stream_.close() : self->ReadBody();
                      });
    return;
  }
  ReadBody();
}

void Connection::ReadBody() {
  StartClock(context_->limits.http_body_timeout_ms);
  if (parser_->chunked()) return ReadChunkedBody();
  const auto size = parser_->content_length();
  if (!size || *size == 0) return OnBody();
  ReadSizedBody(*size);
}

void Connection::ReadSizedBody(uint64_t size_bytes) {
  auto body = Body::Allocate(static_cast<size_t>(size_bytes), JsonSizeHint());
  if (!body.ok()) return Write(HttpAnswer::Error(body.status()), false);
  call_.body = *std::move(body);
  // What came with the header is copied; the rest is read straight to where it stays.
  const std::span<std::byte> room = call_.body.mutable_bytes();
  const size_t early = std::min(buffer_.size(), room.size());
  std::memcpy(room.data(), buffer_.data().data(), early);
  buffer_.consume(early);
  if (early == room.size()) return OnBody();
  asio::async_read(stream_, asio::buffer(room.data() + early, room.size() - early),
                   [self = shared_from_this()](const Error& error, size_t) {
                     if (self->IsLate(error)) return self->OnLateBody();
                     if (error) return self->stream_.close();
                     self->OnBody();
                   });
}

void Connection::ReadChunkedBody() {
  chunk_.resize(kChunkBytes);
  parser_->get().body().data = chunk_.data();
  parser_->get().body().size = chunk_.size();
  parser_->get().body().more = true;
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](const Error& error, size_t) { self->OnChunk(error); });
}

void Connection::OnChunk(const Error& error) {
  if (IsLate(error)) return OnLateBody();
  if (error && error != http::error::need_buffer) {
    if (error == http::error::bad_chunk || error == http::error::bad_chunk_extension) {
      return Write(HttpAnswer::Error(400, "the chunked body is malformed"), false);
    }
    return stream_.close();
  }
  chunked_.append(chunk_.data(), chunk_.size() - parser_->get().body().size);
  if (static_cast<int64_t>(chunked_.size()) > context_->limits.http_body_bytes_max) {
    return Write(HttpAnswer::Error(413, fmt::format("the body has more than {} bytes, which is the limit",
                                                    context_->limits.http_body_bytes_max)),
                 false);
  }
  if (!parser_->is_done()) return ReadChunkedBody();
  auto body = Body::Allocate(chunked_.size(), JsonSizeHint());
  if (!body.ok()) return Write(HttpAnswer::Error(body.status()), false);
  call_.body = *std::move(body);
  std::memcpy(call_.body.mutable_bytes().data(), chunked_.data(), chunked_.size());
  chunked_ = std::string();
  OnBody();
}

void Connection::OnLateBody() {
  Write(HttpAnswer::Error(408,
                          fmt::format("the body did not arrive within {} ms", context_->limits.http_body_timeout_ms)),
        false);
}

void Connection::OnBody() {
  StopClock();  // the handler has deadlines of its own
  const bool keep_open = keep_open_;
  context_->handler->Handle(std::move(call_), [self = shared_from_this(), keep_open](HttpAnswer answer) {
    asio::post(self->stream_.get_executor(),
               [self, keep_open, answer = std::move(answer)]() mutable { self->Write(std::move(answer), keep_open); });
  });
}

void Connection::Write(HttpAnswer answer, bool keep_open) {
  StopClock();
  answer_ = std::move(answer);
  keep_open_ = keep_open && !context_->draining;
  size_t size_bytes = answer_.text.size();
  for (const auto& part : answer_.binary) size_bytes += part.size();
  head_ = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n", answer_.status,
                      ReasonOf(answer_.status), answer_.content_type, size_bytes);
  for (const auto& [name, value] : answer_.headers) head_ += fmt::format("{}: {}\r\n", name, value);
  if (!request_id_.empty()) head_ += fmt::format("x-request-id: {}\r\n", request_id_);
  const bool is_old = parser_ && parser_->is_header_done() && parser_->get().version() < 11;
  if (!keep_open_ || is_old) head_ += keep_open_ ? "Connection: keep-alive\r\n" : "Connection: close\r\n";
  head_ += "\r\n";
  // RFC 9110: an answer to HEAD has no body, though it says how long it would be.
  const bool head_only = parser_ && parser_->is_header_done() && parser_->get().method() == http::verb::head;
  std::vector<asio::const_buffer> parts = {asio::buffer(head_)};
  if (!head_only) {
    parts.push_back(asio::buffer(answer_.text));
    for (const auto& part : answer_.binary) parts.push_back(asio::buffer(part.data(), part.size()));
  }
  stream_.expires_after(Ms(context_->limits.http_write_timeout_ms));
  asio::async_write(stream_, parts,
                    [self = shared_from_this()](const Error& error, size_t) { self->OnWritten(error); });
}

void Connection::OnWritten(const Error& error) {
  answer_ = HttpAnswer();  // what the answer showed may go
  SetBusy(false);
  if (error) return stream_.close();
  keep_open_ ? ReadHeader() : Linger();
}

void Connection::Linger() {
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  if (lingered_bytes_ == 0) stream_.expires_after(kLingerTime);
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(kChunkBytes), [self = shared_from_this()](const Error& error, size_t size) {
    self->lingered_bytes_ += size;
    if (error || self->lingered_bytes_ > kLingerBytesMax) return self->stream_.close();
    self->Linger();
  });
}

}  // namespace oarlock
