#include "server/protocol/settings.h"

#include <algorithm>

#include "base/status.h"

namespace oarlock {
namespace {

absl::Status NamesAFile(std::string_view name) {
  return Unimplemented("'{}' cannot be set over a network: nothing that comes from there names a file", name);
}

}  // namespace

std::vector<TraceSetting> TraceSettings() {
  return {{"trace_file", false, {""}},
          {"trace_level", true, {"OFF"}},
          {"trace_rate", false, {"1000"}},
          {"trace_count", false, {"-1"}},
          {"log_frequency", false, {"0"}}};
}

absl::Status SetTrace(std::string_view name, std::span<const std::string> values) {
  const std::vector<TraceSetting> settings = TraceSettings();
  const auto setting =
      std::find_if(settings.begin(), settings.end(), [name](const TraceSetting& each) { return each.name == name; });
  if (setting == settings.end()) return InvalidArgument("there is no trace setting '{}'", Printable(name));
  if (name == "trace_file") return NamesAFile(name);
  if (values.empty() || std::equal(values.begin(), values.end(), setting->values.begin(), setting->values.end())) {
    return absl::OkStatus();
  }
  return Unimplemented("'{}' cannot be changed: there are no traces here", name);
}

std::vector<LogSetting> LogSettings() {
  return {{"log_file", std::string()},
          {"log_info", true},
          {"log_warning", true},
          {"log_error", true},
          {"log_verbose_level", int64_t{0}},
          {"log_format", std::string("default")}};
}

absl::Status SetLog(std::string_view name, const LogValue& value) {
  const std::vector<LogSetting> settings = LogSettings();
  const auto setting =
      std::find_if(settings.begin(), settings.end(), [name](const LogSetting& each) { return each.name == name; });
  if (setting == settings.end()) return InvalidArgument("there is no log setting '{}'", Printable(name));
  if (name == "log_file") return NamesAFile(name);
  if (value == setting->value) return absl::OkStatus();
  return Unimplemented("'{}' cannot be changed: what is logged is up to the program that runs the server", name);
}

}  // namespace oarlock
