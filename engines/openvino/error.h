// No exception leaves this plugin: Guard turns each into a code and one line of text.
#ifndef OARLOCK_ENGINES_OPENVINO_ERROR_H_
#define OARLOCK_ENGINES_OPENVINO_ERROR_H_

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "oarlock/engine.h"

namespace oarlock::openvino {

// The canonical codes that this plugin gives.
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

// OpenVINO's multi-line texts as one line, without the places in its own sources.
std::string OneLine(std::string_view text);

// What a reader of OpenVINO's threw while it converted a graph. UNIMPLEMENTED if an operator or a pass over the graph
// gave up, which a sound model can cause; else INVALID_ARGUMENT.
Failure ConversionFailure(const std::exception& e);

// For a catch block: writes the exception under way into `error` (may be null) and returns its code, `otherwise` where
// the exception itself does not tell.
int32_t Report(oar_engine_error* error, Code otherwise) noexcept;

template <typename Body>
int32_t Guard(oar_engine_error* error, Body body) noexcept {
  try {
    body();
    return 0;
  } catch (...) {
    return Report(error, Code::kInternal);
  }
}

// Runs `body`; an exception of OpenVINO's leaves as a Failure with `code` and `what` before its text.
template <typename Body>
auto Explained(Code code, std::string_view what, Body body) {
  try {
    return body();
  } catch (const Failure&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw Failure(code, std::string(what) + ": " + OneLine(e.what()));
  }
}

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_ERROR_H_
