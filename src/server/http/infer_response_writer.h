// The body of an answer to /infer: a JSON header, and after it the bytes of the outputs that go out as binary.
// Thread rule: a pure function; any thread.
// Ownership: tensor bytes are not copied; the spans point where the views do, and must be written while those live.
#ifndef OARLOCK_SERVER_HTTP_INFER_RESPONSE_WRITER_H_
#define OARLOCK_SERVER_HTTP_INFER_RESPONSE_WRITER_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/protocol/infer_request.h"

namespace oarlock {

struct InferResponse {
  std::string_view model_name;
  std::string_view model_version;
  std::string_view id;  // empty: the key is left out
  std::span<const ResponseOutput> outputs;
};

struct WrittenInferResponse {
  std::string json;
  std::vector<std::span<const std::byte>> binary;  // in the order of the outputs; one per binary output, even if empty
  // Tells whether Inference-Header-Content-Length (json.size()) belongs in the answer.
  bool has_binary() const { return !binary.empty(); }
};

// INVALID_ARGUMENT, telling to ask for binary_data, if an output is to go out as JSON and cannot: FP16, BF16, NaN,
// infinities, BYTES that are not UTF-8. Floats are written with the fewest digits that read back to the same value.
absl::StatusOr<WrittenInferResponse> WriteInferResponse(const InferResponse& response);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_INFER_RESPONSE_WRITER_H_
