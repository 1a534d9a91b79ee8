#include "server/grpc/message_version.h"

#include <charconv>

#include "base/status.h"

namespace oarlock {

absl::StatusOr<std::optional<uint64_t>> ParseMessageVersion(std::string_view text) {
  if (text.empty()) return std::nullopt;
  uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error == std::errc() && end == text.data() + text.size() && version > 0) return version;
  return InvalidArgument("version '{}'; a version is a number from 1 to 2^64-1, or empty", Printable(text));
}

}  // namespace oarlock
