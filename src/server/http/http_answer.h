// One answer before it is written: a status, headers, a text and after it the bytes of tensors. A plain value.
#ifndef OARLOCK_SERVER_HTTP_HTTP_ANSWER_H_
#define OARLOCK_SERVER_HTTP_HTTP_ANSWER_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "server/http/content_coding.h"

namespace oarlock {

struct HttpAnswer {
  int status = 200;
  absl::StatusCode code = absl::StatusCode::kOk;  // of an error
  std::string_view content_type = "application/json";
  std::vector<std::pair<std::string_view, std::string>> headers;
  std::string text;
  std::vector<std::span<const std::byte>> binary;  // written after `text`
  std::shared_ptr<const void> keep;                // what `binary` points into

  static HttpAnswer Error(const absl::Status& status);
  static HttpAnswer Error(int http_status, std::string_view text);

  size_t size_bytes() const;
  // Compresses text and binary, unless that would gain nothing. Inference-Header-Content-Length stays: it tells where
  // the JSON ends once the client has decompressed it.
  void Encode(ContentCoding coding);
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_HTTP_ANSWER_H_
