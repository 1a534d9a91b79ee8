// The body of POST /v2/models/M/infer: JSON, binary tensor data after it, or one raw tensor. Bytes in, struct out.
// Follows Triton where KServe v2 leaves room: unknown keys and custom parameters are ignored, the rest is strict.
//   OAR_ASSIGN_OR_RETURN(auto request, ParseInferRequest(body, json_size_bytes, limits));
// Thread rule: pure functions; any thread.
// Ownership: views of binary inputs point into the body, which must outlive the result; JSON inputs own their memory.
#ifndef OARLOCK_SERVER_HTTP_INFER_REQUEST_PARSER_H_
#define OARLOCK_SERVER_HTTP_INFER_REQUEST_PARSER_H_

#include <cstddef>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "server/protocol/infer_request.h"

namespace oarlock {

// A body's allocation must go on for this many bytes after its end: the JSON parser reads in blocks.
inline constexpr size_t kBodyPaddingBytes = 64;

// `json_size_bytes` is what Inference-Header-Content-Length says, or the body's size without that header.
absl::StatusOr<ParsedInferRequest> ParseInferRequest(std::span<const std::byte> body, size_t json_size_bytes,
                                                     const Limits& limits);

// Inference-Header-Content-Length: 0, the body is the model's only input. One dim may be dynamic and follows from the
// size; if dim 0 is dynamic besides another, it is 1. A BYTES input gets the body as its one element.
absl::StatusOr<ParsedInferRequest> ParseRawInferRequest(std::span<const std::byte> body, std::string_view input_name,
                                                        DType dtype, const Shape& port_shape, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_INFER_REQUEST_PARSER_H_
