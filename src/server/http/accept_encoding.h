// What Content-Encoding and Accept-Encoding say (RFC 9110, 8.4 and 12.5.3).
// Thread rule: pure functions; any thread.
#ifndef OARLOCK_SERVER_HTTP_ACCEPT_ENCODING_H_
#define OARLOCK_SERVER_HTTP_ACCEPT_ENCODING_H_

#include <optional>
#include <string_view>

#include "server/http/content_coding.h"

namespace oarlock {

// What a 415 names in its Accept-Encoding.
inline constexpr std::string_view kCodingsRead = "gzip, x-gzip, deflate, identity";

// Of a Content-Encoding. Nothing for codings that are not read, and for more than one.
std::optional<ContentCoding> CodingFromName(std::string_view name);

// Of an Accept-Encoding, for an answer: the one with the highest q; between equals identity, then gzip. What the client
// excludes (q=0) is never chosen, unless it excludes everything: then the answer goes as it is.
ContentCoding ChooseCoding(std::string_view accept_encoding);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_ACCEPT_ENCODING_H_
