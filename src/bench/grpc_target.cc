#include "bench/grpc_target.h"

#include "base/codes.h"
#include "base/status.h"
#include "oarlock/inference.pb.h"

namespace oarlock {
namespace {

constexpr char kInfer[] = "/inference.GRPCInferenceService/ModelInfer";
constexpr char kMetadata[] = "/inference.GRPCInferenceService/ModelMetadata";

struct ModelName {
  std::string name;
  std::string version;  // empty = the server's choice
};

absl::StatusOr<ModelName> ModelIn(const ServerUrl& url) {
  constexpr std::string_view kModels = "/v2/models/";
  constexpr std::string_view kVersions = "/versions/";
  ModelName model;
  if (url.path.starts_with(kModels)) model.name = url.path.substr(kModels.size());
  if (const size_t at = model.name.find(kVersions); at != std::string::npos) {
    model.version = model.name.substr(at + kVersions.size());
    model.name.resize(at);
  }
  if (!model.name.empty()) return model;
  return InvalidArgument("'{}' names no model; write grpc://HOST:PORT/v2/models/NAME", Printable(url.text()));
}

absl::Status Annotated(const ServerUrl& url, const absl::Status& status, std::string_view question) {
  return FailedPrecondition("{} answered {} to {}: {}", url.text(), RowOf(status.code()).grpc, question,
                            Printable(MessageOf(status)));
}

absl::StatusOr<NamedTensor> RandomInput(const inference::ModelMetadataResponse::TensorMetadata& input, uint64_t seed) {
  Port port;
  port.name = input.name();
  port.dtype = DTypeFromName(input.datatype()).value_or(DType::kInvalid);
  OAR_ASSIGN_OR_RETURN(port.shape, Shape::From(std::vector<int64_t>(input.shape().begin(), input.shape().end())));
  OAR_ASSIGN_OR_RETURN(Tensor tensor, RandomTensor(port, seed));
  return NamedTensor{port.name, std::move(tensor)};
}

}  // namespace

absl::StatusOr<std::vector<NamedTensor>> RandomGrpcInputsOf(const ServerUrl& url, uint64_t seed) {
  OAR_ASSIGN_OR_RETURN(const ModelName model, ModelIn(url));
  inference::ModelMetadataRequest question;
  question.set_name(model.name);
  question.set_version(model.version);
  const auto bytes = GrpcClient(url).Ask(kMetadata, question.SerializeAsString());
  if (!bytes.ok()) return Annotated(url, bytes.status(), "the question what the model takes");
  inference::ModelMetadataResponse metadata;
  if (!metadata.ParseFromString(*bytes)) {
    return FailedPrecondition("{} does not answer with a model's metadata", url.text());
  }
  std::vector<NamedTensor> inputs;
  for (const auto& input : metadata.inputs()) {
    OAR_ASSIGN_OR_RETURN(inputs.emplace_back(), RandomInput(input, seed + inputs.size()));
  }
  return inputs;
}

absl::StatusOr<std::unique_ptr<GrpcTarget>> GrpcTarget::Create(const ServerUrl& url,
                                                               const std::vector<NamedTensor>& inputs) {
  OAR_ASSIGN_OR_RETURN(const ModelName model, ModelIn(url));
  inference::ModelInferRequest request;
  request.set_model_name(model.name);
  request.set_model_version(model.version);
  for (const NamedTensor& input : inputs) {
    auto* const tensor = request.add_inputs();
    tensor->set_name(input.name);
    tensor->set_datatype(std::string(NameOf(input.tensor.dtype())));
    for (const int64_t dim : input.tensor.shape().dims()) tensor->add_shape(dim);
    request.add_raw_input_contents(input.tensor.data(), input.tensor.size_bytes());
  }
  std::unique_ptr<GrpcTarget> target(new GrpcTarget(url, request.SerializeAsString()));
  const auto answer = target->client_.Ask(kInfer, target->message_);
  if (!answer.ok()) return Annotated(url, answer.status(), "a first request");
  return target;
}

absl::StatusOr<BlockResult> GrpcTarget::Run(const Load& load) { return client_.Run(kInfer, message_, load); }

}  // namespace oarlock
