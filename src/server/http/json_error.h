// The body of an answer that is an error. Thread rule: a pure function; any thread.
#ifndef OARLOCK_SERVER_HTTP_JSON_ERROR_H_
#define OARLOCK_SERVER_HTTP_JSON_ERROR_H_

#include <string>

#include "absl/status/status.h"

namespace oarlock {

// {"error":"text"}. Always valid JSON: bytes that are not UTF-8 become U+FFFD. Never an empty text, which clients take
// for an error of their own: without a message it is the code's name.
std::string JsonError(const absl::Status& status);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_JSON_ERROR_H_
