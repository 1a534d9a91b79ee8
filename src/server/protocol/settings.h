// The extensions trace and logging: what their settings are can be asked. There are no traces, and what is logged goes
// where the program that runs the server says; so a setting can be given the value that it has, and no other. What
// would name a file is refused whatever its value. Pure; any thread.
#ifndef OARLOCK_SERVER_PROTOCOL_SETTINGS_H_
#define OARLOCK_SERVER_PROTOCOL_SETTINGS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"

namespace oarlock {

struct TraceSetting {
  std::string_view name;
  bool is_list = false;  // else exactly one value, as text whatever it means
  std::vector<std::string> values;
};

// More than any setting has.
inline constexpr size_t kTraceValuesMax = 8;

std::vector<TraceSetting> TraceSettings();
// Without values: as it is by default. INVALID_ARGUMENT for an unknown name, UNIMPLEMENTED for any change.
absl::Status SetTrace(std::string_view name, std::span<const std::string> values);

using LogValue = std::variant<bool, int64_t, std::string>;
struct LogSetting {
  std::string_view name;
  LogValue value;
};

std::vector<LogSetting> LogSettings();
absl::Status SetLog(std::string_view name, const LogValue& value);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_SETTINGS_H_
