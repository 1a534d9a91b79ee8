#include "server/grpc/message_version.h"

#include "base/status.h"
#include "server/protocol/version_number.h"

namespace oarlock {

absl::StatusOr<std::optional<uint64_t>> ParseMessageVersion(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (const auto version = ParseVersionNumber(text)) return version;
  return InvalidArgument("version '{}'; a version is a number from 1 to 2^64-1, or empty", Printable(text));
}

}  // namespace oarlock
