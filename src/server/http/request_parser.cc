#include "server/http/request_parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "base/status.h"
#include "server/http/accept_encoding.h"

namespace oarlock {
namespace {

namespace http = boost::beast::http;

bool Same(std::string_view a, std::string_view b) { return absl::EqualsIgnoreCase(ToAbsl(a), ToAbsl(b)); }

// A field that comes again goes on after a comma (RFC 9110, 5.3). For those that take one value, that makes two of them
// seen as such.
void Join(std::optional<std::string>* field, std::string_view value) {
  if (!field->has_value()) {
    field->emplace(value);
    return;
  }
  **field += ", ";
  **field += value;
}

// Beast joins a value that goes on in a next line ("obs-fold"), as servers once had to. RFC 9112, 5.2: refuse it. Such
// a value does not stand right behind its name.
bool IsFolded(boost::beast::string_view name, boost::beast::string_view value) {
  const char* at = name.data() + name.size() + 1;
  while (*at == ' ' || *at == '\t') ++at;
  return at != value.data();
}

// uri-host [":" port]: whatever else a name may be, these are no part of it.
bool IsHost(std::string_view text) { return text.find_first_of(" \t,/\\?#@\"<>{}|^`") == std::string_view::npos; }

}  // namespace

RequestParser::RequestParser(const Limits& limits) : limits_(limits) {
  header_limit(static_cast<std::uint32_t>(limits.http_header_bytes_max));
  body_limit(boost::none);  // checked here, where the answer can say so
}

void RequestParser::Refuse(int status, std::string_view text) {
  if (!refusal_.has_value()) refusal_ = HttpAnswer::Error(status, text);
}

void RequestParser::on_request_impl(http::verb, Text method, Text target, int version, Error&) {
  version_ = version;
  call_.method = std::string(method);
  call_.target = std::string(target);
  head_bytes_ = method.size() + target.size();
}

void RequestParser::on_field_impl(Field field, Text name_text, Text value_text, Error& error) {
  // Beast's own limit is on what is not parsed yet, so fields that come bit by bit would never meet it.
  constexpr size_t kPunctuationBytes = 4;  // ": " and the end of the line
  head_bytes_ += name_text.size() + value_text.size() + kPunctuationBytes;
  if (std::cmp_greater(head_bytes_, limits_.http_header_bytes_max)) {
    error = http::error::header_limit;
    return;
  }
  const std::string_view name(name_text.data(), name_text.size());
  const std::string_view value(value_text.data(), value_text.size());
  if (IsFolded(name_text, value_text)) {
    Refuse(400, fmt::format("the header '{}' goes on in a second line; write it in one", Printable(name)));
  }
  if (has_head_) return;  // nobody needs trailers, and they must not pass for headers
  switch (field) {
    case Field::host:
      ++host_count_;
      if (!IsHost(value)) Refuse(400, fmt::format("Host is '{}'; it must be a name or an address", Printable(value)));
      return;
    case Field::content_length:
      ++length_count_;
      if (value.find(',') != std::string_view::npos) ++length_count_;
      return;
    case Field::transfer_encoding:
      return Join(&transfer_encoding_, value);
    case Field::content_encoding:
      return Join(&content_encoding_, value);
    case Field::accept_encoding:
      return Join(&accept_encoding_, value);
    case Field::authorization:
      return Join(&call_.credentials.authorization, value);
    case Field::expect:
      return Join(&expect_, value);
    case Field::unknown:
      return OnUnknownField(name, value);
    default:
      return;
  }
}

void RequestParser::OnUnknownField(std::string_view name, std::string_view value) {
  if (Same(name, "Inference-Header-Content-Length")) return Join(&call_.json_size, value);
  if (Same(name, "x-server-timing")) call_.wants_timing = value == "1";
  if (Same(name, "x-model-version")) return Join(&call_.model_version, value);
  if (Same(name, "x-api-key")) return Join(&call_.credentials.api_key, value);
  if (Same(name, "x-sticky-key")) return Join(&call_.sticky_key, value);
  if (Same(name, "x-request-id")) return TakeId(value, &request_id_);
  if (Same(name, "Ce-Id")) return TakeId(value, &ce_id_);
  if (Same(name, "traceparent")) return Join(&call_.traceparent, value);
}

void RequestParser::TakeId(std::string_view value, std::string* id) const {
  const bool printable = std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (printable && std::cmp_less_equal(value.size(), limits_.name_bytes_max)) *id = value;
}

void RequestParser::on_header_impl(Error&) {
  has_head_ = true;
  CheckFraming();
  CheckTarget();
  CheckBody();
  if (accept_encoding_.has_value()) call_.answer_coding = ChooseCoding(*accept_encoding_);
  if (expect_.has_value() && version_ >= 11) {
    expects_continue_ = Same(*expect_, "100-continue");
    if (!expects_continue_) {
      Refuse(417, fmt::format("Expect is '{}'; only 100-continue can be met", Printable(*expect_)));
    }
  }
}

// Where the request ends must be beyond doubt, or somebody in between sees other requests than we do.
void RequestParser::CheckFraming() {
  if (length_count_ > 1) return Refuse(400, "Content-Length is given twice; it must be one number");
  if (transfer_encoding_.has_value()) {
    if (length_count_ > 0) return Refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (version_ < 11) return Refuse(400, "HTTP/1.0 has no Transfer-Encoding; send Content-Length");
    if (!Same(*transfer_encoding_, "chunked")) {
      return Refuse(501,
                    fmt::format("Transfer-Encoding is '{}'; only chunked is read", Printable(*transfer_encoding_)));
    }
  }
  if (host_count_ > 1 || (host_count_ == 0 && version_ >= 11)) {
    Refuse(400, fmt::format("Host is given {} times; a request of HTTP/1.1 has one", host_count_));
  }
}

// "http://host/path", as a proxy gets it, means "/path" here.
void RequestParser::CheckTarget() {
  constexpr std::string_view kScheme = "http://";
  std::string& target = call_.target;
  if (!Same(std::string_view(target).substr(0, kScheme.size()), kScheme)) return;
  const size_t path = std::min(target.find_first_of("/?", kScheme.size()), target.size());
  const std::string_view host = std::string_view(target).substr(kScheme.size(), path - kScheme.size());
  if (host.empty() || !IsHost(host)) return Refuse(400, fmt::format("'{}' names no host", Printable(target)));
  target.erase(0, path);
  if (!target.starts_with('/')) target.insert(0, "/");
}

void RequestParser::CheckBody() {
  const auto size_bytes_max = static_cast<uint64_t>(limits_.http_body_bytes_max);
  if (const auto size = content_length(); size && *size > size_bytes_max) {
    return Refuse(413, fmt::format("the body has {} bytes; the limit is {}", *size, size_bytes_max));
  }
  if (!content_encoding_.has_value() || refusal_.has_value()) return;
  if (const auto coding = CodingFromName(*content_encoding_)) {
    body_coding_ = *coding;
    return;
  }
  Refuse(415, fmt::format("Content-Encoding '{}' is not read; it may be one of {}", Printable(*content_encoding_),
                          kCodingsRead));
  refusal_->headers.emplace_back("Accept-Encoding", kCodingsRead);
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) {
  // From here on Beast checks the sizes of chunks, before a byte of them is read.
  body_limit(static_cast<std::uint64_t>(limits_.http_body_bytes_max));
  const bool plain = body_coding_ == ContentCoding::kIdentity;
  call_.body = Body(plain ? call_.JsonSizeHint() : 0);
}

size_t RequestParser::on_body_impl(Text, Error& error) {
  error = http::error::need_buffer;  // a body of known size is read straight to where it stays
  return 0;
}

void RequestParser::on_chunk_header_impl(std::uint64_t, Text extensions, Error& error) {
  chunk_extension_bytes_ += extensions.size();
  if (std::cmp_less_equal(chunk_extension_bytes_, limits_.http_header_bytes_max)) return;
  Refuse(400, fmt::format("the extensions of the body's chunks have more than {} bytes, which is the limit",
                          limits_.http_header_bytes_max));
  error = http::error::bad_chunk_extension;
}

size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, Error& error) {
  const absl::Status status = call_.body.Append(std::as_bytes(std::span(bytes.data(), bytes.size())),
                                                static_cast<size_t>(limits_.http_body_bytes_max));
  if (status.ok()) return bytes.size();
  if (!refusal_.has_value()) refusal_ = HttpAnswer::Error(status);
  error = http::error::body_limit;
  return 0;
}

}  // namespace oarlock
