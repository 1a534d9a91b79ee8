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
    const auto record = call.NewRecord(request->Length());
    absl::StatusOr<std::string> made = answer(call.service(), ReceivedMessage(*request).Joined());
    call.Answered(record, made.status(), made.ok() ? made->size() : 0);
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
    const auto record = call.NewRecord(request->Length());
    const auto end = [call, record, reactor, response](const absl::Status& status) {
      call.Answered(record, status, 0);
      *response = ToByteBuffer(std::string());
      reactor->Finish(ToGrpc(status));
    };
    Question question;
    if (!question.ParseFromString(ReceivedMessage(*request).Joined())) {
      end(InvalidArgument("the request is no {}", question.GetTypeName()));
    } else {
      if (record != nullptr) record->model = Printable(question.model_name());
      AnswerLater(call.service(), question, end);
    }
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
  OAR_MESSAGE(SystemSharedMemoryStatus);
  OAR_MESSAGE(SystemSharedMemoryRegister);
  OAR_MESSAGE(SystemSharedMemoryUnregister);
  OAR_MESSAGE(CudaSharedMemoryStatus);
  OAR_MESSAGE(CudaSharedMemoryRegister);
  OAR_MESSAGE(CudaSharedMemoryUnregister);
  OAR_MESSAGE(TraceSetting);
  OAR_MESSAGE(LogSettings);
  AddUnary(OAR_INFERENCE "RepositoryModelLoad", Later<inference::RepositoryModelLoadRequest>());
  AddUnary(OAR_INFERENCE "RepositoryModelUnload", Later<inference::RepositoryModelUnloadRequest>());

  AddUnary("/grpc.health.v1.Health/Check",
           Unary([health](oarlock::Service&, const std::string& question) { return health->Check(question); }));
  AddServerStream("/grpc.health.v1.Health/Watch",
                  [health](const std::string& question) { return health->Watch(question); });
  AddStream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            [](const GrpcCall& call) -> Stream* { return new ReflectionCall(call); });
}

#undef OAR_MESSAGE
#undef OAR_INFERENCE

void GrpcMethods::AddUnary(const char* name, UnaryAnswer answer) {
  Add(name, RpcMethod::NORMAL_RPC,
      new UnaryHandler([context = context_, name, group = GroupOfMethod(name), answer = std::move(answer)](
                           CallbackServerContext* own, const ByteBuffer* request, ByteBuffer* response) {
        const GrpcCall call(context, own, name);
        const absl::Status admitted = call.Admit(group);
        if (admitted.ok()) return answer(call, own, request, response);
        call.Answered(call.NewRecord(request->Length()), admitted, 0);
        grpc::ServerUnaryReactor* const reactor = own->DefaultReactor();
        reactor->Finish(ToGrpc(admitted));
        return reactor;
      }));
}

void GrpcMethods::AddStream(const char* name, StreamAnswer answer) {
  Add(name, RpcMethod::BIDI_STREAMING,
      new StreamHandler([context = context_, name, group = GroupOfMethod(name),
                         answer = std::move(answer)](CallbackServerContext* own) -> Stream* {
        const GrpcCall call(context, own, name);
        const absl::Status admitted = call.Admit(group);
        if (admitted.ok()) return answer(call);
        call.Answered(call.NewRecord(0), admitted, 0);
        return new Refused<Stream>(admitted);
      }));
}

void GrpcMethods::AddServerStream(const char* name, ServerStreamAnswer answer) {
  Add(name, RpcMethod::SERVER_STREAMING,
      new ServerStreamHandler([context = context_, name, group = GroupOfMethod(name), answer = std::move(answer)](
                                  CallbackServerContext* own, const ByteBuffer* question) -> ServerStream* {
        const GrpcCall call(context, own, name);
        const absl::Status admitted = call.Admit(group);
        if (admitted.ok()) return answer(ReceivedMessage(*question).Joined());
        call.Answered(call.NewRecord(question->Length()), admitted, 0);
        return new Refused<ServerStream>(admitted);
      }));
}

void GrpcMethods::Add(const char* name, RpcMethod::RpcType type, grpc::internal::MethodHandler* handler) {
  AddMethod(new grpc::internal::RpcServiceMethod(name, type, nullptr));
  MarkMethodRawCallback(count_++, handler);
}

}  // namespace oarlock
