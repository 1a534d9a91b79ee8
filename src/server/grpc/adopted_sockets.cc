#include "server/grpc/adopted_sockets.h"

#include <sys/stat.h>

#include <charconv>
#include <utility>

#include "absl/strings/str_replace.h"
#include "base/status.h"

namespace oarlock {
namespace {

// 0 where there is no such descriptor.
ino_t InodeOf(int socket) {
  struct stat status {};
  return fstat(socket, &status) == 0 ? status.st_ino : 0;
}

}  // namespace

void AdoptedSockets::Add(int socket, std::string peer) {
  const std::lock_guard lock(mutex_);
  sockets_[socket] = {InodeOf(socket), std::move(peer)};
}

std::string AdoptedSockets::PeerOf(std::string_view peer) const {
  constexpr std::string_view kIpv4 = "ipv4:";
  constexpr std::string_view kIpv6 = "ipv6:";
  if (peer.starts_with(kIpv4)) return std::string(peer.substr(kIpv4.size()));
  if (peer.starts_with(kIpv6)) {
    return absl::StrReplaceAll(ToAbsl(peer.substr(kIpv6.size())), {{"%5B", "["}, {"%5D", "]"}, {"%25", "%"}});
  }
  int socket = -1;
  const std::string_view digits = peer.starts_with("fd:") ? peer.substr(3) : std::string_view();
  std::from_chars(digits.data(), digits.data() + digits.size(), socket);
  const std::lock_guard lock(mutex_);
  const auto found = sockets_.find(socket);
  return found == sockets_.end() ? std::string(peer) : found->second.peer;
}

int64_t AdoptedSockets::Count() {
  const std::lock_guard lock(mutex_);
  std::erase_if(sockets_, [](const auto& each) { return InodeOf(each.first) != each.second.inode; });
  return static_cast<int64_t>(sockets_.size());
}

}  // namespace oarlock
