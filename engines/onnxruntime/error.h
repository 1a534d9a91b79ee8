// ONNX Runtime's statuses as Failures.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_ERROR_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_ERROR_H_

#include <onnxruntime_c_api.h>

#include <string>
#include <string_view>

#include "../plugin/failure.h"

namespace oarlock::onnxruntime {

// Its text as one line, without the places in its own sources.
std::string OneLine(std::string_view text);

// What went wrong, taken out of a status, which is freed.
struct Problem {
  OrtErrorCode code;
  std::string text;
};
Problem Take(OrtStatus* status);

// Throws if there is a status: UNIMPLEMENTED where ONNX Runtime says so, else `otherwise`; `what` stands before its
// text.
void Check(OrtStatus* status, plugin::Code otherwise = plugin::Code::kInternal, std::string_view what = "");
[[noreturn]] void Throw(const Problem& problem, plugin::Code otherwise, std::string_view what);

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_ERROR_H_
