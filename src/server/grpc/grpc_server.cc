#include "server/grpc/grpc_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file.h"
#include "base/signals.h"
#include "base/status.h"
#include "server/grpc/adopted_sockets.h"
#include "server/grpc/call_queue.h"
#include "server/grpc/grpc_methods.h"

namespace oarlock {
namespace {

// How long calls may take to end by themselves; then they are cancelled.
constexpr auto kStopTime = std::chrono::milliseconds(200);
// How often one looks whether the last has ended.
constexpr auto kStopLook = std::chrono::milliseconds(1);
// A client may ask whether the connection is alive this often; more than a few beyond that end it.
constexpr int kPingInterval_ms = 10'000;
constexpr int kPingStrikes = 2;

void SetLimits(const Limits& limits, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(static_cast<int>(limits.grpc_message_bytes_max));
  builder->SetMaxSendMessageSize(-1);
  grpc::ResourceQuota quota("oarlock");
  quota.Resize(static_cast<size_t>(limits.grpc_memory_bytes_max));
  builder->SetResourceQuota(quota);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, static_cast<int>(limits.grpc_streams_max));
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.http_header_bytes_max));
  builder->AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, static_cast<int>(limits.grpc_idle_timeout_ms));
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingInterval_ms);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

absl::StatusOr<std::string> ReadPem(const std::filesystem::path& path, const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const auto content, ReadFile(path, limits.manifest_bytes_max));
  return std::string(content.text());
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> CredentialsOf(const TlsFiles& files, const Limits& limits) {
  const bool asks = !files.client_ca.empty();
  grpc::SslServerCredentialsOptions options(asks ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                                 : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  OAR_ASSIGN_OR_RETURN(std::string key, ReadPem(files.key, limits));
  OAR_ASSIGN_OR_RETURN(std::string cert, ReadPem(files.cert, limits));
  options.pem_key_cert_pairs.push_back({std::move(key), std::move(cert)});
  if (asks) {
    OAR_ASSIGN_OR_RETURN(options.pem_root_certs, ReadPem(files.client_ca, limits));
  }
  return grpc::SslServerCredentials(options);
}

// "127.0.0.1" of "127.0.0.1:0".
std::string HostOf(const std::string& address) { return address.substr(0, address.rfind(':')); }

}  // namespace

struct GrpcServer::State {
  State(Service* service, const Access* access) : health(service) {
    context.service = service;
    context.access = access;
    context.peers = &sockets;
  }

  GrpcContext context;
  Health health;
  std::unique_ptr<CallQueue> queue;
  std::unique_ptr<GrpcMethods> methods;
  std::unique_ptr<grpc::Server> server;
  AdoptedSockets sockets;
  std::string tls_address;
};

GrpcServer::GrpcServer(Service* service, const Access* access) : state_(std::make_unique<State>(service, access)) {}

GrpcServer::~GrpcServer() { Stop(); }

void GrpcServer::set_log(AccessLog* log) { state_->context.log = log; }

absl::Status GrpcServer::Start(const GrpcTls& tls, int threads) {
  const BlockSignals block;  // of the threads that gRPC makes
  grpc::ServerBuilder builder;
  SetLimits(state_->context.service->limits(), &builder);
  state_->queue = std::make_unique<CallQueue>(&builder);
  state_->methods = std::make_unique<GrpcMethods>(state_->queue->get(), &state_->context, &state_->health);
  builder.RegisterService(state_->methods->service());
  int port = 0;
  if (!tls.address.empty()) {
    OAR_ASSIGN_OR_RETURN(const auto credentials, CredentialsOf(tls.files, state_->context.service->limits()));
    // Or a second server would share the port in silence.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddListeningPort(tls.address, credentials, &port);
  }
  state_->server = builder.BuildAndStart();
  if (!tls.address.empty() && port == 0) {
    state_->server.reset();
    return Unavailable(
        "cannot listen on '{}' for gRPC: the port is in use, or it is no address; choose another with --grpc",
        tls.address);
  }
  if (!tls.address.empty()) state_->tls_address = fmt::format("{}:{}", HostOf(tls.address), port);
  if (state_->server == nullptr) return Internal("gRPC cannot be started");
  state_->queue->Start(threads);
  state_->methods->AwaitCalls();
  return absl::OkStatus();
}

const std::string& GrpcServer::tls_address() const { return state_->tls_address; }

void GrpcServer::Adopt(int socket, std::string peer) {
  if (state_->server == nullptr) {
    close(socket);
    return;
  }
  state_->sockets.Add(socket, std::move(peer));
  grpc::AddInsecureChannelFromFd(state_->server.get(), socket);
}

void GrpcServer::Notify() { state_->health.Notify(); }

int64_t GrpcServer::busy_count() const { return state_->context.busy_count; }

std::map<int, int64_t> GrpcServer::answer_counts() const { return state_->context.answers.Read(); }

int64_t GrpcServer::connection_count() { return state_->sockets.Count(); }

void GrpcServer::Stop() {
  if (state_->server == nullptr) return;
  state_->health.EndWatches();
  state_->server->Shutdown(std::chrono::system_clock::now() + kStopTime);
  // gRPC does not wait for them, and they need the queue until they have ended.
  while (state_->context.call_count > 0) std::this_thread::sleep_for(kStopLook);
  state_->queue->Stop();
  state_->server.reset();
  state_->methods.reset();
}

}  // namespace oarlock
