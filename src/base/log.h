// Lines for people: on a program's standard error, or wherever a host wants them.
#ifndef OARLOCK_BASE_LOG_H_
#define OARLOCK_BASE_LOG_H_

#include <functional>
#include <string_view>

namespace oarlock {

// How much a line matters. The numbers are those of oar_log_level.
enum class LogLevel {
  kInfo = 1,     // what changed
  kWarning = 2,  // what one should know and can go on with
  kError = 3,    // something that was asked for did not happen
};

// One line, without its end. Called on any thread; must not throw.
using LogFn = std::function<void(LogLevel level, std::string_view line)>;

}  // namespace oarlock

#endif  // OARLOCK_BASE_LOG_H_
