#include "server/http/listen_address.h"

#include <sys/un.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <string_view>

#include "base/status.h"

namespace oarlock {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view kUnix = "unix:";

absl::StatusOr<ListenAddress> ParseUnix(const std::string& path) {
  constexpr size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > kPathBytesMax) {
    return InvalidArgument("'unix:{}': the path of a Unix socket has 1 to {} bytes", path, kPathBytesMax);
  }
  return ListenAddress{asio::local::stream_protocol::endpoint(path), true, path};
}

}  // namespace

absl::StatusOr<ListenAddress> ListenAddress::Parse(const std::string& text) {
  if (text.starts_with(kUnix)) return ParseUnix(text.substr(kUnix.size()));
  const absl::Status error = InvalidArgument(
      "'{}' is no address to listen on; write ADDR:PORT, as in 127.0.0.1:8080 or [::1]:8080, or unix:PATH", text);
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return error;
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const std::string port_text = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, failed] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (no_address || port_text.empty() || failed != std::errc() || end != port_text.data() + port_text.size()) {
    return error;
  }
  return ListenAddress{tcp::endpoint(address, port), address.is_loopback(), ""};
}

std::string PeerOf(const asio::generic::stream_protocol::socket& socket) {
  boost::system::error_code error;
  const auto peer = socket.remote_endpoint(error);
  return error ? "" : TextOf(peer);
}

std::string TextOf(const asio::generic::stream_protocol::endpoint& endpoint) {
  const int family = endpoint.protocol().family();
  if (family == AF_UNIX) {
    const auto* const address = reinterpret_cast<const sockaddr_un*>(endpoint.data());
    const size_t room = endpoint.size() - std::min(endpoint.size(), offsetof(sockaddr_un, sun_path));
    const size_t size = strnlen(address->sun_path, room);
    return size == 0 ? "unix" : fmt::format("unix:{}", std::string_view(address->sun_path, size));
  }
  if (family != AF_INET && family != AF_INET6) return "unknown";
  tcp::endpoint tcp;
  std::memcpy(tcp.data(), endpoint.data(), std::min(endpoint.size(), tcp.capacity()));
  const std::string host = tcp.address().to_string();
  return fmt::format("{}:{}", tcp.address().is_v6() ? fmt::format("[{}]", host) : host, tcp.port());
}

}  // namespace oarlock
