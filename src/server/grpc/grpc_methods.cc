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

// A method of one message each way, from a function of bytes to bytes.
template <typename Answer>
UnaryHandler* Unary(GrpcContext* shared, Answer answer) {
  return new UnaryHandler(
      [shared, answer](CallbackServerContext* context, const ByteBuffer* request, ByteBuffer* response) {
        auto* const reactor = context->DefaultReactor();
        absl::StatusOr<std::string> made = answer(shared, ReceivedMessage(*request).Joined());
        if (made.ok()) *response = ToByteBuffer(*std::move(made));
        reactor->Finish(ToGrpc(made.status()));
        return reactor;
      });
}

// The same from an overload of AnswerMessage().
template <typename Question, typename Answer>
UnaryHandler* Message(GrpcContext* shared) {
  return Unary(shared, [](GrpcContext* context, const std::string& bytes) -> absl::StatusOr<std::string> {
    Question question;
    if (!question.ParseFromString(bytes)) return InvalidArgument("the request is no {}", question.GetTypeName());
    Answer answer;
    OAR_RETURN_IF_ERROR(AnswerMessage(*context->service, question, &answer));
    return answer.SerializeAsString();
  });
}

}  // namespace

#define OAR_INFERENCE "/inference.GRPCInferenceService/"
#define OAR_MESSAGE(name) \
  AddUnary(OAR_INFERENCE #name, Message<inference::name##Request, inference::name##Response>(context))

GrpcMethods::GrpcMethods(GrpcContext* context, Health* health) {
  AddUnary(OAR_INFERENCE "ModelInfer",
           new UnaryHandler([context](CallbackServerContext* call, const ByteBuffer* request, ByteBuffer* response) {
             return new InferCall(GrpcCall(context, call), *request, response);
           }));
  AddStream(
      OAR_INFERENCE "ModelStreamInfer", RpcMethod::BIDI_STREAMING,
      new StreamHandler([context](CallbackServerContext* call) { return new StreamCall(GrpcCall(context, call)); }));
  OAR_MESSAGE(ServerLive);
  OAR_MESSAGE(ServerReady);
  OAR_MESSAGE(ModelReady);
  OAR_MESSAGE(ServerMetadata);
  OAR_MESSAGE(ModelMetadata);
  OAR_MESSAGE(ModelStatistics);

  AddUnary("/grpc.health.v1.Health/Check",
           Unary(context, [health](GrpcContext*, const std::string& question) { return health->Check(question); }));
  AddStream("/grpc.health.v1.Health/Watch", RpcMethod::SERVER_STREAMING,
            new ServerStreamHandler([health](CallbackServerContext*, const ByteBuffer* question) {
              return health->Watch(ReceivedMessage(*question).Joined());
            }));
  AddStream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", RpcMethod::BIDI_STREAMING,
            new StreamHandler([](CallbackServerContext*) { return new ReflectionCall(); }));
}

#undef OAR_MESSAGE
#undef OAR_INFERENCE

void GrpcMethods::AddUnary(const char* name, grpc::internal::MethodHandler* handler) {
  AddStream(name, RpcMethod::NORMAL_RPC, handler);
}

void GrpcMethods::AddStream(const char* name, RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(name, type, nullptr));
  MarkMethodRawCallback(count_++, handler);
}

}  // namespace oarlock
