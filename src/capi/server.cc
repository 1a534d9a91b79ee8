#include "base/status.h"
#include "capi/generated/bodies.h"
#include "capi/objects.h"
#include "capi/server_library.h"

namespace oarlock::capi {
namespace {

// The server logs to whatever the runtime does; a name of its own for the log would tell nobody anything.
LogFn LogOf(std::shared_ptr<RuntimeObject> runtime) {
  return [runtime = std::move(runtime)](LogLevel level, std::string_view line) {
    runtime->Log(static_cast<oar_log_level>(level), line);
  };
}

}  // namespace

absl::Status ServerCreate(const Pinned<RuntimeObject>& runtime, const oar_server_options& options,
                          std::shared_ptr<ServerObject>* server) {
  OAR_ASSIGN_OR_RETURN(const ServerApi* const api, OpenServerLibrary());
  ServerSource source;
  if (options.config_path != nullptr) source.path = options.config_path;
  if (options.config_text != nullptr) source.text = options.config_text;
  if (options.http != nullptr) source.http = options.http;
  source.cache_dir = runtime->cache_dir();
  auto made = std::make_shared<ServerObject>(runtime.share(), api);
  OAR_ASSIGN_OR_RETURN(made->server, api->create(std::move(source), &runtime->runtime(), LogOf(runtime.share())));
  *server = std::move(made);
  return absl::OkStatus();
}

absl::Status ServerStart(const Pinned<ServerObject>& server) { return server->api->start(server->server); }

absl::Status ServerAddress(const Pinned<ServerObject>& server, const char** address) {
  OAR_ASSIGN_OR_RETURN(*address, server->api->address(server->server));
  return absl::OkStatus();
}

absl::Status ServerReload(const Pinned<ServerObject>& server) { return server->api->reload(server->server); }

absl::Status ServerDrain(const Pinned<ServerObject>& server, int64_t timeout_ns) {
  std::optional<std::chrono::nanoseconds> timeout;
  if (timeout_ns >= 0) timeout = std::chrono::nanoseconds(timeout_ns);
  return server->api->drain(server->server, timeout);
}

absl::Status ServerStop(const Pinned<ServerObject>& server) { return server->api->stop(server->server); }

}  // namespace oarlock::capi
