// The addresses that a benchmark asks: http://HOST:PORT/PATH, or grpc://HOST:PORT/v2/models/NAME, no more. Pure.
#ifndef OARLOCK_BENCH_SERVER_URL_H_
#define OARLOCK_BENCH_SERVER_URL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace oarlock {

struct ServerUrl {
  std::string scheme;  // "http", or "grpc" for gRPC in the clear
  std::string host;    // a name or an address, without brackets
  std::string port = "80";
  std::string path;  // begins with '/', without one at the end; empty = none
  std::string text() const;
  std::string authority() const;  // "HOST:PORT", with brackets around an address of IPv6
};
// INVALID_ARGUMENT for another scheme, a query, or a user.
absl::StatusOr<ServerUrl> ParseServerUrl(std::string_view text);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_SERVER_URL_H_
