#include "bench/grpc_client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <optional>
#include <vector>

#include "base/codes.h"
#include "base/status.h"
#include "bench/pacing.h"

namespace oarlock {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAnswerBytesMax = 1 << 30;

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

// A channel of its own connection: by default all channels to one address share one.
std::shared_ptr<grpc::Channel> Connect(const ServerUrl& url) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
  // A proxy that the environment names would be measured too.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(url.authority(), grpc::InsecureChannelCredentials(), arguments);
}

absl::Status FromGrpc(const grpc::Status& status) {
  return {CodeFromNumber(status.error_code()), status.error_message()};
}

// A connection, and the call on it.
struct Connection {
  explicit Connection(const ServerUrl& url) : stub(Connect(url)) {}

  void Begin(const std::string& method, const grpc::ByteBuffer& message, grpc::CompletionQueue* queue) {
    context.emplace();
    context->set_deadline(std::chrono::system_clock::now() + GrpcClient::kTimeout);
    reply.Clear();
    reader = stub.PrepareUnaryCall(&*context, method, message, queue);
    reader->StartCall();
    reader->Finish(&reply, &status, this);
  }

  grpc::GenericStub stub;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer reply;
  grpc::Status status;
  Clock::time_point began;
};

}  // namespace

struct GrpcClient::State {
  ServerUrl url;
  grpc::CompletionQueue queue;
  std::vector<std::unique_ptr<Connection>> connections;

  explicit State(ServerUrl to) : url(std::move(to)) {}
  ~State() {
    connections.clear();
    queue.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) {
    }
  }
  // Of the next call that ends; all end by their deadlines. Null if `until` comes first.
  Connection* Wait(std::chrono::system_clock::time_point until) {
    void* tag = nullptr;
    bool ok = false;
    const auto next = queue.AsyncNext(&tag, &ok, until);
    return next == grpc::CompletionQueue::GOT_EVENT ? static_cast<Connection*>(tag) : nullptr;
  }
  void OpenConnections(int count) {
    while (static_cast<int>(connections.size()) > count) connections.pop_back();
    while (static_cast<int>(connections.size()) < count) connections.push_back(std::make_unique<Connection>(url));
  }
};

GrpcClient::GrpcClient(ServerUrl url) : state_(std::make_unique<State>(std::move(url))) {}

GrpcClient::~GrpcClient() = default;

absl::StatusOr<std::string> GrpcClient::Ask(const std::string& method, const std::string& message) {
  Connection connection(state_->url);
  connection.Begin(method, ToBuffer(message), &state_->queue);
  while (state_->Wait(std::chrono::system_clock::now() + kTimeout) == nullptr) {
  }
  if (!connection.status.ok()) return FromGrpc(connection.status);
  std::vector<grpc::Slice> slices;
  if (!connection.reply.Dump(&slices).ok())
    return Internal("{} answered bytes that are no message", state_->url.text());
  std::string answer;
  for (const grpc::Slice& slice : slices) answer.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return answer;
}

absl::StatusOr<BlockResult> GrpcClient::Run(const std::string& method, const std::string& message, const Load& load) {
  state_->OpenConnections(load.concurrency);
  const grpc::ByteBuffer buffer = ToBuffer(message);
  BlockResult result;
  result.latencies_ns.reserve(size_t{1} << 18);
  Pacing pacing(load);
  std::vector<Connection*> idle;
  for (const auto& connection : state_->connections) idle.push_back(connection.get());
  while (true) {
    const auto now = Clock::now();
    while (!idle.empty() && pacing.MayBegin(now)) {
      Connection* const connection = idle.back();
      idle.pop_back();
      connection->began = pacing.Begin();
      connection->Begin(method, buffer, &state_->queue);
    }
    const bool waits_for_schedule = pacing.waits_for_schedule();
    if (idle.size() == state_->connections.size() && !waits_for_schedule) break;
    const bool wakes_early = waits_for_schedule && !idle.empty();
    const auto until = std::chrono::system_clock::now() + (wakes_early ? pacing.SleepBeforeNext() : kTimeout);
    Connection* const connection = state_->Wait(until);
    if (connection == nullptr) continue;
    if (connection->status.ok()) {
      ++result.requests;
      result.latencies_ns.push_back((Clock::now() - connection->began).count());
    } else if (result.errors++ == 0) {
      const absl::Status status = FromGrpc(connection->status);
      result.first_error = fmt::format("{} {}", RowOf(status.code()).grpc, Printable(MessageOf(status)));
    }
    idle.push_back(connection);
  }
  result.elapsed = pacing.Elapsed();
  return result;
}

}  // namespace oarlock
