#include "runtime/request_run.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/status.h"
#include "base/stopwatch.h"
#include "runtime/answer.h"
#include "runtime/pictures.h"

namespace oarlock {
namespace {

constexpr RequestOutput kAnyRoom{};

}  // namespace

RequestRun::RequestRun(const LoadedModel& model, const InferenceRequest& request, ExecutionLease execution,
                       const Batch* batch)
    : model_(model), request_(request), execution_(std::move(execution)), batch_(batch) {}

const RequestOutput* RequestRun::Wanted(size_t index) const {
  if (request_.in_model_order) return &request_.outputs[index];
  if (request_.outputs.empty()) return &kAnyRoom;
  return FindNamed(request_.outputs, model_.outputs[index].port.name, index);
}

const RequestInput& RequestRun::Given(size_t index) const {
  if (request_.in_model_order) return request_.inputs[index];
  return *FindNamed(request_.inputs, model_.inputs[index].name, index);  // CheckRequest has seen it
}

absl::Status RequestRun::Run(std::chrono::nanoseconds queued, InferenceResponse* response) {
  absl::Status status;
  // A picture or an answer may want more memory than there is.
  try {
    status = RunOnce(queued, response);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("no memory left for the request");
  }
  if (!status.ok()) {
    response->Release();
    return status;
  }
  ExecutionStatistics& statistics = execution_->statistics();
  statistics.AddRequest(response->times_, batch_ == nullptr ? 1 : batch_->rows, response->copies_);
  statistics.AddRun(response->times_, batch_);
  return status;
}

absl::Status RequestRun::RunOnce(std::chrono::nanoseconds queued, InferenceResponse* response) {
  response->used_ = true;
  RequestTimes& times = response->times_;
  times.queue = queued;
  is_bound_ = request_.binding != 0 && execution_->binding() == request_.binding;
  prepares_ = !is_bound_ && (model_.image_input.has_value() || !ReadsInPlace());
  if (prepares_) began_ = Stopwatch::Read();
  absl::Status status = is_bound_ ? absl::OkStatus() : Prepare(response);
  const Stopwatch::Ticks prepared = Stopwatch::Read();
  if (prepares_) {
    times.prepare = Stopwatch::Between(began_, prepared);
  } else {
    began_ = prepared;
  }
  if (status.ok()) status = RunExecution();
  const Stopwatch::Ticks computed = Stopwatch::Read();
  times.compute = Stopwatch::Between(prepared, computed);
  if (status.ok()) status = Finish(response);
  if (finishes_) times.finish = Stopwatch::Since(computed);
  return status;
}

absl::Status RequestRun::RunExecution() {
  if (request_.cancel_point == nullptr) return execution_->Run();
  const CancelPoint::Run run(request_.cancel_point, &*execution_);
  return execution_->Run();
}

void RequestRun::HandOver(InferenceResponse* response) {
  if (!response->used_) return execution_.Release();
  if (lends_engine_memory_) {
    execution_.EndRun();
    response->lease_ = std::move(execution_);
  } else {
    response->names_ = execution_.ReleaseToOwner();
  }
}

bool RequestRun::ReadsInPlace() const {
  return std::all_of(request_.inputs.begin(), request_.inputs.end(), [](const RequestInput& input) {
    return input.segments.size() <= 1 &&
           (input.segments.empty() || Execution::ReadsInPlace(input.segments[0].data, input.dtype));
  });
}

absl::Status RequestRun::Prepare(InferenceResponse* response) {
  for (size_t i = 0; i < model_.inputs.size(); ++i) {
    const RequestInput& input = Given(i);
    OAR_RETURN_IF_ERROR(model_.image_input == i ? PrepareImages(i, input, &response->copies_)
                                                : execution_->BindInput(i, input.dtype, input.shape,
                                                                        {input.segments.data(), input.segments.size()},
                                                                        &response->copies_));
    response->copies_.Add(input.copied, InputBytes(input), {false, i});
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
  // What was copied must be copied again the next time.
  if (!response->copies_.any && !model_.image_input) execution_->set_binding(request_.binding);
  return absl::OkStatus();
}

absl::Status RequestRun::PrepareImages(size_t index, const RequestInput& input, CopyReport* copies) {
  OAR_ASSIGN_OR_RETURN(const int64_t count, PictureCount(model_, input));
  const Shape shape = OutputShape(*model_.manifest.preprocess, count);
  OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(DType::kF32));
  OAR_ASSIGN_OR_RETURN(std::byte* const staging, execution_->Staging(index, size_bytes));
  const std::span<float> pixels(reinterpret_cast<float*>(staging), size_bytes / sizeof(float));
  OAR_RETURN_IF_ERROR(DecodePictures(model_, input, count, pixels));
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
      OAR_RETURN_IF_ERROR(Deliver(i, *wanted, result.view, result.copied, true, response));
      continue;
    }
    finishes_ = true;
    if (answers.empty()) {
      OAR_ASSIGN_OR_RETURN(answers, DecodeAnswer(*model_.manifest.postprocess, result.view));
    }
    const Tensor& answer = answers[*output.answer_index];
    OAR_RETURN_IF_ERROR(Deliver(i, *wanted, answer.view(), CopyReason::kNone, false, response));
    response->owned_.push_back(answer);
  }
  return absl::OkStatus();
}

absl::Status RequestRun::Deliver(size_t index, const RequestOutput& wanted, const TensorView& view, CopyReason copied,
                                 bool engine_memory, InferenceResponse* response) {
  const PublicOutput& output = model_.outputs[index];
  response->copies_.Add(copied, view.size_bytes, {true, index});
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
  response->copies_.Add(output.port.in_place ? CopyReason::kUnaligned : CopyReason::kDynamicOutput, view.size_bytes,
                        {true, index});
  response->outputs_.push_back(
      {output.port.name, {view.dtype, view.shape, static_cast<const std::byte*>(wanted.data), view.size_bytes}});
  return absl::OkStatus();
}

}  // namespace oarlock
