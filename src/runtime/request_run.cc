#include "runtime/request_run.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/status.h"
#include "base/stopwatch.h"
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

RequestRun::RequestRun(const LoadedModel& model, const InferenceRequest& request, ExecutionLease execution)
    : model_(model), request_(request), execution_(std::move(execution)) {}

const RequestOutput* RequestRun::Wanted(size_t index) const {
  if (request_.outputs.empty()) return &kAnyRoom;
  return FindNamed(request_.outputs, model_.outputs[index].port.name, index);
}

absl::Status RequestRun::Run(std::chrono::nanoseconds queued, InferenceResponse* response) {
  response->used_ = true;
  RequestTimes& times = response->times_;
  times.queue = queued;
  prepares_ = model_.image_input.has_value() || !ReadsInPlace();
  const Stopwatch::Ticks began = prepares_ ? Stopwatch::Read() : 0;
  absl::Status status = Prepare(response);
  const Stopwatch::Ticks prepared = Stopwatch::Read();
  if (prepares_) times.prepare = Stopwatch::Between(began, prepared);
  if (status.ok()) status = execution_->Run();
  const Stopwatch::Ticks computed = Stopwatch::Read();
  times.compute = Stopwatch::Between(prepared, computed);
  if (status.ok()) status = Finish(response);
  if (finishes_) times.finish = Stopwatch::Since(computed);
  if (!status.ok()) {
    response->Release();
    return status;
  }
  if (lends_engine_memory_) {
    response->lease_ = std::move(execution_);
  } else {
    response->names_ = execution_.ReleaseToOwner();
  }
  return absl::OkStatus();
}

bool RequestRun::ReadsInPlace() const {
  return std::all_of(request_.inputs.begin(), request_.inputs.end(), [](const RequestInput& input) {
    return input.segments.size() <= 1 &&
           (input.segments.empty() || Execution::ReadsInPlace(input.segments[0].data, input.dtype));
  });
}

absl::Status RequestRun::Prepare(InferenceResponse* response) {
  for (size_t i = 0; i < model_.inputs.size(); ++i) {
    const RequestInput& input = *FindNamed(request_.inputs, model_.inputs[i].name, i);  // CheckRequest has seen it
    OAR_RETURN_IF_ERROR(model_.image_input == i ? PrepareImages(i, input, &response->copies_)
                                                : execution_->BindInput(i, input.dtype, input.shape,
                                                                        {input.segments.data(), input.segments.size()},
                                                                        &response->copies_));
  }
  for (size_t i = 0; i < model_.outputs.size(); ++i) {
    const PublicOutput& output = model_.outputs[i];
    if (output.answer_index) continue;  // the decoder reads the engine's memory
    const RequestOutput* wanted = Wanted(i);
    // Where the dims follow from the inputs', the engine decides at the run whether the room will do; where only the
    // run tells the size, the room is filled afterwards.
    const bool fits = wanted != nullptr && wanted->data != nullptr && output.port.in_place &&
                      Execution::ReadsInPlace(static_cast<const std::byte*>(wanted->data), output.port.dtype) &&
                      wanted->size_bytes >= output.size_bytes;
    OAR_RETURN_IF_ERROR(
        execution_->BindOutput(output.engine_index, fits ? wanted->data : nullptr, fits ? wanted->size_bytes : 0));
  }
  return absl::OkStatus();
}

absl::Status RequestRun::PrepareImages(size_t index, const RequestInput& input, CopyReport* copies) {
  const ImagePreprocess& settings = *model_.manifest.preprocess;
  OAR_ASSIGN_OR_RETURN(const int64_t count, input.shape.ElementCount());
  if (count < 1 || count > model_.limits.images_per_request_max) {
    return InvalidArgument("input '{}' holds {} pictures; 1 to {} are possible", input.name, count,
                           model_.limits.images_per_request_max);
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
    const auto image = DecodeImage(std::as_bytes(std::span((*files)[i])), settings.color, model_.limits);
    const absl::Status status =
        image.ok() ? PreprocessInto(settings, *image, pixels.subspan(i * pixels_per_image, pixels_per_image))
                   : image.status();
    if (!status.ok()) return Annotate(status, fmt::format("input '{}', picture {}", input.name, i));
  }
  const Segment segment{staging, size_bytes};
  return execution_->BindInput(index, DType::kF32, shape, std::span(&segment, 1), copies);
}

absl::Status RequestRun::Finish(InferenceResponse* response) {
  std::vector<Tensor> answers;
  for (size_t i = 0; i < model_.outputs.size(); ++i) {
    const PublicOutput& output = model_.outputs[i];
    const RequestOutput* wanted = Wanted(i);
    if (wanted == nullptr) continue;
    EngineOutput result;
    OAR_RETURN_IF_ERROR(execution_->Output(output.engine_index, &result));
    if (!output.answer_index) {
      OAR_RETURN_IF_ERROR(Deliver(output, *wanted, result.view, result.copied, true, response));
      continue;
    }
    finishes_ = true;
    if (answers.empty()) {
      OAR_ASSIGN_OR_RETURN(answers, DecodeAnswer(*model_.manifest.postprocess, result.view));
    }
    const Tensor& answer = answers[*output.answer_index];
    OAR_RETURN_IF_ERROR(Deliver(output, *wanted, answer.view(), CopyReason::kNone, false, response));
    response->owned_.push_back(answer);
  }
  return absl::OkStatus();
}

absl::Status RequestRun::Deliver(const PublicOutput& output, const RequestOutput& wanted, const TensorView& view,
                                 CopyReason copied, bool engine_memory, InferenceResponse* response) {
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
  finishes_ = true;
  if (view.size_bytes > 0) std::memcpy(wanted.data, view.data, view.size_bytes);
  response->copies_.Add(output.port.in_place ? CopyReason::kUnaligned : CopyReason::kDynamicOutput, view.size_bytes);
  response->outputs_.push_back(
      {output.port.name, {view.dtype, view.shape, static_cast<const std::byte*>(wanted.data), view.size_bytes}});
  return absl::OkStatus();
}

}  // namespace oarlock
