// The body of POST /v2/models/M/infer: JSON, binary tensor data after it, or one raw tensor. Bytes in, struct out.
// Follows Triton where KServe v2 leaves room: unknown keys and custom parameters are ignored, the rest is strict.
//   OAR_ASSIGN_OR_RETURN(auto request, ParseInferRequest(body, json_size_bytes, limits));
// Thread rule: pure functions; any thread.
// Ownership: views of binary inputs point into the body, which must outlive the result; JSON inputs own their memory.
#ifndef OARLOCK_SERVER_HTTP_INFER_REQUEST_PARSER_H_
#define OARLOCK_SERVER_HTTP_INFER_REQUEST_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "tensor/tensor.h"

namespace oarlock {

// A body's allocation must go on for this many bytes after its end: the JSON parser reads in blocks.
inline constexpr size_t kBodyPaddingBytes = 64;

struct ParsedInput {
  std::string name;
  TensorView view;                // whole: its bytes are what dtype and shape ask for. May lie unaligned.
  std::shared_ptr<Buffer> owned;  // null if the view points into the body
};

struct ParsedOutput {
  std::string name;
  std::optional<bool> binary_data;  // unset: as binary_data_output says
  int64_t classification = 0;       // > 0: the so many best classes instead of the tensor
};

struct ParsedInferRequest {
  std::string id;
  bool binary_data_output = false;
  int64_t timeout_us = 0;  // 0: none
  int64_t priority = 0;    // 0: the default, 1: the highest
  std::vector<ParsedInput> inputs;
  std::vector<ParsedOutput> outputs;  // empty: all
};

// `json_size_bytes` is what Inference-Header-Content-Length says, or the body's size without that header.
absl::StatusOr<ParsedInferRequest> ParseInferRequest(std::span<const std::byte> body, size_t json_size_bytes,
                                                     const Limits& limits);

// Inference-Header-Content-Length: 0, the body is the model's only input. One dim may be dynamic and follows from the
// size; if dim 0 is dynamic besides another, it is 1. A BYTES input gets the body as its one element.
absl::StatusOr<ParsedInferRequest> ParseRawInferRequest(std::span<const std::byte> body, std::string_view input_name,
                                                        DType dtype, const Shape& port_shape, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_INFER_REQUEST_PARSER_H_
