#include "bench/server_url.h"

#include <charconv>

#include "base/status.h"

namespace oarlock {

std::string ServerUrl::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

std::string ServerUrl::text() const { return fmt::format("{}://{}{}", scheme, authority(), path); }

absl::StatusOr<ServerUrl> ParseServerUrl(std::string_view text) {
  const absl::Status error = InvalidArgument(
      "'{}' is no address of a model on a server; write http://HOST:PORT/v2/models/NAME, or grpc:// for gRPC",
      Printable(text));
  const size_t mark = text.find("://");
  const std::string_view scheme = text.substr(0, mark);
  if (mark == std::string_view::npos || (scheme != "http" && scheme != "grpc")) return error;
  std::string_view rest = text.substr(mark + 3);
  if (rest.find_first_of("?#@ \r\n") != std::string_view::npos) return error;
  ServerUrl url;
  url.scheme = scheme;
  const size_t slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) url.path = rest.substr(slash);
  while (url.path.ends_with('/')) url.path.pop_back();
  const size_t bracket = authority.find(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    url.port = authority.substr(colon + 1);
    authority = authority.substr(0, colon);
  }
  if (bracket != std::string_view::npos) {
    if (!authority.starts_with('[') || !authority.ends_with(']')) return error;
    authority = authority.substr(1, authority.size() - 2);
  }
  uint16_t port = 0;
  const auto [end, failed] = std::from_chars(url.port.data(), url.port.data() + url.port.size(), port);
  if (authority.empty() || failed != std::errc() || end != url.port.data() + url.port.size()) return error;
  url.host = authority;
  return url;
}

}  // namespace oarlock
