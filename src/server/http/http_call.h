// One request as the handler sees it: what its head says, and its whole body. A plain value.
#ifndef OARLOCK_SERVER_HTTP_HTTP_CALL_H_
#define OARLOCK_SERVER_HTTP_HTTP_CALL_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "server/http/body.h"
#include "server/http/content_coding.h"
#include "server/protocol/access.h"

namespace oarlock {

struct HttpCall {
  std::string method;
  std::string target;                        // in origin form: "/v2?x=y"
  std::optional<std::string> json_size;      // Inference-Header-Content-Length as it was sent; see JsonSizeBytes()
  std::optional<std::string> model_version;  // x-model-version
  std::optional<std::string> sticky_key;     // x-sticky-key: requests of one key get one version
  Credentials credentials;
  bool is_admitted = false;                // HttpHandler::Admit() has let it in
  std::string_view client;                 // the connection's: "192.0.2.7:41234"; empty if it was gone already
  std::string request_id;                  // x-request-id, if that is short and printable
  std::string ce_id;                       // Ce-Id, likewise
  std::optional<std::string> traceparent;  // as it was sent
  ContentCoding answer_coding = ContentCoding::kIdentity;
  Body body;  // not compressed

  // x-server-timing: the client asks where the time goes, and is told in Server-Timing.
  bool wants_timing = false;
  struct Timing {
    std::chrono::nanoseconds receive{0};    // first byte to last
    std::chrono::nanoseconds last_send{0};  // of the answer before on this connection; this one's is not known yet
  } timing;

  // How much of a body of `body_size_bytes` is JSON: all without that header. INVALID_ARGUMENT if it says anything but
  // a number up to that.
  absl::StatusOr<size_t> JsonSizeBytes(size_t body_size_bytes) const;
  // The same before the body is known, to lay it out; 0 if there is no telling.
  size_t JsonSizeHint() const;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_HTTP_CALL_H_
