#include "server/http/handler.h"

#include <charconv>
#include <new>

#include "base/status.h"
#include "server/http/infer_request_parser.h"
#include "server/http/infer_response_writer.h"
#include "server/http/metadata.h"
#include "server/http/statistics_json.h"

namespace oarlock {
namespace {

// Everything one inference needs until its answer is written.
struct Inference {
  Body body;
  ParsedInferRequest parsed;
  std::vector<std::string> output_names;  // in the order of the answer
  std::vector<bool> binary;               // one per output
  std::vector<Tensor> rooms;              // where outputs of fixed size are written; empty tensors elsewhere
  std::vector<Tensor> copies;
  bool all_binary = false;
  bool wants_timing = false;
  HttpCall::Timing timing;
  std::chrono::nanoseconds parse{0};
};

// W3C Server-Timing: what the time went to, in the order of the stages.
std::string TimingText(const Inference& inference, const RequestTimes& times, std::chrono::nanoseconds serialise) {
  const auto ms = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()) / 1e6; };
  return fmt::format(
      "receive;dur={:.4f}, parse;dur={:.4f}, queue;dur={:.4f}, prepare;dur={:.4f}, compute;dur={:.4f}, "
      "serialise;dur={:.4f}, send;dur={:.4f};desc=\"of the answer before\"",
      ms(inference.timing.receive), ms(inference.parse), ms(times.queue), ms(times.prepare), ms(times.compute),
      ms(times.finish + serialise), ms(inference.timing.last_send));
}

absl::Status Parse(const HttpCall& call, const LoadedModel& model, const Limits& limits, Inference* inference) {
  const std::span<const std::byte> body = inference->body.bytes();
  OAR_ASSIGN_OR_RETURN(const size_t json_size, call.JsonSizeBytes(body.size()));
  if (call.json_size && json_size == 0) {
    if (model.inputs.size() != 1) {
      return InvalidArgument("a raw request is for models of one input; model '{}' has {}", model.name,
                             model.inputs.size());
    }
    const Port& port = model.inputs[0];
    OAR_ASSIGN_OR_RETURN(inference->parsed, ParseRawInferRequest(body, port.name, port.dtype, port.shape, limits));
    inference->all_binary = true;
    return absl::OkStatus();
  }
  OAR_ASSIGN_OR_RETURN(inference->parsed, ParseInferRequest(body, json_size, limits));
  return absl::OkStatus();
}

// Which outputs, and how each goes out. An output of a fixed size gets room of ours, so that a slow reader of the
// answer does not keep the execution.
absl::Status PlanOutputs(const LoadedModel& model, Inference* inference, InferenceRequest* request) {
  const bool binary_default = inference->all_binary || inference->parsed.binary_data_output;
  for (const ParsedOutput& output : inference->parsed.outputs) {
    if (output.classification > 0) {
      return Unimplemented("output '{}': classification is not served; give the model a `postprocess.top_k` instead",
                           Printable(output.name));
    }
    inference->output_names.push_back(output.name);
    inference->binary.push_back(output.binary_data.value_or(binary_default));
  }
  if (inference->parsed.outputs.empty()) {
    for (const PublicOutput& output : model.outputs) {
      inference->output_names.push_back(output.port.name);
      inference->binary.push_back(binary_default);
    }
  }
  for (size_t i = 0; i < inference->output_names.size(); ++i) {
    Tensor room;
    for (const PublicOutput& output : model.outputs) {
      if (output.port.name != inference->output_names[i] || !inference->binary[i]) continue;
      if (output.answer_index || !output.port.in_place || !output.port.rank_known) continue;
      if (output.port.shape.is_dynamic()) continue;
      OAR_ASSIGN_OR_RETURN(room, Tensor::Allocate(output.port.dtype, output.port.shape));
    }
    request->outputs.push_back({inference->output_names[i], room.data(), room.size_bytes()});
    inference->rooms.push_back(std::move(room));
  }
  return absl::OkStatus();
}

