// The maps between a code and its number, errno, gRPC name, HTTP status and Go name, all made from codes.def.
// Thread-safe: everything here is constant.
#ifndef OARLOCK_BASE_CODES_H_
#define OARLOCK_BASE_CODES_H_

#include <optional>
#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace oarlock {

struct CodeRow {
  absl::StatusCode code;
  std::string_view name;
  int error_number;  // errno; 0 for OK
  std::string_view grpc;
  int http;
  std::string_view go;
};

std::span<const CodeRow> CodeRows();
// The row of `code`; a code that is no canonical one gets the row of UNKNOWN.
const CodeRow& RowOf(absl::StatusCode code);
// Canonical code of a number that came over a C border or a wire; UNKNOWN if it is none.
absl::StatusCode CodeFromNumber(int number);
absl::StatusCode CodeFromErrno(int error_number);
absl::StatusCode CodeFromHttp(int status);
std::optional<absl::StatusCode> CodeFromName(std::string_view name);

}  // namespace oarlock

#endif  // OARLOCK_BASE_CODES_H_
