#include "server/embedded/server.h"

#include <algorithm>
#include <system_error>
#include <thread>

#include "base/file.h"
#include "base/status.h"
#include "runtime/watcher.h"
#include "server/grpc/grpc_server.h"
#include "server/http/handler.h"
#include "server/http/http_server.h"
#include "server/protocol/metrics.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kDrainLook(10);

// `grpc: none`
constexpr std::string_view kNowhere = "none";

std::vector<ListenerOptions> ListenersOf(const ModelsConfig& config) {
  const bool has_tls = config.tls.is_used();
  std::vector<ListenerOptions> listeners = {{config.http, true, config.grpc.empty(), has_tls}};
  const bool has_grpc = config.grpc != kNowhere;
  if (has_grpc && !config.grpc.empty()) listeners.push_back({config.grpc, false, true, has_tls});
  if (!config.unix_path.empty()) listeners.push_back({"unix:" + config.unix_path.string(), true, has_grpc});
  return listeners;
}

}  // namespace

struct Server::Parts {
  Parts(const ModelsConfig& config, Runtime* runtime, ModelControl::Source source, LogFn log_fn)
      : repository(std::make_unique<Repository>(runtime, config.limits)),
        service(repository.get(), config.limits,
                {config.model_control, std::move(source), std::move(log_fn), config.allow_client_shm}),
        handler(&service, &access),
        grpc(&service, &access),
        http({ListenersOf(config),
              config.http_threads,
              {[this](int socket, std::string peer, bool tls) { grpc.Adopt(socket, std::move(peer), tls); },
               [this] { return grpc.connection_count(); }}},
             config.limits, &handler) {
    handler.set_metrics([this] { return MetricsText(repository->Models(), Figures()); });
  }
  // The callbacks of requests lead to connections: no request is left when the HTTP server goes, not even one of a
  // version that is no longer served.
  ~Parts() {
    service.set_ready(false);
    watcher.reset();  // once a load under way has ended
    service.StopModelControl();
    repository->CancelAll();
    http.Stop();
    grpc.Stop();
    repository.reset();
  }

  ServerFigures Figures() const {
    ServerFigures figures;
    figures.http_connections = http.connection_count();
    figures.http_requests = http.answer_counts();
    figures.grpc_requests = grpc.answer_counts();
    if (log != nullptr) {
      figures.log_records_written = log->written_count();
      figures.log_records_dropped = log->dropped_count();
    }
    figures.process = ReadProcess();
    return figures;
  }

