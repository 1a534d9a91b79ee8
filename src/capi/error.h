// Errors as C sees them: a code, and an object with a text that the caller frees. Thread-safe; nothing is kept between
// calls.
#ifndef OARLOCK_CAPI_ERROR_H_
#define OARLOCK_CAPI_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "oarlock/oarlock.h"

struct oar_error {
  oar_code code;
  std::string message;
};

namespace oarlock::capi {

oar_code CodeOf(const absl::Status& status);
// Null for OK. There is always an error to be had, also without memory for one.
oar_error* NewError(const absl::Status& status) noexcept;
void FreeError(oar_error* error) noexcept;

// The code; and the error too if `error` is not null.
oar_code Report(const absl::Status& status, oar_error** error) noexcept;
// Of the exception that is being handled.
oar_code ReportException(const char* function, oar_error** error) noexcept;
oar_code ReportFork(oar_error** error) noexcept;

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_ERROR_H_
