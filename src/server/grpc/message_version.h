// A version as messages have it. Pure; any thread.
#ifndef OARLOCK_SERVER_GRPC_MESSAGE_VERSION_H_
#define OARLOCK_SERVER_GRPC_MESSAGE_VERSION_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"

namespace oarlock {

// None for an empty text: the server's choice. INVALID_ARGUMENT for anything but a number above 0.
absl::StatusOr<std::optional<uint64_t>> ParseMessageVersion(std::string_view text);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_MESSAGE_VERSION_H_
