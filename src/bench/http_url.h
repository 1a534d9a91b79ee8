// The addresses that a benchmark asks: http://HOST:PORT/PATH, no more. Pure.
#ifndef OARLOCK_BENCH_HTTP_URL_H_
#define OARLOCK_BENCH_HTTP_URL_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace oarlock {

struct HttpUrl {
  std::string host;  // a name or an address, without brackets
  std::string port = "80";
  std::string path;  // begins with '/', without one at the end; empty = none
  std::string text() const;
};
// INVALID_ARGUMENT for another scheme, a query, or a user.
absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text);

}  // namespace oarlock

#endif  // OARLOCK_BENCH_HTTP_URL_H_
