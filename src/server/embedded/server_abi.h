// The call into the server's shared object (liboarlock_server.so). Private, and no C: both sides pass each other
// objects of C++, and have a copy of the same code each. They are of one build, or the entry refuses. No exception
// crosses it.
#ifndef OARLOCK_SERVER_EMBEDDED_SERVER_ABI_H_
#define OARLOCK_SERVER_EMBEDDED_SERVER_ABI_H_

#include <chrono>
#include <optional>

#include "absl/status/statusor.h"
#include "base/log.h"
#include "runtime/runtime.h"
#include "server/embedded/server_source.h"

namespace oarlock {

class Server;

// As the functions of Server (server.h), which says what they do.
struct ServerApi {
  absl::StatusOr<Server*> (*create)(ServerSource source, Runtime* runtime, LogFn log);
  absl::Status (*start)(Server* server);
  absl::StatusOr<const char*> (*address)(const Server* server);
  absl::Status (*reload)(Server* server);
  absl::Status (*drain)(Server* server, std::optional<std::chrono::nanoseconds> timeout);
  absl::Status (*stop)(Server* server);
  // Null is fine. From within the server's own log it is only begun: the end comes on another thread, and the log keeps
  // the runtime until then.
  void (*destroy)(Server* server);
};

inline constexpr char kServerEntry[] = "oarlock_server_entry";
// `build` is the BuildStamp() of who asks, and `*own` becomes that of the shared object. Null if they differ.
using ServerEntry = const ServerApi* (*)(const char* build, const char** own);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_EMBEDDED_SERVER_ABI_H_
