// A client of gRPC for tests: bytes out, bytes in.
#ifndef OARLOCK_TESTS_SERVER_GRPC_CALLER_H_
#define OARLOCK_TESTS_SERVER_GRPC_CALLER_H_

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>
#include <memory>
#include <string>

#include "oarlock/inference.pb.h"

namespace oarlock {

inline grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

inline std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

class GrpcCaller {
 public:
  using Stream = grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

  // A connection of its own for each.
  explicit GrpcCaller(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                                                      grpc::InsecureChannelCredentials()) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel(address, credentials, arguments);
  }

  grpc::Status Call(const char* method, grpc::ClientContext* context, const std::string& question,
                    std::string* answer) const {
    grpc::ByteBuffer received;
    const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        channel_.get(), grpc::internal::RpcMethod(method, grpc::internal::RpcMethod::NORMAL_RPC), context,
        BufferOf(question), &received);
    *answer = BytesOf(received);
    return status;
  }

  // One of GRPCInferenceService, with messages.
  template <typename Answer, typename Question>
  grpc::Status Ask(const std::string& method, const Question& question, Answer* answer,
                   grpc::ClientContext* context = nullptr) const {
    grpc::ClientContext own;
    std::string bytes;
    grpc::Status status = Call(("/inference.GRPCInferenceService/" + method).c_str(),
                               context == nullptr ? &own : context, question.SerializeAsString(), &bytes);
    if (status.ok() && !answer->ParseFromString(bytes)) return {grpc::StatusCode::DATA_LOSS, "no such message"};
    return status;
  }

  std::unique_ptr<Stream> Open(grpc::ClientContext* context,
                               const char* method = "/inference.GRPCInferenceService/ModelStreamInfer") const {
    return std::unique_ptr<Stream>(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
            channel_.get(), grpc::internal::RpcMethod(method, grpc::internal::RpcMethod::BIDI_STREAMING), context));
  }

 private:
  std::shared_ptr<grpc::Channel> channel_;
};

// One row of so many zeros for a model of one input.
inline inference::ModelInferRequest Zeros(const std::string& model, int64_t count, const std::string& id = "") {
  inference::ModelInferRequest request;
  request.set_model_name(model);
  request.set_id(id);
  auto* const input = request.add_inputs();
  input->set_name("x");
  input->set_datatype("FP32");
  input->add_shape(1);
  input->add_shape(count);
  request.add_raw_input_contents(std::string(static_cast<size_t>(count) * sizeof(float), '\0'));
  return request;
}

// The first element of the first output; -1 if there is none.
inline float FirstOf(const inference::ModelInferResponse& response) {
  float first = -1;
  if (response.raw_output_contents_size() > 0 && response.raw_output_contents(0).size() >= sizeof first) {
    std::memcpy(&first, response.raw_output_contents(0).data(), sizeof first);
  }
  return first;
}

}  // namespace oarlock

#endif  // OARLOCK_TESTS_SERVER_GRPC_CALLER_H_
