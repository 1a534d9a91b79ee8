#include "base/codes.h"

#include <cerrno>

namespace oarlock {
namespace {

constexpr CodeRow kCodeRows[] = {
#define OAR_CODE(name, number, error_number, grpc, http, go) \
  {static_cast<absl::StatusCode>(number), #name, error_number, #grpc, http, go},
#include "base/codes.def"
#undef OAR_CODE
};

}  // namespace

std::span<const CodeRow> CodeRows() { return kCodeRows; }

const CodeRow& RowOf(absl::StatusCode code) {
  const auto number = static_cast<size_t>(code);
  return number < std::size(kCodeRows) ? kCodeRows[number] : kCodeRows[static_cast<size_t>(absl::StatusCode::kUnknown)];
}

absl::StatusCode CodeFromNumber(int number) {
  return number >= 0 && static_cast<size_t>(number) < std::size(kCodeRows) ? static_cast<absl::StatusCode>(number)
                                                                           : absl::StatusCode::kUnknown;
}

absl::StatusCode CodeFromErrno(int error_number) {
  for (const CodeRow& row : kCodeRows) {
    if (row.error_number == error_number) return row.code;
  }
  // Common numbers that share a meaning with a row of the table.
  switch (error_number) {
    case EISDIR:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return absl::StatusCode::kInvalidArgument;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT:
      return absl::StatusCode::kResourceExhausted;
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case EADDRINUSE:
      return absl::StatusCode::kAlreadyExists;
    default:
      return absl::StatusCode::kUnknown;
  }
}

absl::StatusCode CodeFromHttp(int status) {
  for (const CodeRow& row : kCodeRows) {
    if (row.http == status) return row.code;
  }
  if (status >= 200 && status < 300) return absl::StatusCode::kOk;
  return status >= 400 && status < 500 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kUnknown;
}

std::optional<absl::StatusCode> CodeFromName(std::string_view name) {
  for (const CodeRow& row : kCodeRows) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

}  // namespace oarlock