  std::unique_ptr<Repository> repository;
  Service service;
  Access access;
  std::unique_ptr<AccessLog> log;  // null: none is wanted
  HttpHandler handler;
  GrpcServer grpc;
  HttpServer http;
  std::optional<Watcher> watcher;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Create(ServerSource source, Runtime* runtime, LogFn log) {
  std::error_code error;  // without a working directory paths stay as they are
  if (!source.path.empty()) {
    if (fs::path absolute = fs::absolute(source.path, error); !error) source.path = std::move(absolute);
    if (KindOf(source.path) == PathKind::kMissing) {
      return NotFound("no such file or directory: '{}'", source.path.string());
    }
  }
  if (fs::path absolute = fs::current_path(error) / source.directory; !error) source.directory = std::move(absolute);
  OAR_ASSIGN_OR_RETURN(ModelsConfig config, ReadConfig(source));
  return std::make_unique<Server>(std::move(source), std::move(config), runtime, std::move(log));
}

Server::Server(ServerSource source, ModelsConfig config, Runtime* runtime, LogFn log)
    : source_(std::move(source)),
      config_(std::move(config)),
      runtime_(runtime),
      log_(log != nullptr ? std::move(log) : [](LogLevel, std::string_view) {}) {}

Server::~Server() = default;

absl::Status Server::CheckServing() const {
  if (state_ == State::kServing) return absl::OkStatus();
  return FailedPrecondition("the server is {}", state_ == State::kNew ? "not started" : "stopped already");
}

absl::Status Server::Start(const Repository::OnPhase& on_phase) {
  if (state_ == State::kServing) return FailedPrecondition("the server is started already");
  if (state_ == State::kStopped) return FailedPrecondition("the server is stopped, for good; create another one");
  state_ = State::kStopped;  // unless all goes well
  try {
    auto parts = std::make_unique<Parts>(
        config_, runtime_, [this] { return ReadConfigAgain(source_); }, log_);
    OAR_RETURN_IF_ERROR(StartParts(parts.get(), on_phase));
    parts_ = std::move(parts);
  } catch (const std::system_error& refused) {
    return ResourceExhausted("the server cannot be started: {}", refused.what());
  }
  state_ = State::kServing;
  return absl::OkStatus();
}

absl::Status Server::StartParts(Parts* parts, const Repository::OnPhase& on_phase) {
  if (!config_.keys_file.empty()) OAR_RETURN_IF_ERROR(LoadKeys(&parts->access));
  if (!config_.access_log.empty()) {
    OAR_ASSIGN_OR_RETURN(parts->log, AccessLog::Open(config_.access_log, config_.limits.access_log_records_max, log_));
    parts->handler.set_log(parts->log.get());
    parts->grpc.set_log(parts->log.get());
  }
  if (config_.tls.is_used()) OAR_RETURN_IF_ERROR(LoadCertificates(config_, parts));
  // Before the models: a port in use should not cost a load, and health questions are answered meanwhile.
  OAR_RETURN_IF_ERROR(parts->http.Listen());
  if (config_.grpc != kNowhere) {
    OAR_RETURN_IF_ERROR(parts->grpc.Start(config_.http_threads));
  }
  parts->http.Start();
  for (size_t i = 0; i < ListenersOf(config_).size(); ++i) {
    addresses_.push_back(parts->http.address(i));
    // Clients' certificates are asked for on each address that others than this machine can reach.
    if (parts->http.is_loopback(i) || !parts->access.is_open() || !config_.tls.client_ca.empty()) continue;
    log_(LogLevel::kWarning,
         fmt::format("listening on {} without access control; whoever reaches it may use the models", addresses_[i]));
  }
  OAR_RETURN_IF_ERROR(parts->repository->Apply(config_, on_phase));
  for (const auto& model : parts->repository->Models()) {
    for (const auto& [version, variant] : model->variants()) {
      const auto loaded = variant.predictor->model();
      for (const std::string& warning : loaded->warnings) {
        log_(LogLevel::kWarning, fmt::format("{}: {}", loaded->name, warning));
      }
    }
  }
  parts->service.set_live(true);
  parts->service.set_ready(true);
  parts->grpc.Notify();
  if (config_.watch_ms > 0) {
    parts->watcher.emplace(
        parts->repository.get(), [this] { return ReadConfigAgain(source_); }, config_, config_.limits,
        std::chrono::milliseconds(config_.watch_ms), log_);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> Server::address() const {
  OAR_RETURN_IF_ERROR(CheckServing());
  return std::string_view(addresses_.front());
}

absl::StatusOr<std::string_view> Server::grpc_address() const {
  OAR_RETURN_IF_ERROR(CheckServing());
  if (config_.grpc == kNowhere) return std::string_view();
  return std::string_view(addresses_[config_.grpc.empty() ? 0 : 1]);
}

absl::Status Server::LoadKeys(Access* access) {
  std::vector<std::string> warnings;
  OAR_RETURN_IF_ERROR(access->Load(config_.keys_file, config_.limits, &warnings));
  for (const std::string& warning : warnings) log_(LogLevel::kWarning, warning);
  return absl::OkStatus();
}

// Both protocols show the new certificates or neither does: HTTP's OpenSSL is also what checks them for gRPC's.
absl::Status Server::LoadCertificates(const ModelsConfig& config, Parts* parts) {
  OAR_ASSIGN_OR_RETURN(const TlsPem pem, ReadTlsPem(config.tls, config.limits));
  OAR_RETURN_IF_ERROR(parts->http.UseTls(pem));
  parts->grpc.UseTls(pem);
  return absl::OkStatus();
}

absl::Status Server::Tell(std::string_view what, absl::Status status) const {
  if (status.ok()) {
    log_(LogLevel::kInfo, fmt::format("the {} were read anew", what));
  } else {
    log_(LogLevel::kError, fmt::format("the {} stay as they were: {}", what, MessageOf(status)));
  }
  return status;
}

absl::Status Server::Reload() {
  OAR_RETURN_IF_ERROR(CheckServing());
  if (parts_->log != nullptr) parts_->log->Reopen();
  absl::Status status;
  if (!config_.keys_file.empty()) status.Update(Tell("keys", LoadKeys(&parts_->access)));
  if (config_.tls.is_used()) status.Update(Tell("certificates", LoadCertificates(config_, parts_.get())));
  return status;
}

std::vector<std::string> Server::ModelNames() const {
  return parts_ == nullptr ? std::vector<std::string>() : parts_->repository->Names();
}

absl::Status Server::Drain(std::optional<std::chrono::nanoseconds> timeout) {
  OAR_RETURN_IF_ERROR(CheckServing());
  parts_->service.set_ready(false);
  parts_->grpc.Notify();
  parts_->http.BeginDrain();
  const auto began = std::chrono::steady_clock::now();
  const std::chrono::nanoseconds limit = timeout.value_or(std::chrono::milliseconds(config_.limits.drain_timeout_ms));
  while (const int64_t busy = parts_->http.busy_count() + parts_->grpc.busy_count()) {
    const auto left = limit - (std::chrono::steady_clock::now() - began);
    if (left <= left.zero()) return DeadlineExceeded("requests that are not answered yet: {}", busy);
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kDrainLook));
  }
  return absl::OkStatus();
}

absl::Status Server::Stop() {
  OAR_RETURN_IF_ERROR(CheckServing());
  if (IsOwnThread()) {
    return FailedPrecondition("the server cannot be stopped from within its log; that would wait for itself");
  }
  state_ = State::kStopped;
  parts_.reset();
  return absl::OkStatus();
}

bool Server::IsOwnThread() const {
  if (parts_ == nullptr) return false;
  return parts_->service.IsOwnThread() || (parts_->watcher && parts_->watcher->IsOwnThread()) ||
         (parts_->log != nullptr && parts_->log->IsOwnThread());
}

}  // namespace oarlock
