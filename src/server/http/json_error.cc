#include "server/http/json_error.h"

#include <simdjson.h>

#include <string_view>

#include "base/codes.h"
#include "base/status.h"

namespace oarlock {
namespace {

// Bytes of the longest prefix of `text`, at most 4, that is one character; 1 for plain ASCII, 0 if there is none.
size_t CharacterSize(std::string_view text) {
  for (size_t size = 1; size <= 4 && size <= text.size(); ++size) {
    if (simdjson::validate_utf8(text.data(), size)) return size;
  }
  return 0;
}

}  // namespace

std::string JsonError(const absl::Status& status) {
  std::string_view message = MessageOf(status);
  if (message.empty()) message = RowOf(status.code()).name;
  const bool utf8 = simdjson::validate_utf8(message.data(), message.size());
  std::string body = "{\"error\":\"";
  for (size_t i = 0; i < message.size();) {
    const char c = message[i];
    if (c == '"' || c == '\\') {
      body += '\\';
      body += c;
      ++i;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      body += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
      ++i;
    } else if (utf8 || static_cast<unsigned char>(c) < 0x80) {
      body += c;
      ++i;
    } else {
      const size_t size = CharacterSize(message.substr(i));
      body += size == 0 ? std::string_view("\xEF\xBF\xBD") : message.substr(i, size);
      i += size == 0 ? 1 : size;
    }
  }
  return body += "\"}";
}

}  // namespace oarlock
