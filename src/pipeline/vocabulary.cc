#include "pipeline/vocabulary.h"

#include <cstdint>

#include "base/status.h"

namespace oarlock {
namespace {

// Bytes of the code point that `text` begins with; 0 if it begins with none. Overlong forms, surrogates and numbers
// above U+10FFFF are none.
size_t CodePointSize(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  if (byte(0) < 0x80) return 1;
  const size_t size = byte(0) < 0xC2 ? 0 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : byte(0) < 0xF5 ? 4 : 0;
  if (size == 0 || size > text.size()) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (byte(0) == 0xE0 && byte(1) < 0xA0) return 0;
  if (byte(0) == 0xED && byte(1) > 0x9F) return 0;
  if (byte(0) == 0xF0 && byte(1) < 0x90) return 0;
  if (byte(0) == 0xF4 && byte(1) > 0x8F) return 0;
  return size;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitCharset(std::string_view utf8) {
  std::vector<std::string> characters;
  for (size_t offset = 0; offset < utf8.size();) {
    const size_t size = CodePointSize(utf8.substr(offset));
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
      const size_t size = CodePointSize(line.substr(offset));
      if (size == 0) return InvalidArgument("line {} of the labels is not UTF-8", labels.size() + 1);
      offset += size;
    }
    labels.emplace_back(line);
  }
  return labels;
}

}  // namespace oarlock