absl::StatusOr<HttpAnswer> WriteAnswer(const LoadedModel& model, const std::shared_ptr<Inference>& inference,
                                       InferenceResponse* response) {
  const TimePoint began = inference->wants_timing ? std::chrono::steady_clock::now() : TimePoint();
  std::vector<ResponseOutput> outputs;
  for (size_t i = 0; i < inference->output_names.size(); ++i) {
    const InferenceOutput* output = response->Find(inference->output_names[i]);
    if (output == nullptr) return Internal("output '{}' was not computed", inference->output_names[i]);
    TensorView view = output->view;
    if (inference->binary[i] && view.data != inference->rooms[i].data()) {
      OAR_ASSIGN_OR_RETURN(Tensor copy, Tensor::Clone(view));
      inference->copies.push_back(std::move(copy));
      view = inference->copies.back().view();
    }
    outputs.push_back({inference->output_names[i], view, inference->binary[i]});
  }
  const std::string version = fmt::format("{}", model.version);
  OAR_ASSIGN_OR_RETURN(WrittenInferResponse written,
                       WriteInferResponse({model.name, version, inference->parsed.id, outputs}));
  HttpAnswer answer;
  answer.text = std::move(written.json);
  answer.headers.emplace_back("x-model-version", version);
  if (written.has_binary()) {
    answer.content_type = "application/octet-stream";
    answer.headers.emplace_back("Inference-Header-Content-Length", fmt::format("{}", answer.text.size()));
    answer.binary = std::move(written.binary);
    answer.keep = inference;
  }
  if (inference->wants_timing) {
    answer.headers.emplace_back("Server-Timing",
                                TimingText(*inference, response->times(), std::chrono::steady_clock::now() - began));
  }
  return answer;
}

// What a finished request answers with; the execution is free afterwards.
HttpAnswer AnswerOf(const LoadedModel& model, const std::shared_ptr<Inference>& inference, const absl::Status& status,
                    InferenceResponse* response) {
  HttpAnswer answer;
  try {
    auto written = status.ok() ? WriteAnswer(model, inference, response) : status;
    answer = written.ok() ? *std::move(written) : HttpAnswer::Error(written.status());
  } catch (const std::bad_alloc&) {
    answer = HttpAnswer::Error(ResourceExhausted("no memory left for the answer"));
  }
  response->Release();
  return answer;
}

}  // namespace

void HttpHandler::Handle(HttpCall call, Done done) {
  if (call.answer_coding != ContentCoding::kIdentity) {
    // Where the answer is made: that of an inference is compressed on the predictor's thread.
    done = [coding = call.answer_coding, done = std::move(done)](HttpAnswer answer) mutable {
      answer.Encode(coding);
      std::move(done)(std::move(answer));
    };
  }
  const auto route = ParseRoute(call.method, call.target);
  if (!route.ok()) return std::move(done)(HttpAnswer::Error(route.status()));
  if (route->kind != RouteKind::kModelInfer) return std::move(done)(Answer(call, *route));
  const absl::Status status = Infer(std::move(call), *route, &done);
  if (!status.ok()) std::move(done)(HttpAnswer::Error(status));
}

