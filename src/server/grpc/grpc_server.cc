#include "server/grpc/grpc_server.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/signals.h"
#include "base/status.h"
#include "server/grpc/adopted_sockets.h"
#include "server/grpc/call_queue.h"
#include "server/grpc/certificates.h"
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
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, static_cast<int>(limits.http_header_timeout_ms));
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingInterval_ms);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
}

}  // namespace

struct GrpcServer::State {
  State(Service* service, const Access* access) : health(service) {
    context.service = service;
    context.access = access;
    context.peers = &sockets;
  }

  GrpcContext context;
  Health health;
  GrpcCertificates certificates;
  std::atomic<bool> has_tls{false};
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> tls;  // takes sockets in; null without
  std::unique_ptr<CallQueue> queue;
  std::unique_ptr<GrpcMethods> methods;
  std::unique_ptr<grpc::Server> server;
  AdoptedSockets sockets;
};

GrpcServer::GrpcServer(Service* service, const Access* access) : state_(std::make_unique<State>(service, access)) {}

GrpcServer::~GrpcServer() { Stop(); }

void GrpcServer::set_log(AccessLog* log) { state_->context.log = log; }

void GrpcServer::UseTls(const TlsPem& pem) {
  state_->certificates.Set(pem);
  state_->has_tls = true;
}

absl::Status GrpcServer::Start(int threads) {
  const BlockSignals block;  // of the threads that gRPC makes
  grpc::ServerBuilder builder;
  SetLimits(state_->context.service->limits(), &builder);
  state_->queue = std::make_unique<CallQueue>(&builder);
  state_->methods = std::make_unique<GrpcMethods>(state_->queue->get(), &state_->context, &state_->health);
  builder.RegisterService(state_->methods->service());
  if (state_->has_tls) {
    using Type = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
    state_->tls =
        builder.experimental().AddExternalConnectionAcceptor(Type::FROM_FD, state_->certificates.NewCredentials());
  }
  state_->server = builder.BuildAndStart();
  if (state_->server == nullptr) return Internal("gRPC cannot be started");
  state_->queue->Start(threads);
  state_->methods->AwaitCalls();
  return absl::OkStatus();
}

void GrpcServer::Adopt(int socket, std::string peer, bool tls) {
  if (state_->server == nullptr) {
    close(socket);
    return;
  }
  state_->sockets.Add(socket, std::move(peer));
  if (!tls) return grpc::AddInsecureChannelFromFd(state_->server.get(), socket);
  grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
  connection.fd = socket;
  state_->tls->HandleNewConnection(&connection);
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
