// The connected sockets that were handed to gRPC, and who is at their other ends: gRPC closes them without a word, and
// calls the peer of one in the clear only "fd:17". A number is another socket's once the first is closed, which is told
// by its inode. Thread-safe. Ownership: none of the sockets.
#ifndef OARLOCK_SERVER_GRPC_ADOPTED_SOCKETS_H_
#define OARLOCK_SERVER_GRPC_ADOPTED_SOCKETS_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace oarlock {

class AdoptedSockets {
 public:
  // Before gRPC has it.
  void Add(int socket, std::string peer);
  // `peer` as gRPC says it: "fd:17" of a socket in the clear, "ipv4:192.0.2.7:41234" or "ipv6:%5B::1%5D:41234" within
  // TLS. As it is if it is none of these.
  std::string PeerOf(std::string_view peer) const;
  // Those that are open. Asks the system for each of them.
  int64_t Count();

 private:
  struct Socket {
    ino_t inode;
    std::string peer;
  };
  mutable std::mutex mutex_;
  std::map<int, Socket> sockets_;  // guarded by mutex_, by descriptor
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_ADOPTED_SOCKETS_H_
