#include "server/http/http_answer.h"

#include <new>
#include <optional>

#include "base/codes.h"
#include "base/status.h"
#include "server/http/json_error.h"

namespace oarlock {
namespace {

// Fits into a packet with its header: to compress it saves nobody anything.
constexpr size_t kEncodeBytesMin = 1024;

}  // namespace

HttpAnswer HttpAnswer::Error(const absl::Status& status) {
  HttpAnswer answer;
  answer.status = RowOf(status.code()).http;
  answer.code = status.code();
  answer.text = JsonError(status);
  if (status.code() == absl::StatusCode::kUnavailable) answer.headers.emplace_back("Retry-After", "1");
  if (status.code() == absl::StatusCode::kUnauthenticated) answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

HttpAnswer HttpAnswer::Error(int http_status, std::string_view text) {
  HttpAnswer answer = Error(MakeStatus(CodeFromHttp(http_status), text));
  answer.status = http_status;
  return answer;
}

size_t HttpAnswer::size_bytes() const {
  size_t size_bytes = text.size();
  for (const auto& part : binary) size_bytes += part.size();
  return size_bytes;
}

void HttpAnswer::Encode(ContentCoding coding) try {
  if (coding == ContentCoding::kIdentity || size_bytes() < kEncodeBytesMin) return;
  std::vector<std::span<const std::byte>> parts = {std::as_bytes(std::span(text))};
  parts.insert(parts.end(), binary.begin(), binary.end());
  headers.emplace_back("Vary", "Accept-Encoding");
  std::optional<std::string> encoded = EncodeBody(coding, parts);
  if (!encoded.has_value()) return;
  headers.emplace_back("Content-Encoding", NameOf(coding));
  text = *std::move(encoded);
  binary.clear();
  keep.reset();
} catch (const std::bad_alloc&) {
  // Without the memory to compress it, the answer goes as it is.
}

}  // namespace oarlock
