#include "server/grpc/grpc_methods.h"

#include <string>

#include "base/status.h"
#include "server/grpc/byte_buffer.h"
#include "server/grpc/infer_call.h"
#include "server/grpc/messages.h"
#include "server/grpc/reflection.h"
#include "server/grpc/stream_call.h"

namespace oarlock {
namespace {

#define OAR_INFERENCE "/inference.GRPCInferenceService/"

constexpr char kInfer[] = OAR_INFERENCE "ModelInfer";
// How many calls of ModelInfer are waited for at a time: one that comes while there is none stands in a line first.
constexpr int kInferCallsAwaited = 16;

// A function of bytes to bytes.
template <typename Answer>
class BytesCall final : public UnaryCall {
 public:
  BytesCall(const GrpcMethod& method, Answer answer) : UnaryCall(method), answer_(std::move(answer)) {}

 private:
  void Begin() override {
    const auto record = call().NewRecord(request().Length());
    absl::StatusOr<std::string> made = answer_(call().service(), ReceivedMessage(request()).Joined());
    call().Answered(record, made.status(), made.ok() ? made->size() : 0);
    Finish(made.status(), made.ok() ? ToByteBuffer(*std::move(made)) : grpc::ByteBuffer());
  }

  const Answer answer_;
};

template <typename Answer>
auto Bytes(Answer answer) {
  return [answer](const GrpcMethod& method) -> ServerCall* { return new BytesCall<Answer>(method, answer); };
}

// The same from an overload of AnswerMessage().
template <typename Question, typename Answer>
auto Message() {
  return Bytes([](Service& service, const std::string& bytes) -> absl::StatusOr<std::string> {
    Question question;
    if (!question.ParseFromString(bytes)) return InvalidArgument("the request is no {}", question.GetTypeName());
    Answer answer;
    OAR_RETURN_IF_ERROR(AnswerMessage(service, question, &answer));
    return answer.SerializeAsString();
  });
}

// An overload of AnswerLater(), whose answer says nothing.
template <typename Question>
class LaterCall final : public UnaryCall {
 public:
  explicit LaterCall(const GrpcMethod& method) : UnaryCall(method) {}

 private:
  void Begin() override {
    record_ = call().NewRecord(request().Length());
    Question question;
    if (!question.ParseFromString(ReceivedMessage(request()).Joined())) {
      return End(InvalidArgument("the request is no {}", question.GetTypeName()));
    }
    if (record_ != nullptr) record_->model = Printable(question.model_name());
    AnswerLater(call().service(), question, [this](const absl::Status& status) { End(status); });
  }
  void End(const absl::Status& status) {
    call().Answered(record_, status, 0);
    Finish(status, ToByteBuffer(std::string()));
  }

  std::shared_ptr<CallRecord> record_;  // null if nothing is logged
};

template <typename Call>
ServerCall* New(const GrpcMethod& method) {
  return new Call(method);
}

}  // namespace

#define OAR_MESSAGE(name) AddUnary(OAR_INFERENCE #name, Message<inference::name##Request, inference::name##Response>())

GrpcMethods::GrpcMethods(grpc::ServerCompletionQueue* queue, GrpcContext* context, Health* health)
    : context_(context), service_(queue) {
  AddUnary(kInfer, New<InferCall>);
  AddStream(OAR_INFERENCE "ModelStreamInfer", New<StreamCall>);
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
  AddUnary(OAR_INFERENCE "RepositoryModelLoad", New<LaterCall<inference::RepositoryModelLoadRequest>>);
  AddUnary(OAR_INFERENCE "RepositoryModelUnload", New<LaterCall<inference::RepositoryModelUnloadRequest>>);

  AddUnary("/grpc.health.v1.Health/Check",
           Bytes([health](oarlock::Service&, const std::string& question) { return health->Check(question); }));
  AddStream("/grpc.health.v1.Health/Watch", [health](const GrpcMethod& method) { return health->NewWatch(method); });
  AddStream("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", New<ReflectionCall>);
}

#undef OAR_MESSAGE
#undef OAR_INFERENCE

void GrpcMethods::Add(const char* name, bool is_stream, Make make) {
  methods_.push_back({name, GroupOfMethod(name), service_.Add(name, is_stream), context_, &service_, std::move(make)});
}

void GrpcMethods::AwaitCalls() const {
  for (const GrpcMethod& method : methods_) {
    const int count = method.name == kInfer ? kInferCallsAwaited : 1;
    for (int i = 0; i < count; ++i) method.AwaitCall();
  }
}

}  // namespace oarlock
