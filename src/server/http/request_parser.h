// One HTTP request: the bytes of its head, and of a chunked body, in; an HttpCall out. Beast knows the grammar; here is
// what RFC 9110 and 9112 leave to the server, and what its limits forbid. Knows no sockets.
//   RequestParser parser(limits);
//   parser.put(bytes, error);                // or http::async_read_header(), and async_read() for a chunked body
//   if (auto* answer = parser.refusal()) ... // what to answer instead, and close: the body was not read
//   HttpCall call = parser.TakeCall();
// Thread rule: one thread at a time. Ownership: copies what it keeps of the bytes.
#ifndef OARLOCK_SERVER_HTTP_REQUEST_PARSER_H_
#define OARLOCK_SERVER_HTTP_REQUEST_PARSER_H_

#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "server/http/http_answer.h"
#include "server/http/http_call.h"

namespace oarlock {

class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(const Limits& limits);

  // Once the head is done: what to answer if the request is not taken. Null if it is.
  HttpAnswer* refusal() { return refusal_.has_value() ? &*refusal_ : nullptr; }
  int version() const { return version_; }  // 10 or 11
  // x-request-id and Ce-Id, which come back on every answer.
  const std::string& request_id() const { return request_id_; }
  const std::string& ce_id() const { return ce_id_; }
  bool expects_continue() const { return expects_continue_; }
  ContentCoding body_coding() const { return body_coding_; }
  // What is known so far. The body is there if it is chunked, as it was sent.
  HttpCall& call() { return call_; }
  const HttpCall& call() const { return call_; }
  HttpCall TakeCall() {
    call_.request_id = request_id_;
    call_.ce_id = ce_id_;
    return std::move(call_);
  }

 private:
  using Error = boost::system::error_code;
  using Text = boost::beast::string_view;
  using Field = boost::beast::http::field;

  void on_request_impl(boost::beast::http::verb verb, Text method, Text target, int version, Error& error) override;
  void on_response_impl(int, Text, int, Error&) override {}
  void on_field_impl(Field field, Text name, Text value, Error& error) override;
  void on_header_impl(Error& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& size_bytes, Error& error) override;
  size_t on_body_impl(Text bytes, Error& error) override;
  void on_chunk_header_impl(std::uint64_t size_bytes, Text extensions, Error& error) override;
  size_t on_chunk_body_impl(std::uint64_t left_bytes, Text bytes, Error& error) override;
  void on_finish_impl(Error&) override {}

  // A name that somebody gave to the request; left alone if it is too long or cannot be printed.
  void TakeId(std::string_view value, std::string* id) const;
  void OnUnknownField(std::string_view name, std::string_view value);
  void CheckFraming();
  void CheckTarget();
  void CheckBody();
  // The first reason counts.
  void Refuse(int status, std::string_view text);

  const Limits& limits_;
  HttpCall call_;
  std::optional<HttpAnswer> refusal_;
  int version_ = 11;
  size_t head_bytes_ = 0;
  size_t chunk_extension_bytes_ = 0;
  bool has_head_ = false;  // what follows are fields of the trailer
  int host_count_ = 0;
  int length_count_ = 0;
  std::optional<std::string> transfer_encoding_;
  std::optional<std::string> content_encoding_;
  std::optional<std::string> accept_encoding_;
  std::optional<std::string> expect_;
  std::string request_id_;
  std::string ce_id_;
  bool expects_continue_ = false;
  ContentCoding body_coding_ = ContentCoding::kIdentity;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_REQUEST_PARSER_H_
