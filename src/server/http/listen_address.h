// Where a server listens: ADDR:PORT, [ADDR6]:PORT or unix:PATH. A value.
//   OAR_ASSIGN_OR_RETURN(const ListenAddress address, ListenAddress::Parse("127.0.0.1:8080"));
// Thread rule: const use from any thread.
#ifndef OARLOCK_SERVER_HTTP_LISTEN_ADDRESS_H_
#define OARLOCK_SERVER_HTTP_LISTEN_ADDRESS_H_

#include <boost/asio/generic/stream_protocol.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace oarlock {

struct ListenAddress {
  boost::asio::generic::stream_protocol::endpoint endpoint;
  bool is_loopback = false;  // nobody outside this machine reaches it
  std::string path;          // of a Unix socket; empty: TCP

  // Port 0 lets the kernel pick one. INVALID_ARGUMENT for a text that is no address.
  static absl::StatusOr<ListenAddress> Parse(const std::string& text);
};

// "127.0.0.1:8080", "[::1]:8080" or "unix:/run/oarlock.sock" of a socket's own or other end; "unix" where that has no
// name.
std::string TextOf(const boost::asio::generic::stream_protocol::endpoint& endpoint);
// The same of who is at a connected socket's other end; empty if nobody is any more.
std::string PeerOf(const boost::asio::generic::stream_protocol::socket& socket);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_LISTEN_ADDRESS_H_
