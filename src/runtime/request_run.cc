#include "runtime/request_run.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/status.h"
#include "runtime/answer.h"

namespace oarlock {
namespace {

constexpr RequestOutput kAnyRoom{};

// Packed BYTES in one piece: as it lies, or joined in `room`.
std::span<const std::byte> Joined(std::span<const Segment> segments, std::string* room) {
  if (segments.empty()) return {};
  if (segments.size() == 1) return {segments[0].data, segments[0].size_bytes};
  for (const Segment& segment : segments) {
    room->append(reinterpret_cast<const char*>(segment.data), segment.size_bytes);
  }
  return std::as_bytes(std::span(*room));
}

}  // namespace

RequestRun::RequestRun(std::shared_ptr<const LoadedModel> model, const InferenceRequest& request,
                       ExecutionLease execution, const Clock& clock)
    : model_(std::move(model)), request_(request), execution_(std::move(execution)), clock_(clock) {}

const RequestOutput* RequestRun::Wanted(std::string_view name) const {
  if (request_.outputs.empty()) return &kAnyRoom;
  for (const RequestOutput& output : request_.outputs) {
    if (output.name == name) return &output;
  }
  return nullptr;
}

absl::Status RequestRun::Run(std::chrono::nanoseconds queued, InferenceResponse* response) {
  response->Release();
  response->times_.queue = queued;
  const TimePoint began = clock_.Now();
  absl::Status status = Prepare(response);
  const TimePoint prepared = clock_.Now();
  response->times_.prepare = prepared - began;
  if (status.ok()) status = execution_->Run();
  const TimePoint computed = clock_.Now();
  response->times_.compute = computed - prepared;
  if (status.ok()) status = Finish(response);
  response->times_.finish = clock_.Now() - computed;
  if (!status.ok()) {
    response->Release();
    return status;
  }
  if (lends_engine_memory_) response->lease_ = std::move(execution_);
  return absl::OkStatus();
}

absl::Status RequestRun::Prepare(InferenceResponse* response) {
  for (size_t i = 0; i < model_->inputs.size(); ++i) {
    for (const RequestInput& input : request_.inputs) {
      if (input.name != model_->inputs[i].name) continue;
      OAR_RETURN_IF_ERROR(model_->image_input == i
                              ? PrepareImages(i, input, &response->copies_)
                              : execution_->BindInput(i, input.dtype, input.shape,
                                                      {input.segments.data(), input.segments.size()},
                                                      &response->copies_));
      break;
    }
  }
  for (const PublicOutput& output : model_->outputs) {
    if (output.answer_index) continue;  // the decoder reads the engine's memory
    const RequestOutput* wanted = Wanted(output.port.name);
    // Room for an output whose size the run decides is filled afterwards.
    const bool in_place = wanted != nullptr && wanted->data != nullptr && output.port.in_place;
    const size_t alignment = std::max<size_t>(1, ElementSizeBytes(output.port.dtype));
    const bool aligned = in_place && reinterpret_cast<uintptr_t>(wanted->data) % alignment == 0;
    // Where the dims follow from the inputs', the engine decides at the run whether the room will do.
    const auto size_bytes = aligned && !output.port.shape.is_dynamic() ? output.port.shape.SizeBytes(output.port.dtype)
                                                                       : absl::StatusOr<size_t>(size_t{0});
    const bool fits = aligned && size_bytes.ok() && wanted->size_bytes >= *size_bytes;
    OAR_RETURN_IF_ERROR(
        execution_->BindOutput(output.engine_index, fits ? wanted->data : nullptr, fits ? wanted->size_bytes : 0));
  }
  return absl::OkStatus();
}

absl::Status RequestRun::PrepareImages(size_t index, const RequestInput& input, CopyReport* copies) {
  const ImagePreprocess& settings = *model_->manifest.preprocess;
  OAR_ASSIGN_OR_RETURN(const int64_t count, input.shape.ElementCount());
  if (count < 1 || count > model_->limits.images_per_request_max) {
    return InvalidArgument("input '{}' holds {} pictures; 1 to {} are possible", input.name, count,
                           model_->limits.images_per_request_max);
  }
  std::string room;
  const auto files = BytesElements(Joined({input.segments.data(), input.segments.size()}, &room), count);
  if (!files.ok()) return Annotate(files.status(), fmt::format("input '{}'", input.name));
  const Shape shape = OutputShape(settings, count);
  OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(DType::kF32));
  OAR_ASSIGN_OR_RETURN(std::byte* const staging, execution_->Staging(index, size_bytes));
  const std::span<float> pixels(reinterpret_cast<float*>(staging), size_bytes / sizeof(float));
  const size_t pixels_per_image = pixels.size() / static_cast<size_t>(count);
  for (size_t i = 0; i < files->size(); ++i) {
    const auto image = DecodeImage(std::as_bytes(std::span((*files)[i])), settings.color, model_->limits);
    const absl::Status status =
        image.ok() ? PreprocessInto(settings, *image, pixels.subspan(i * pixels_per_image, pixels_per_image))
                   : image.status();
    if (!status.ok()) return Annotate(status, fmt::format("input '{}', picture {}", input.name, i));
  }
  const Segment segment{staging, size_bytes};
  return execution_->BindInput(index, DType::kF32, shape, std::span(&segment, 1), copies);
}

absl::Status RequestRun::Finish(InferenceResponse* response) {
  response->names_ = model_;
  std::vector<Tensor> answers;
  for (const PublicOutput& output : model_->outputs) {
    if (Wanted(output.port.name) == nullptr) continue;
    EngineOutput result;
    OAR_RETURN_IF_ERROR(execution_->Output(output.engine_index, &result));
    if (!output.answer_index) {
      OAR_RETURN_IF_ERROR(Deliver(output, result.view, result.copied, true, response));
      continue;
    }
    if (answers.empty()) {
      OAR_ASSIGN_OR_RETURN(answers, DecodeAnswer(*model_->manifest.postprocess, result.view));
    }
    const Tensor& answer = answers[*output.answer_index];
    OAR_RETURN_IF_ERROR(Deliver(output, answer.view(), CopyReason::kNone, false, response));
    response->owned_.push_back(answer);
  }
  return absl::OkStatus();
}

absl::Status RequestRun::Deliver(const PublicOutput& output, const TensorView& view, CopyReason copied,
                                 bool engine_memory, InferenceResponse* response) {
  const RequestOutput& wanted = *Wanted(output.port.name);
  response->copies_.Add(copied, view.size_bytes);
  if (wanted.data == nullptr || view.data == static_cast<const std::byte*>(wanted.data)) {
    lends_engine_memory_ |= engine_memory && wanted.data == nullptr;
    response->outputs_.push_back({output.port.name, view});
    return absl::OkStatus();
  }
  if (view.size_bytes > wanted.size_bytes) {
    return InvalidArgument("output '{}' is {} {} and takes {} bytes; the room for it has {}", output.port.name,
                           NameOf(view.dtype), view.shape.ToString(), view.size_bytes, wanted.size_bytes);
  }
  if (view.size_bytes > 0) std::memcpy(wanted.data, view.data, view.size_bytes);
  response->copies_.Add(output.port.in_place ? CopyReason::kUnaligned : CopyReason::kDynamicOutput, view.size_bytes);
  response->outputs_.push_back(
      {output.port.name, {view.dtype, view.shape, static_cast<const std::byte*>(wanted.data), view.size_bytes}});
  return absl::OkStatus();
}

}  // namespace oarlock
