// A whole server within a process: its configuration, its models, its HTTP and gRPC. `oarlock serve` is one of these
// and the handling of signals; a host program has one through liboarlock_server.so.
//
//   Runtime runtime;
//   OAR_ASSIGN_OR_RETURN(const auto server, Server::Create({.path = "models.yaml"}, &runtime, log));
//   OAR_RETURN_IF_ERROR(server->Start());   // all models are ready
//   ...
//   (void)server->Drain();                  // answers what is under way
//   OAR_RETURN_IF_ERROR(server->Stop());
//
// Thread rule: one thread at a time; it must not be destroyed from within its own log. Threads that it makes have
// asynchronous signals blocked; it sets no handler and no mask. Ownership: `runtime` must outlive it.
#ifndef OARLOCK_SERVER_EMBEDDED_SERVER_H_
#define OARLOCK_SERVER_EMBEDDED_SERVER_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/log.h"
#include "runtime/repository.h"
#include "server/embedded/server_source.h"

namespace oarlock {

class Access;

class Server {
 public:
  // Reads the configuration; nothing is listened to or loaded yet. Relative paths mean what they mean now, whatever the
  // working directory is later. The configuration's engines and thread budget are not used: those are the runtime's.
  static absl::StatusOr<std::unique_ptr<Server>> Create(ServerSource source, Runtime* runtime, LogFn log);
  // `config` is what `source` has given. `log` may be null.
  Server(ServerSource source, ModelsConfig config, Runtime* runtime, LogFn log);
  // Stops it.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens, loads, and serves; comes back when every model is ready. It can be done once: an error (UNAVAILABLE: the
  // port is in use; a model's own) leaves a server that is stopped.
  absl::Status Start(const Repository::OnPhase& on_phase = nullptr);
  // "127.0.0.1:8080", as bound. With a NUL behind it; it lives as long as the server.
  absl::StatusOr<std::string_view> address() const;
  // The same where gRPC is taken; empty if nowhere.
  absl::StatusOr<std::string_view> grpc_address() const;
  // Opens the access log anew, whose file may have been moved away, and reads the file of keys and those of TLS anew.
  // An error, the first if both fail, has left what counted, and stands in the log.
  absl::Status Reload();
  std::vector<std::string> ModelNames() const;
  // Requests in flight get their answers; meanwhile /v2/health/ready says no, and new inferences are refused.
  // DEADLINE_EXCEEDED if some have none after `timeout`, by default the configuration's `drain_timeout_ms`.
  absl::Status Drain(std::optional<std::chrono::nanoseconds> timeout = std::nullopt);
  // Closes all connections. What waits is cancelled, what runs is waited for.
  absl::Status Stop();
  // Is this one of its own threads, as it is within the log? There it cannot be stopped, which would wait for itself.
  bool IsOwnThread() const;

 private:
  struct Parts;
  enum class State { kNew, kServing, kStopped };
  absl::Status CheckServing() const;
  absl::Status LoadKeys(Access* access);
  static absl::Status LoadCertificates(const ModelsConfig& config, Parts* parts);
  // Says in the log what became of reading `what` anew.
  absl::Status Tell(std::string_view what, absl::Status status) const;
  absl::Status StartParts(Parts* parts, const Repository::OnPhase& on_phase);

  const ServerSource source_;
  const ModelsConfig config_;
  Runtime* const runtime_;
  const LogFn log_;
  State state_ = State::kNew;
  std::vector<std::string> addresses_;  // HTTP's first, then gRPC's if that has its own
  std::unique_ptr<Parts> parts_;        // while it serves
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_EMBEDDED_SERVER_H_
