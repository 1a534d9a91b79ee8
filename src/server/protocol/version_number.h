// The number of a version, as clients write it in a path, a header or a message. Pure; any thread.
#ifndef OARLOCK_SERVER_PROTOCOL_VERSION_NUMBER_H_
#define OARLOCK_SERVER_PROTOCOL_VERSION_NUMBER_H_

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace oarlock {

// None unless all of it is a number from 1 to 2^64-1.
inline std::optional<uint64_t> ParseVersionNumber(std::string_view text) {
  uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size() || version == 0) return std::nullopt;
  return version;
}

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_VERSION_NUMBER_H_