HttpAnswer HttpHandler::Answer(const HttpCall& call, const Route& route) const {
  HttpAnswer answer;
  switch (route.kind) {
    case RouteKind::kServerMetadata:
      answer.text = ServerMetadataJson();
      return answer;
    case RouteKind::kServerLive:
    case RouteKind::kServerReady: {
      const bool live = route.kind == RouteKind::kServerLive;
      const bool yes = live ? live_ : ready_;
      answer.status = yes ? 200 : 400;
      answer.text = fmt::format("{{\"{}\":{}}}", live ? "live" : "ready", yes);
      return answer;
    }
    case RouteKind::kModelList:
      answer.text = ModelListJson(repository_->Names());
      return answer;
    case RouteKind::kStatistics:
    case RouteKind::kModelStatistics:
      return Statistics(route);
    case RouteKind::kModelMetadata:
    case RouteKind::kModelReady: {
      const auto predictor = repository_->Find(route.model, route.version);
      const auto model = predictor.ok() ? (*predictor)->model() : nullptr;
      if (route.kind == RouteKind::kModelReady) {
        const bool yes = ready_ && model != nullptr;
        // As Triton does: an unknown model is not ready, rather than not found.
        if (model == nullptr) return HttpAnswer::Error(400, MessageOf(predictor.status()));
        answer.status = yes ? 200 : 400;
        answer.text = ModelReadyJson(route.model, yes);
        return answer;
      }
      if (model == nullptr) return HttpAnswer::Error(predictor.status());
      answer.text = ModelMetadataJson(*model, VersionsOf(route.model));
      return answer;
    }
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

HttpAnswer HttpHandler::Statistics(const Route& route) const {
  std::vector<std::shared_ptr<const ServedModel>> models;
  if (route.kind == RouteKind::kStatistics) {
    models = repository_->Models();
  } else {
    const auto model = repository_->Model(route.model);
    if (!model.ok()) return HttpAnswer::Error(model.status());
    models.push_back(*model);
  }
  auto text = StatisticsJson(models, route.version);
  if (!text.ok()) return HttpAnswer::Error(text.status());
  HttpAnswer answer;
  answer.text = *std::move(text);
  return answer;
}

std::vector<int64_t> HttpHandler::VersionsOf(std::string_view name) const {
  std::vector<int64_t> versions;
  if (const auto model = repository_->Model(name); model.ok()) {
    for (const auto& [version, variant] : (*model)->variants()) versions.push_back(version);
  }
  return versions;
}

absl::Status HttpHandler::Infer(HttpCall call, const Route& route, Done* done) {
  if (!ready_) return Unavailable("the server is starting or stopping; try again later");
  std::optional<uint64_t> version = route.version;
  if (call.model_version) {
    uint64_t pinned = 0;
    const std::string& text = *call.model_version;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pinned);
    if (error != std::errc() || end != text.data() + text.size() || (version && *version != pinned)) {
      return InvalidArgument(
          "x-model-version is '{}'; it must be a version number, and that of the path if both are given",
          Printable(text));
    }
    version = pinned;
  }
  OAR_ASSIGN_OR_RETURN(const RoutedPredictor predictor, repository_->Pick(route.model, version, call.sticky_key));
  const std::shared_ptr<const LoadedModel>& model = predictor.model();

  const TimePoint began = call.wants_timing ? std::chrono::steady_clock::now() : TimePoint();
  auto inference = std::make_shared<Inference>();
  inference->body = std::move(call.body);
  OAR_RETURN_IF_ERROR(Parse(call, *model, limits_, inference.get()));
  InferenceRequest request;
  for (const ParsedInput& input : inference->parsed.inputs)
    request.inputs.push_back(RequestInput::Of(input.name, input.view));
  OAR_RETURN_IF_ERROR(PlanOutputs(*model, inference.get(), &request));
  if (inference->parsed.timeout_us > 0) {
    constexpr int64_t kLongest_us = int64_t{1'000'000} * 60 * 60 * 24;
    request.deadline = std::chrono::steady_clock::now() +
                       std::chrono::microseconds(std::min(inference->parsed.timeout_us, kLongest_us));
  }
  // Triton's: 0 is the default, 1 the most urgent.
  if (const int64_t priority = inference->parsed.priority; priority > 0) {
    request.priority = priority == 1 ? Priority::kHigh : priority == 2 ? Priority::kNormal : Priority::kLow;
  }
  inference->wants_timing = call.wants_timing;
  inference->timing = call.timing;
  if (call.wants_timing) inference->parse = std::chrono::steady_clock::now() - began;

  InferenceResponse response;
  if (const auto status = predictor.InferIfShort(request, &response)) {
    std::move (*done)(AnswerOf(*model, inference, *status, &response));
    return absl::OkStatus();
  }
  request.keep_alive = inference;
  // Shared, because the request may be refused, and then the caller answers.
  auto shared_done = std::make_shared<Done>(std::move(*done));
  const auto id = predictor.InferAsync(
      std::move(request), [model = model, inference, shared_done](absl::Status status, InferenceResponse late) {
        HttpAnswer answer = AnswerOf(*model, inference, status, &late);
        std::move (*shared_done)(std::move(answer));
      });
  if (!id.ok()) {
    *done = std::move(*shared_done);
    return id.status();
  }
  return absl::OkStatus();
}

}  // namespace oarlock
