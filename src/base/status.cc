#include "base/status.h"

#include <system_error>

#include "absl/strings/cord.h"
#include "base/codes.h"

namespace oarlock {

std::string Printable(std::string_view value, size_t size_max) {
  const bool cut = value.size() > size_max;
  std::string text(value.substr(0, size_max));
  // Never end inside a UTF-8 sequence.
  if (cut) {
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80) text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (cut) text += "...";
  return text;
}

absl::Status ErrnoStatus(int error_number, std::string_view what) {
  return MakeStatus(CodeFromErrno(error_number),
                    fmt::format("{}: {}", what, std::generic_category().message(error_number)));
}

absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  absl::Status annotated = MakeStatus(status.code(), fmt::format("{}: {}", prefix, MessageOf(status)));
  status.ForEachPayload(
      [&annotated](absl::string_view url, const absl::Cord& payload) { annotated.SetPayload(url, payload); });
  return annotated;
}

}  // namespace oarlock
