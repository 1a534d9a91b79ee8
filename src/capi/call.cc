#include "capi/call.h"

namespace oarlock::capi {

absl::Status IsNull(const char* name) { return InvalidArgument("'{}' is NULL; it must point to something", name); }

absl::Status IsNullWithCount(const char* name, size_t count) {
  return InvalidArgument("'{}' is NULL, with a size of {}; NULL is for a size of 0", name, count);
}

absl::Status IsNegative(const char* name, int64_t count) {
  return InvalidArgument("the size of '{}' is {}; it must be >= 0", name, count);
}

absl::Status HasStructSize(const char* name, size_t found, size_t wanted) {
  return InvalidArgument("struct_size of '{}' is {}; set it to sizeof the struct, which is {} here", name, found,
                         wanted);
}

absl::Status IsFromTheFuture(const char* name, size_t found, size_t known) {
  return InvalidArgument(
      "'{}' has {} bytes and sets fields that this library, which knows {}, has not; install the version whose header "
      "was compiled in",
      name, found, known);
}

absl::Status IsNoValue(int64_t value, const char* name, const char* type) {
  return InvalidArgument("'{}' is {}, which is no {}", name, value, type);
}

}  // namespace oarlock::capi
