#include "capi/error.h"

#include <exception>
#include <new>

#include "base/codes.h"
#include "base/status.h"

namespace oarlock::capi {
namespace {

// The numbers of the header are those of the table that everything else is made from.
#define OAR_CODE(name, number, error_number, grpc, http, go) static_assert(OAR_##name == number);
#include "base/codes.def"
#undef OAR_CODE

// For when there is no memory for an error. Its text fits a string's own room, so that making it takes none.
oar_error* OutOfMemory() {
  static oar_error error{OAR_RESOURCE_EXHAUSTED, "out of memory"};
  return &error;
}

}  // namespace

oar_code CodeOf(const absl::Status& status) {
  return static_cast<oar_code>(CodeFromNumber(static_cast<int>(status.code())));
}

oar_error* NewError(const absl::Status& status) noexcept {
  if (status.ok()) return nullptr;
  try {
    return new oar_error{CodeOf(status), std::string(MessageOf(status))};
  } catch (const std::bad_alloc&) {
    return OutOfMemory();
  }
}

void FreeError(oar_error* error) noexcept {
  if (error != OutOfMemory()) delete error;
}

oar_code Report(const absl::Status& status, oar_error** error) noexcept {
  if (error != nullptr) *error = NewError(status);
  return CodeOf(status);
}

oar_code ReportException(const char* function, oar_error** error) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    if (error != nullptr) *error = OutOfMemory();
    return OAR_RESOURCE_EXHAUSTED;
  } catch (const std::exception& exception) {
    try {
      return Report(Internal("{}: {}", function, exception.what()), error);
    } catch (...) {
    }
  } catch (...) {
    try {
      return Report(Internal("{}: an exception of unknown type", function), error);
    } catch (...) {
    }
  }
  if (error != nullptr) *error = OutOfMemory();
  return OAR_RESOURCE_EXHAUSTED;
}

oar_code ReportFork(oar_error** error) noexcept {
  try {
    return Report(
        FailedPrecondition("this process was forked from one that had used oarlock, whose threads it does not "
                           "have; fork before the first use, or exec after the fork"),
        error);
  } catch (...) {
    if (error != nullptr) *error = OutOfMemory();
    return OAR_FAILED_PRECONDITION;
  }
}

}  // namespace oarlock::capi
