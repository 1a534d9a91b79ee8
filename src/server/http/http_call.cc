#include "server/http/http_call.h"

#include <charconv>
#include <limits>

#include "base/status.h"

namespace oarlock {

absl::StatusOr<size_t> HttpCall::JsonSizeBytes(size_t body_size_bytes) const {
  if (!json_size.has_value()) return body_size_bytes;
  size_t size = 0;
  const char* const last = json_size->data() + json_size->size();
  const auto [end, error] = std::from_chars(json_size->data(), last, size);
  if (error == std::errc() && end == last && size <= body_size_bytes) return size;
  return InvalidArgument("Inference-Header-Content-Length is '{}'; it must be a number from 0 to the body's {} bytes",
                         Printable(*json_size), body_size_bytes);
}

size_t HttpCall::JsonSizeHint() const {
  return json_size.has_value() ? JsonSizeBytes(std::numeric_limits<size_t>::max()).value_or(0) : 0;
}

}  // namespace oarlock
