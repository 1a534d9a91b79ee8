// The least that a gRPC server on the callback API does: takes a message as bytes, gives fixed bytes. What `oarlock
// serve` takes beyond it is what reading tensors, running a model and writing tensors cost.
//   grpc_echo PORT FILE      FILE is the answer's message; with port 0 the kernel picks one. Says `ready PORT`.
#include <grpcpp/impl/codegen/server_callback_handlers.h>
#include <grpcpp/impl/service_type.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcServiceMethod;

class Echo : public grpc::Service {
 public:
  explicit Echo(const grpc::Slice& answer) {
    AddMethod(new RpcServiceMethod("/inference.GRPCInferenceService/ModelInfer", grpc::internal::RpcMethod::NORMAL_RPC,
                                   nullptr));
    MarkMethodRawCallback(0, new grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>(
                                 [answer](CallbackServerContext* context, const ByteBuffer*, ByteBuffer* response) {
                                   *response = ByteBuffer(&answer, 1);
                                   auto* const reactor = context->DefaultReactor();
                                   reactor->Finish(grpc::Status::OK);
                                   return reactor;
                                 }));
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "grpc_echo PORT FILE\n");
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  const std::string body{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  Echo echo{grpc::Slice(body)};
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(-1);
  int port = 0;
  builder.AddListeningPort(std::string("127.0.0.1:") + argv[1], grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  // Before the threads of the server, which inherit it.
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigaddset(&end, SIGINT);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::fprintf(stderr, "grpc_echo: cannot listen on port %s\n", argv[1]);
    return 1;
  }
  std::printf("ready %d\n", port);
  std::fflush(stdout);
  int number = 0;
  sigwait(&end, &number);
}
