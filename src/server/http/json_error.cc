#include "server/http/json_error.h"

#include <string_view>

#include "base/codes.h"
#include "base/status.h"
#include "base/utf8.h"

namespace oarlock {

std::string JsonError(const absl::Status& status) {
  std::string_view message = MessageOf(status);
  if (message.empty()) message = RowOf(status.code()).name;
  std::string body = "{\"error\":\"";
  for (const char c : ValidUtf8(message)) {
    if (c == '"' || c == '\\') body += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      body += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      body += c;
    }
  }
  return body += "\"}";
}

}  // namespace oarlock
