#include "server/http/handler.h"

#include <new>

#include "base/status.h"
#include "server/http/infer_request_parser.h"
#include "server/http/infer_response_writer.h"
#include "server/http/metadata.h"
#include "server/http/model_configuration_json.h"
#include "server/http/observed_call.h"
#include "server/http/repository_routes.h"
#include "server/http/settings_routes.h"
#include "server/http/shared_memory_routes.h"
#include "server/http/statistics_json.h"
#include "server/protocol/prometheus_text.h"

namespace oarlock {
namespace {

// What the answer of one inference says besides its outputs.
struct Question {
  bool wants_timing = false;
  HttpCall::Timing timing;
  std::chrono::nanoseconds parse{0};
};

// W3C Server-Timing: what the time went to, in the order of the stages.
std::string TimingText(const Question& question, const RequestTimes& times, std::chrono::nanoseconds serialise) {
  const auto ms = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
  return fmt::format(
      "receive;dur={:.4f}, parse;dur={:.4f}, queue;dur={:.4f}, prepare;dur={:.4f}, compute;dur={:.4f}, "
      "serialise;dur={:.4f}, send;dur={:.4f};desc=\"of the answer before\"",
      ms(question.timing.receive), ms(question.parse), ms(times.queue), ms(times.prepare), ms(times.compute),
      ms(times.finish + serialise), ms(question.timing.last_send));
}

absl::StatusOr<ParsedInferRequest> Parse(const HttpCall& call, const Body& body, const LoadedModel& model,
                                         const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const size_t json_size, call.JsonSizeBytes(body.size_bytes()));
  if (!call.json_size || json_size > 0) return ParseInferRequest(body.bytes(), json_size, limits);
  if (model.inputs.size() != 1) {
    return InvalidArgument("a raw request is for models of one input; model '{}' has {}", model.name,
                           model.inputs.size());
  }
  const Port& port = model.inputs[0];
  return ParseRawInferRequest(body.bytes(), port.name, port.dtype, port.shape, limits);
}

absl::StatusOr<HttpAnswer> WriteAnswer(const std::shared_ptr<const Inference>& inference, const Question& question,
                                       const InferenceAnswer& answered) {
  const TimePoint began = question.wants_timing ? std::chrono::steady_clock::now() : TimePoint();
  const std::string version = std::to_string(answered.model.version);
  OAR_ASSIGN_OR_RETURN(WrittenInferResponse written,
                       WriteInferResponse({answered.model.name, version, inference->request.id, answered.outputs}));
  HttpAnswer answer;
  answer.text = std::move(written.json);
  answer.headers.emplace_back("x-model-version", version);
  if (written.has_binary()) {
    answer.content_type = "application/octet-stream";
    answer.headers.emplace_back("Inference-Header-Content-Length", std::to_string(answer.text.size()));
    answer.binary = std::move(written.binary);
    answer.keep = inference;
  }
  if (question.wants_timing) {
    answer.headers.emplace_back(
        "Server-Timing", TimingText(question, answered.response.times(), std::chrono::steady_clock::now() - began));
  }
  return answer;
}

// What a finished request answers with; the execution is free afterwards.
HttpAnswer AnswerOf(const std::shared_ptr<const Inference>& inference, const Question& question,
                    const absl::Status& status, const InferenceAnswer& answered) {
  HttpAnswer answer;
  try {
    auto written = status.ok() ? WriteAnswer(inference, question, answered) : status;
    answer = written.ok() ? *std::move(written) : HttpAnswer::Error(written.status());
  } catch (const std::bad_alloc&) {
    answer = HttpAnswer::Error(ResourceExhausted("no memory left for the answer"));
  }
  answered.response.Release();
  return answer;
}

bool IsOfRepository(RouteKind kind) {
  switch (kind) {
    case RouteKind::kRepositoryIndex:
    case RouteKind::kModelLoad:
    case RouteKind::kModelUnload:
    case RouteKind::kModelRoute:
    case RouteKind::kSetModelRoute:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::Status HttpHandler::Admit(HttpCall* call) const {
  OAR_RETURN_IF_ERROR(access_->Admit(GroupOf(call->method, call->target), call->credentials));
  call->is_admitted = true;
  return absl::OkStatus();
}

HttpAnswer HttpHandler::Refuse(const HttpCall& call, HttpAnswer refusal) {
  const auto record = log_ != nullptr ? RecordOf(call, ParseRoute(call.method, call.target)) : nullptr;
  HttpAnswer observed;
  Observed(call, record, log_, [&observed](HttpAnswer answer) { observed = std::move(answer); })(std::move(refusal));
  return observed;
}

std::shared_ptr<Inference> HttpHandler::Handle(HttpCall call, Done done) {
  const auto route = ParseRoute(call.method, call.target);
  const auto record = log_ != nullptr ? RecordOf(call, route) : nullptr;
  done = Observed(call, record, log_, std::move(done));
  if (!call.is_admitted) {
    std::move(done)(HttpAnswer::Error(Internal("nobody has asked whether this is allowed")));
  } else if (!route.ok()) {
    std::move(done)(HttpAnswer::Error(route.status()));
  } else if (route->kind == RouteKind::kModelInfer) {
    auto begun = Infer(std::move(call), *route, record, &done);
    if (begun.ok()) return *std::move(begun);
    std::move(done)(HttpAnswer::Error(begun.status()));
  } else if (IsOfRepository(route->kind)) {
    AnswerRepository(call, *route, service_, std::move(done));
  } else {
    std::move(done)(Answer(call, *route));
  }
  return nullptr;
}

HttpAnswer HttpHandler::Answer(const HttpCall& call, const Route& route) const {
  HttpAnswer answer;
  switch (route.kind) {
    case RouteKind::kServerMetadata:
      answer.text = ServerMetadataJson(service_->Extensions());
      return answer;
    case RouteKind::kServerLive:
    case RouteKind::kServerReady: {
      const bool live = route.kind == RouteKind::kServerLive;
      const bool yes = live ? service_->is_live() : service_->is_ready();
      answer.status = yes ? 200 : 400;
      answer.text = fmt::format("{{\"{}\":{}}}", live ? "live" : "ready", yes);
      return answer;
    }
    case RouteKind::kModelList:
      answer.text = ModelListJson(service_->repository().Names());
      return answer;
    case RouteKind::kStatistics:
    case RouteKind::kModelStatistics:
      return Statistics(route);
    case RouteKind::kModelMetadata:
    case RouteKind::kModelReady:
    case RouteKind::kModelConfig:
      return ModelAnswer(route);
    case RouteKind::kShmStatus:
    case RouteKind::kShmRegister:
    case RouteKind::kShmUnregister:
    case RouteKind::kCudaStatus:
    case RouteKind::kCudaRegister:
    case RouteKind::kCudaUnregister:
      return AnswerSharedMemory(call, route, service_);
    case RouteKind::kTrace:
    case RouteKind::kSetTrace:
    case RouteKind::kLogging:
    case RouteKind::kSetLogging:
      return AnswerSettings(call, route, *service_);
    case RouteKind::kMetrics:
      answer.content_type = PrometheusText::kContentType;
      answer.text = metrics_();
      return answer;
    case RouteKind::kUnsupported:
      return HttpAnswer::Error(Unimplemented("'{}' belongs to the extension '{}', which is not served",
                                             Printable(call.target), route.extension));
    case RouteKind::kOptions:
      answer.status = 204;
      answer.headers.emplace_back("Allow", std::string(route.allow));
      return answer;
    case RouteKind::kMethodNotAllowed:
      answer = HttpAnswer::Error(
          405, fmt::format("'{}' takes {}, not {}", Printable(call.target), route.allow, Printable(call.method)));
      answer.headers.emplace_back("Allow", std::string(route.allow));
      return answer;
    default:
      return HttpAnswer::Error(NotFound("no such path: '{}'", Printable(call.target)));
  }
}

HttpAnswer HttpHandler::ModelAnswer(const Route& route) const {
  const auto metadata = service_->Metadata(route.model, route.version);
  HttpAnswer answer;
  if (route.kind == RouteKind::kModelReady) {
    // As Triton does: an unknown model is not ready, rather than not found.
    if (!metadata.ok()) return HttpAnswer::Error(400, MessageOf(metadata.status()));
    const bool yes = service_->is_ready();
    answer.status = yes ? 200 : 400;
    answer.text = ModelReadyJson(route.model, yes);
    return answer;
  }
  if (!metadata.ok()) return HttpAnswer::Error(metadata.status());
  answer.text = route.kind == RouteKind::kModelConfig ? ModelConfigurationJson(ModelConfigurationOf(*metadata))
                                                      : ModelMetadataJson(*metadata);
  return answer;
}

HttpAnswer HttpHandler::Statistics(const Route& route) const {
  const auto models = service_->WithStatistics(route.model, route.version);
  if (!models.ok()) return HttpAnswer::Error(models.status());
  HttpAnswer answer;
  answer.text = StatisticsJson(*models, route.version);
  return answer;
}

absl::StatusOr<std::shared_ptr<Inference>> HttpHandler::Infer(HttpCall call, const Route& route,
                                                              std::shared_ptr<CallRecord> record, Done* done) {
  OAR_ASSIGN_OR_RETURN(const RoutedPredictor predictor,
                       service_->Pick({route.model, route.version, call.model_version, call.sticky_key}));
  if (record != nullptr) record->Answers(*predictor.model());
  const TimePoint began = call.wants_timing ? std::chrono::steady_clock::now() : TimePoint();
  auto inference = std::make_shared<Inference>();
  const auto body = std::make_shared<const Body>(std::move(call.body));
  inference->body = body;
  inference->shared_memory = &service_->shared_memory();
  OAR_ASSIGN_OR_RETURN(inference->request, Parse(call, *body, *predictor.model(), service_->limits()));
  Question question{call.wants_timing, call.timing, {}};
  if (call.wants_timing) question.parse = std::chrono::steady_clock::now() - began;
  inference->Start(predictor, [inference, question, record = std::move(record), done = std::move(*done)](
                                  absl::Status status, const InferenceAnswer& answered) mutable {
    if (record != nullptr) record->Took(answered.response.times());
    std::move(done)(AnswerOf(inference, question, status, answered));
  });
  return inference;
}

}  // namespace oarlock
