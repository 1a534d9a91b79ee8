// The server's shared object, seen from outside.
#include <cstring>
#include <new>
#include <system_error>
#include <thread>

#include "base/build_stamp.h"
#include "base/signals.h"
#include "base/status.h"
#include "server/embedded/server.h"
#include "server/embedded/server_abi.h"

namespace oarlock {
namespace {

template <typename Body>
auto Guarded(Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory left for the server");
  } catch (const std::exception& error) {
    return Internal("the server failed: {}", error.what());
  }
}

absl::StatusOr<Server*> Create(ServerSource source, Runtime* runtime, LogFn log) {
  return Guarded([&]() -> absl::StatusOr<Server*> {
    OAR_ASSIGN_OR_RETURN(auto server, Server::Create(std::move(source), runtime, std::move(log)));
    return server.release();
  });
}

absl::Status Start(Server* server) {
  return Guarded([&] { return server->Start(); });
}

absl::StatusOr<const char*> Address(const Server* server) {
  return Guarded([&]() -> absl::StatusOr<const char*> {
    OAR_ASSIGN_OR_RETURN(const std::string_view address, server->address());
    return address.data();
  });
}

absl::Status Reload(Server* server) {
  return Guarded([&] { return server->Reload(); });
}

absl::Status Drain(Server* server, std::optional<std::chrono::nanoseconds> timeout) {
  return Guarded([&] { return server->Drain(timeout); });
}

absl::Status Stop(Server* server) {
  return Guarded([&] { return server->Stop(); });
}

void Destroy(Server* server) {
  if (server == nullptr || !server->IsOwnThread()) {
    delete server;
    return;
  }
  const BlockSignals blocked;
  try {
    std::thread([server] { delete server; }).detach();
  } catch (const std::system_error&) {  // no thread to be had: it goes on, as nobody's
  }
}

constexpr ServerApi kApi = {&Create, &Start, &Address, &Reload, &Drain, &Stop, &Destroy};

}  // namespace
}  // namespace oarlock

extern "C" __attribute__((visibility("default"))) const oarlock::ServerApi* oarlock_server_entry(const char* build,
                                                                                                 const char** own) {
  *own = oarlock::BuildStamp();
  return std::strcmp(build, *own) == 0 ? &oarlock::kApi : nullptr;
}
