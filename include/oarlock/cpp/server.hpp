// The server inside your own process: models over HTTP, as `oarlock serve` serves them.
//
//   oarlock::ServerOptions options;
//   options.config_path = "models.yaml";
//   options.http = "127.0.0.1:0";
//   oarlock::Server server = oarlock::Server::Create(runtime, options).value();
//   server.Start().value();
//   Say(server.Address().value());
//
// Threads: one at a time for one server. A server that runs is stopped when it is destroyed.
#ifndef OARLOCK_CPP_SERVER_HPP_
#define OARLOCK_CPP_SERVER_HPP_

#include "oarlock/cpp/runtime.hpp"

namespace oarlock {
inline namespace v1 {

using ServerOptions = Sized<oar_server_options>;

class Server : public Owner<oar_server, oar_server_destroy> {
 public:
  using Owner::Owner;

  static Result<Server> Create(const Runtime& runtime, const ServerOptions& options) {
    const Result<oar_server> handle = Get(oar_server{}, oar_server_create, runtime.handle(), &options);
    if (!handle) return handle.failure();
    return Server(handle.value());
  }

  // Answers when all models are ready.
  Result<void> Start() { return Call(oar_server_start, handle()); }
  // "127.0.0.1:8080", until the server is destroyed.
  Result<const char*> Address() const { return Get(static_cast<const char*>(nullptr), oar_server_address, handle()); }
  // Reads keys and certificates anew and opens the access log anew, as SIGHUP has `oarlock serve` do.
  Result<void> Reload() { return Call(oar_server_reload, handle()); }
  // Refuses new requests and waits for those in flight. Negative = the configuration's drain_timeout_ms.
  Result<void> Drain(int64_t timeout_ns = -1) { return Call(oar_server_drain, handle(), timeout_ns); }
  Result<void> Stop() { return Call(oar_server_stop, handle()); }
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_SERVER_HPP_
