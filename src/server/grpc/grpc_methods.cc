#include "server/grpc/grpc_methods.h"

#include <grpcpp/impl/codegen/server_callback_handlers.h>

#include <string>

#include "base/status.h"
#include "server/grpc/byte_buffer.h"
#include "server/grpc/infer_call.h"
#include "server/grpc/messages.h"
#include "server/grpc/reflection.h"
#include "server/grpc/stream_call.h"

namespace oarlock {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::internal::RpcMethod;
using UnaryHandler = grpc::internal::CallbackUnaryHandler<ByteBuffer, ByteBuffer>;
using StreamHandler = grpc::internal::CallbackBidiHandler<ByteBuffer, ByteBuffer>;
using ServerStreamHandler = grpc::internal::CallbackServerStreamingHandler<ByteBuffer, ByteBuffer>;

// A stream that is refused before it begins.
template <typename Reactor>
class Refused final : public Reactor {
 public:
  explicit Refused(const absl::Status& status) { this->Finish(ToGrpc(status)); }

 private:
  void OnDone() override { delete this; }
};

// One message each way, from a function of bytes to bytes.
template <typename Answer>
auto Unary(Answer answer) {
  return [answer](const GrpcCall& call, CallbackServerContext* context, const ByteBuffer* request,
                  ByteBuffer* response) -> grpc::ServerUnaryReactor* {
    auto* const reactor = context->DefaultReactor();
    absl::StatusOr<std::string> made = answer(call.service(), ReceivedMessage(*request).Joined());
    if (made.ok()) *response = ToByteBuffer(*std::move(made));
    reactor->Finish(ToGrpc(made.status()));
    return reactor;
  };
}

// The same from an overload of AnswerMessage().
template <typename Question, typename Answer>
auto Message() {
  return Unary([](Service& service, const std::string& bytes) -> absl::StatusOr<std::string> {
    Question question;
    if (!question.ParseFromString(bytes)) return InvalidArgument("the request is no {}", question.GetTypeName());
    Answer answer;
    OAR_RETURN_IF_ERROR(AnswerMessage(service, question, &answer));
    return answer.SerializeAsString();
  });
}

// The same from an overload of AnswerLater(), whose answer says nothing.
template <typename Question>
auto Later() {
  return [](const GrpcCall& call, CallbackServerContext* context, const ByteBuffer* request,
            ByteBuffer* response) -> grpc::ServerUnaryReactor* {
    auto* const reactor = context->DefaultReactor();
    Question question;
    if (!question.ParseFromString(ReceivedMessage(*request).Joined())) {
      reactor->Finish(ToGrpc(InvalidArgument("the request is no {}", question.GetTypeName())));
      return reactor;
    }
    AnswerLater(call.service(), question, [reactor, response](const absl::Status& status) {
      *response = ToByteBuffer(std::string());
      reactor->Finish(ToGrpc(status));
    });
    return reactor;
  };
}

}  // namespace

#define OAR_INFERENCE "/inference.GRPCInferenceService/"
#define OAR_MESSAGE(name) AddUnary(OAR_INFERENCE #name, Message<inference::name##Request, inference::name##Response>())

GrpcMethods::GrpcMethods(GrpcContext* context, Health* health) : context_(context) {
  AddUnary(OAR_INFERENCE "ModelInfer",
           [](const GrpcCall& call, CallbackServerContext*, const ByteBuffer* request,
              ByteBuffer* response) -> grpc::ServerUnaryReactor* { return new InferCall(call, *request, response); });
  AddStream(OAR_INFERENCE "ModelStreamInfer", [](const GrpcCall& call) -> Stream* { return new StreamCall(call); });
  OAR_MESSAGE(ServerLive);
  OAR_MESSAGE(ServerReady);
  OAR_MESSAGE(ModelReady);
  OAR_MESSAGE(ServerMetadata);
  OAR_MESSAGE(ModelMetadata);
  OAR_MESSAGE(ModelStatistics);
  OAR_MESSAGE(ModelConfig);
  OAR_MESSAGE(RepositoryIndex);
  AddUnary(OAR_INFERENCE "RepositoryModelLoad", Later<inference::RepositoryModelLoadRequest>());
  AddUnary(OAR_INFERENCE "RepositoryModelUnload", Later<inference::RepositoryModelUnloadRequest>());

  AddUnary("/grpc.health.v1.Health/Check",
           Unary([health](oarlock::Service&, const std::string& question) { return health->Check(question); }));
  AddServerStream("/grpc.health.v1.Health/Watch",
                  [health](const std::string& question) { return health->Watch(question); });
  AddStream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            [](const GrpcCall&) -> Stream* { return new ReflectionCall(); });
}

#undef OAR_MESSAGE
#undef OAR_INFERENCE

void GrpcMethods::AddUnary(const char* name, UnaryAnswer answer) {
  Add(name, RpcMethod::NORMAL_RPC,
      new UnaryHandler([context = context_, group = GroupOfMethod(name), answer = std::move(answer)](
                           CallbackServerContext* own, const ByteBuffer* request, ByteBuffer* response) {
        const GrpcCall call(context, own);
        const absl::Status admitted = call.Admit(group);
        if (admitted.ok()) return answer(call, own, request, response);
        grpc::ServerUnaryReactor* const reactor = own->DefaultReactor();
        reactor->Finish(ToGrpc(admitted));
        return reactor;
      }));
}

void GrpcMethods::AddStream(const char* name, StreamAnswer answer) {
  Add(name, RpcMethod::BIDI_STREAMING,
      new StreamHandler([context = context_, group = GroupOfMethod(name),
                         answer = std::move(answer)](CallbackServerContext* own) -> Stream* {
        const GrpcCall call(context, own);
        const absl::Status admitted = call.Admit(group);
        return admitted.ok() ? answer(call) : new Refused<Stream>(admitted);
      }));
}

void GrpcMethods::AddServerStream(const char* name, ServerStreamAnswer answer) {
  Add(name, RpcMethod::SERVER_STREAMING,
      new ServerStreamHandler([context = context_, group = GroupOfMethod(name), answer = std::move(answer)](
                                  CallbackServerContext* own, const ByteBuffer* question) -> ServerStream* {
        const absl::Status admitted = GrpcCall(context, own).Admit(group);
        return admitted.ok() ? answer(ReceivedMessage(*question).Joined()) : new Refused<ServerStream>(admitted);
      }));
}

void GrpcMethods::Add(const char* name, RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(name, type, nullptr));
  MarkMethodRawCallback(count_++, handler);
}

}  // namespace oarlock
