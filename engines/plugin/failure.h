// No exception leaves a plugin: Guard turns each into a code and one line of text.
#ifndef OARLOCK_ENGINES_PLUGIN_FAILURE_H_
#define OARLOCK_ENGINES_PLUGIN_FAILURE_H_

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "oarlock/engine.h"

namespace oarlock::plugin {

// The canonical codes that engines give.
enum class Code : int32_t {
  kOk = 0,
  kCancelled = 1,
  kInvalidArgument = 3,
  kResourceExhausted = 8,
  kFailedPrecondition = 9,
  kUnimplemented = 12,
  kInternal = 13,
};

class Failure : public std::exception {
 public:
  Failure(Code code, std::string text) : code_(code), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }
  Code code() const { return code_; }

 private:
  Code code_;
  std::string text_;
};

// Into the host's buffer (may be null), cut to its size between two characters.
void Write(std::string_view text, oar_engine_error* error) noexcept;

// For a catch block: writes the exception under way into `error` and returns its code; INTERNAL for one that is neither
// a Failure nor a lack of memory.
int32_t Report(oar_engine_error* error) noexcept;

// An engine with exceptions of its own gives its own `report`.
template <int32_t (*report)(oar_engine_error*) noexcept = Report, typename Body>
int32_t Guard(oar_engine_error* error, Body body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    return report(error);
  }
}

}  // namespace oarlock::plugin

#endif  // OARLOCK_ENGINES_PLUGIN_FAILURE_H_
