#include "pipeline/vocabulary.h"

#include <cstdint>

#include "base/status.h"
#include "base/utf8.h"

namespace oarlock {

absl::StatusOr<std::vector<std::string>> SplitCharset(std::string_view utf8) {
  std::vector<std::string> characters;
  for (size_t offset = 0; offset < utf8.size();) {
    const size_t size = CodePointBytes(utf8.substr(offset));
    if (size == 0) {
      return InvalidArgument("the charset is not UTF-8: byte 0x{:02x} at offset {}", static_cast<uint8_t>(utf8[offset]),
                             offset);
    }
    characters.emplace_back(utf8.substr(offset, size));
    offset += size;
  }
  return characters;
}

absl::StatusOr<std::vector<std::string>> ParseLabels(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<std::string> labels;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    for (size_t offset = 0; offset < line.size();) {
      const size_t size = CodePointBytes(line.substr(offset));
      if (size == 0) return InvalidArgument("line {} of the labels is not UTF-8", labels.size() + 1);
      offset += size;
    }
    labels.emplace_back(line);
  }
  return labels;
}

}  // namespace oarlock
