#include "capi/error.h"

#include <algorithm>
#include <array>
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

// For when there is no memory for an error: one of each code. The text fits a string's own room, so that making it
// takes none.
constexpr size_t kCodes = OAR_UNAUTHENTICATED + 1;
std::array<oar_error, kCodes>& KeptErrors() {
  static std::array<oar_error, kCodes> errors = [] {
    std::array<oar_error, kCodes> made;
    for (size_t i = 0; i < kCodes; ++i) made[i] = {static_cast<oar_code>(i), "out of memory"};
    return made;
  }();
  return errors;
}

oar_error* WithoutMemory(oar_code code) { return &KeptErrors()[static_cast<size_t>(code)]; }

oar_error* OutOfMemory() { return WithoutMemory(OAR_RESOURCE_EXHAUSTED); }

}  // namespace

oar_code CodeOf(const absl::Status& status) {
  return static_cast<oar_code>(CodeFromNumber(static_cast<int>(status.code())));
}

oar_error* NewError(const absl::Status& status) noexcept {
  if (status.ok()) return nullptr;
  const oar_code code = CodeOf(status);
  // A status without a text is one that there was no memory for.
  if (MessageOf(status).empty()) return WithoutMemory(code);
  try {
    return new oar_error{code, std::string(MessageOf(status))};
  } catch (const std::bad_alloc&) {
    return WithoutMemory(code);
  }
}

void FreeError(oar_error* error) noexcept {
  const auto& kept = KeptErrors();
  if (std::none_of(kept.begin(), kept.end(), [error](const oar_error& each) { return &each == error; })) delete error;
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
    if (error != nullptr) *error = WithoutMemory(OAR_FAILED_PRECONDITION);
    return OAR_FAILED_PRECONDITION;
  }
}

}  // namespace oarlock::capi
