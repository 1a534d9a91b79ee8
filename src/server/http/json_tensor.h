// The values of a tensor written in JSON, flat or nested, in row-major order.
// Thread rule: a pure function; any thread. Ownership: the buffer is new.
#ifndef OARLOCK_SERVER_HTTP_JSON_TENSOR_H_
#define OARLOCK_SERVER_HTTP_JSON_TENSOR_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/http/json_reader.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace oarlock {

// Packs the values of `text`, a JSON array that kJsonPaddingBytes follow. Nesting need not match the shape; the number
// of values must. Takes no more memory than a small multiple of the text, whatever the shape claims. Errors name the
// element and its value, not the tensor.
absl::StatusOr<std::shared_ptr<Buffer>> ReadJsonTensor(std::string_view text, DType dtype, const Shape& shape,
                                                       int64_t depth_max);
// The same of a value of a document that is being read, of `document_bytes`: without a second look at the text.
absl::StatusOr<std::shared_ptr<Buffer>> ReadJsonTensor(JsonValue value, size_t document_bytes, DType dtype,
                                                       const Shape& shape);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_JSON_TENSOR_H_
