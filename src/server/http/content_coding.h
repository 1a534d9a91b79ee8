// Compressed bodies, both ways: gzip (RFC 1952) and deflate (zlib, RFC 1950), over zlib. Bytes in, bytes out.
//   OAR_ASSIGN_OR_RETURN(Body body, DecodeBody(ContentCoding::kGzip, received, size_bytes_max, json_size_bytes));
// Thread rule: pure functions; any thread. Ownership: results own their memory.
#ifndef OARLOCK_SERVER_HTTP_CONTENT_CODING_H_
#define OARLOCK_SERVER_HTTP_CONTENT_CODING_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/http/body.h"

namespace oarlock {

enum class ContentCoding { kIdentity, kGzip, kDeflate };

std::string_view NameOf(ContentCoding coding);

// The body that `encoded` stands for, laid out for `json_size_bytes` (body.h). Never takes memory for more than
// `size_bytes_max` of it: OUT_OF_RANGE if it is larger. INVALID_ARGUMENT if `encoded` is corrupt, ends too early, or
// goes on after its end. kDeflate also takes deflate without zlib's header (RFC 1951), as some clients send it.
absl::StatusOr<Body> DecodeBody(ContentCoding coding, std::span<const std::byte> encoded, size_t size_bytes_max,
                                size_t json_size_bytes);

// `parts` after one another, compressed. Nothing if that would not be smaller.
std::optional<std::string> EncodeBody(ContentCoding coding, std::span<const std::span<const std::byte>> parts);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_CONTENT_CODING_H_
