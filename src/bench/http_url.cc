#include "bench/http_url.h"

#include <charconv>

#include "base/status.h"

namespace oarlock {

std::string HttpUrl::text() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return fmt::format("http://{}{}{}:{}{}", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port, path);
}

absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text) {
  const absl::Status error = InvalidArgument(
      "'{}' is no address of a model on a server; write http://HOST:PORT/v2/models/NAME", Printable(text));
  constexpr std::string_view kScheme = "http://";
  if (!text.starts_with(kScheme)) return error;
  std::string_view rest = text.substr(kScheme.size());
  if (rest.find_first_of("?#@ \r\n") != std::string_view::npos) return error;
  HttpUrl url;
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
