// Making absl::Status with fmt: `return InvalidArgument("input '{}' is missing", name);`
// Messages say what was wrong, with the name and the value, and what would be right.
#ifndef OARLOCK_BASE_STATUS_H_
#define OARLOCK_BASE_STATUS_H_

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace oarlock {

// Debian's Abseil has a string_view of its own.
inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}
inline absl::Status MakeStatus(absl::StatusCode code, std::string_view text) { return {code, ToAbsl(text)}; }

// Cuts a value from outside down to what fits a message, and replaces what a terminal or a log would act on.
std::string Printable(std::string_view value, size_t size_max = 120);

// "12 cannot open 'x': No such file" style text for an errno.
absl::Status ErrnoStatus(int error_number, std::string_view what);

// The same status, payloads too, with `prefix` and a colon before its message.
absl::Status Annotate(const absl::Status& status, std::string_view prefix);

#define OAR_STATUS_MAKER(name, code)                                           \
  template <typename... Args>                                                  \
  absl::Status name(fmt::format_string<Args...> format, Args&&... args) {      \
    return MakeStatus(code, fmt::format(format, std::forward<Args>(args)...)); \
  }
OAR_STATUS_MAKER(Cancelled, absl::StatusCode::kCancelled)
OAR_STATUS_MAKER(InvalidArgument, absl::StatusCode::kInvalidArgument)
OAR_STATUS_MAKER(DeadlineExceeded, absl::StatusCode::kDeadlineExceeded)
OAR_STATUS_MAKER(NotFound, absl::StatusCode::kNotFound)
OAR_STATUS_MAKER(AlreadyExists, absl::StatusCode::kAlreadyExists)
OAR_STATUS_MAKER(PermissionDenied, absl::StatusCode::kPermissionDenied)
OAR_STATUS_MAKER(ResourceExhausted, absl::StatusCode::kResourceExhausted)
OAR_STATUS_MAKER(FailedPrecondition, absl::StatusCode::kFailedPrecondition)
OAR_STATUS_MAKER(OutOfRange, absl::StatusCode::kOutOfRange)
OAR_STATUS_MAKER(Unimplemented, absl::StatusCode::kUnimplemented)
OAR_STATUS_MAKER(Internal, absl::StatusCode::kInternal)
OAR_STATUS_MAKER(Unavailable, absl::StatusCode::kUnavailable)
OAR_STATUS_MAKER(DataLoss, absl::StatusCode::kDataLoss)
#undef OAR_STATUS_MAKER

#define OAR_CONCAT_INNER(a, b) a##b
#define OAR_CONCAT(a, b) OAR_CONCAT_INNER(a, b)

// Leaves the function with the status if it is an error.
#define OAR_RETURN_IF_ERROR(expression) OAR_RETURN_IF_ERROR_INNER(OAR_CONCAT(oar_status_, __LINE__), expression)
#define OAR_RETURN_IF_ERROR_INNER(status, expression)                    \
  do {                                                                   \
    if (absl::Status status = (expression); !status.ok()) return status; \
  } while (false)

// OAR_ASSIGN_OR_RETURN(auto value, MakeValue());
#define OAR_ASSIGN_OR_RETURN(declaration, expression) \
  OAR_ASSIGN_OR_RETURN_INNER(OAR_CONCAT(oar_result_, __LINE__), declaration, expression)
#define OAR_ASSIGN_OR_RETURN_INNER(result, declaration, expression) \
  auto result = (expression);                                       \
  if (!result.ok()) return std::move(result).status();              \
  declaration = *std::move(result)

}  // namespace oarlock

#endif  // OARLOCK_BASE_STATUS_H_
