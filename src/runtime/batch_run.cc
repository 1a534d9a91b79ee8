#include "runtime/batch_run.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/status.h"
#include "base/stopwatch.h"
#include "runtime/answer.h"
#include "runtime/pictures.h"

namespace oarlock {
namespace {

// Where the rows of an output begin, each member's and the end. Elements of BYTES are of different lengths.
absl::StatusOr<std::vector<size_t>> RowOffsets(const TensorView& view, std::span<const BatchMember> members,
                                               int64_t padded_rows) {
  std::vector<size_t> offsets{0};
  if (view.dtype != DType::kBytes) {
    const size_t row_bytes = view.size_bytes / static_cast<size_t>(padded_rows);
    for (const BatchMember& member : members) {
      offsets.push_back(offsets.back() + static_cast<size_t>(member.rows()) * row_bytes);
    }
    return offsets;
  }
  OAR_ASSIGN_OR_RETURN(const int64_t count, view.shape.ElementCount());
  OAR_ASSIGN_OR_RETURN(const auto elements, BytesElements({view.data, view.size_bytes}, count));
  const size_t elements_per_row = elements.size() / static_cast<size_t>(padded_rows);
  size_t next = 0;
  for (const BatchMember& member : members) {
    size_t end = offsets.back();
    for (const size_t last = next + static_cast<size_t>(member.rows()) * elements_per_row; next < last; ++next) {
      end += sizeof(uint32_t) + elements[next].size();
    }
    offsets.push_back(end);
  }
  return offsets;
}

}  // namespace

absl::StatusOr<BatchPlace> PlaceInBatch(const LoadedModel& model, const InferenceRequest& request) {
  BatchPlace place;
  for (size_t i = 0; i < model.inputs.size(); ++i) {
    const RequestInput& input = *FindNamed(request.inputs, model.inputs[i].name, i);
    if (i == 0) place.rows = input.shape[0];
    if (input.shape[0] != place.rows) {
      return InvalidArgument("inputs '{}' and '{}' have {} and {} rows; in a model with batching they have as many",
                             model.inputs[0].name, model.inputs[i].name, place.rows, input.shape[0]);
    }
    // Elements run into each other's once they are brought together, so each request must be sound by itself.
    if (input.dtype == DType::kBytes && model.image_input != i) {
      std::string room;
      OAR_ASSIGN_OR_RETURN(const int64_t count, input.shape.ElementCount());
      const auto elements = BytesElements(Joined(input, &room), count);
      if (!elements.ok()) return Annotate(elements.status(), fmt::format("input '{}'", input.name));
    }
    for (int axis = 1; axis < input.shape.rank(); ++axis) {
      if (model.inputs[i].shape[axis] == kDynamic) place.shape.push_back(input.shape[axis]);
    }
  }
  return place;
}

void BatchRun::Run() {
  absl::Status status = RunTogether(members_, batch_);
  if (!status.ok() && members_.size() > 1 && !absl::IsCancelled(status)) {
    execution_.statistics().AddRerun();
    for (BatchMember& member : members_) {
      Batch alone = batch_;
      alone.rows = member.rows();
      alone.padded_rows = model_->pool->batching().PaddedRows(alone.rows);
      // What is wrong with this request only is its status already.
      if (absl::Status failed = RunTogether(std::span(&member, 1), alone); !failed.ok()) {
        member.status = std::move(failed);
      }
    }
  } else if (!status.ok()) {
    for (BatchMember& member : members_) member.status = status;
  }
  for (BatchMember& member : members_) {
    if (!member.status.ok()) member.response.Release();
  }
}

absl::Status BatchRun::RunTogether(std::span<BatchMember> members, Batch batch) {
  // Where other dims are open, a client says how long a row is; padding must not multiply that at will.
  const double row_bytes =
      static_cast<double>(InputBytes(*members[0].request)) / static_cast<double>(members[0].rows());
  if (row_bytes * static_cast<double>(batch.padded_rows - batch.rows) >
      static_cast<double>(model_->limits.batch_padding_bytes_max)) {
    batch.padded_rows = batch.rows;
  }
  for (BatchMember& member : members) {
    member.response.Release();
    member.response.used_ = true;
    member.status = absl::OkStatus();
  }
  RequestTimes times;
  const Stopwatch::Ticks began = Stopwatch::Read();
  absl::Status status;
  try {
    status = Gather(members, batch.padded_rows);
    const Stopwatch::Ticks prepared = Stopwatch::Read();
    times.prepare = Stopwatch::Between(began, prepared);
    if (status.ok()) status = execution_.Run();
    const Stopwatch::Ticks computed = Stopwatch::Read();
    times.compute = Stopwatch::Between(prepared, computed);
    if (status.ok()) status = Scatter(members, batch.padded_rows);
    times.finish = Stopwatch::Since(computed);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("no memory left for the batch");
  }
  if (!status.ok()) return status;
  execution_.statistics().AddRun(times, &batch);
  for (BatchMember& member : members) {
    if (!member.status.ok()) continue;
    member.response.times_ = times;
    member.response.times_.queue = member.queued;
    execution_.statistics().AddRequest(member.response.times_, member.rows(), member.response.copies_);
  }
  return absl::OkStatus();
}

absl::Status BatchRun::Gather(std::span<BatchMember> members, int64_t padded_rows) {
  for (size_t i = 0; i < model_->inputs.size(); ++i) {
    OAR_RETURN_IF_ERROR(model_->image_input == i ? GatherPictures(i, members, padded_rows)
                                                 : GatherInput(i, members, padded_rows));
  }
  for (size_t i = 0; i < model_->compiled->outputs().size(); ++i) {
    OAR_RETURN_IF_ERROR(execution_.BindOutput(i, nullptr, 0));
  }
  return absl::OkStatus();
}

absl::Status BatchRun::GatherInput(size_t index, std::span<BatchMember> members, int64_t padded_rows) {
  Shape shape;
  DType dtype = DType::kInvalid;
  size_t size_bytes = 0;
  int64_t rows = 0;
  for (const BatchMember& member : members) {
    const RequestInput& input = *FindNamed(member.request->inputs, model_->inputs[index].name, index);
    shape = input.shape;
    dtype = input.dtype;
    size_bytes += InputBytes(input);
    rows += member.rows();
  }
  // A row of padding is zeros: numbers, or BYTES elements of no length.
  shape.set_dim(0, 1);
  OAR_ASSIGN_OR_RETURN(const size_t row_bytes, shape.SizeBytes(dtype == DType::kBytes ? DType::kU32 : dtype));
  const size_t padding_bytes = static_cast<size_t>(padded_rows - rows) * row_bytes;
  OAR_ASSIGN_OR_RETURN(std::byte* const staging, execution_.Staging(index, size_bytes + padding_bytes));
  std::byte* at = staging;
  for (BatchMember& member : members) {
    const RequestInput& input = *FindNamed(member.request->inputs, model_->inputs[index].name, index);
    for (const Segment& segment : input.segments) {
      if (segment.size_bytes > 0) std::memcpy(at, segment.data, segment.size_bytes);
      at += segment.size_bytes;
    }
    member.response.copies_.Add(input.copied, InputBytes(input), {false, index});
    member.response.copies_.Add(CopyReason::kBatched, InputBytes(input), {false, index});
  }
  std::fill_n(at, padding_bytes, std::byte{0});
  shape.set_dim(0, padded_rows);
  const Segment segment{staging, size_bytes + padding_bytes};
  return execution_.BindInput(index, dtype, shape, std::span(&segment, 1), &members[0].response.copies_);
}

absl::Status BatchRun::GatherPictures(size_t index, std::span<BatchMember> members, int64_t padded_rows) {
  const Shape shape = OutputShape(*model_->manifest.preprocess, padded_rows);
  OAR_ASSIGN_OR_RETURN(const size_t size_bytes, shape.SizeBytes(DType::kF32));
  OAR_ASSIGN_OR_RETURN(std::byte* const staging, execution_.Staging(index, size_bytes));
  const std::span<float> pixels(reinterpret_cast<float*>(staging), size_bytes / sizeof(float));
  const size_t pixels_per_row = pixels.size() / static_cast<size_t>(padded_rows);
  std::fill(pixels.begin(), pixels.end(), 0.0F);  // padding, and what cannot be decoded
  size_t row = 0;
  for (BatchMember& member : members) {
    const RequestInput& input = *FindNamed(member.request->inputs, model_->inputs[index].name, index);
    const auto rows = static_cast<size_t>(member.rows());
    const auto count = PictureCount(*model_, input);
    // A picture that is none fails its own request only.
    member.status =
        count.ok() ? DecodePictures(*model_, input, *count, pixels.subspan(row * pixels_per_row, rows * pixels_per_row))
                   : count.status();
    row += rows;
  }
  const Segment segment{staging, size_bytes};
  return execution_.BindInput(index, DType::kF32, shape, std::span(&segment, 1), &members[0].response.copies_);
}

absl::Status BatchRun::Scatter(std::span<BatchMember> members, int64_t padded_rows) {
  for (size_t engine_index = 0; engine_index < model_->compiled->outputs().size(); ++engine_index) {
    EngineOutput result;
    OAR_RETURN_IF_ERROR(execution_.Output(engine_index, &result));
    TensorView view = result.view;
    if (view.shape.rank() < 1 || view.shape[0] != padded_rows) {
      return Internal(
          "output '{}' of model '{}' is {} for a batch of {} rows, so rows cannot be told apart; serve it "
          "with `max_batch_size: 0`",
          model_->compiled->outputs()[engine_index].name, model_->name, view.shape.ToString(), padded_rows);
    }
    OAR_ASSIGN_OR_RETURN(const std::vector<size_t> offsets, RowOffsets(view, members, padded_rows));
    for (size_t i = 0; i < members.size(); ++i) {
      if (!members[i].status.ok()) continue;
      TensorView rows = view;
      rows.shape.set_dim(0, members[i].rows());
      rows.data = view.data + offsets[i];
      rows.size_bytes = offsets[i + 1] - offsets[i];
      members[i].status = Deliver(engine_index, rows, &members[i]);
    }
  }
  return absl::OkStatus();
}

absl::Status BatchRun::Deliver(size_t engine_index, const TensorView& rows, BatchMember* member) const {
  std::vector<Tensor> answers;
  InferenceResponse& response = member->response;
  response.names_ = model_;
  for (size_t i = 0; i < model_->outputs.size(); ++i) {
    const PublicOutput& output = model_->outputs[i];
    if (output.engine_index != engine_index) continue;
    const RequestOutput any{};
    const RequestOutput* const wanted =
        member->request->outputs.empty() ? &any : FindNamed(member->request->outputs, output.port.name, i);
    if (wanted == nullptr) continue;
    TensorView view = rows;
    if (output.answer_index) {
      if (answers.empty()) {
        OAR_ASSIGN_OR_RETURN(answers, DecodeAnswer(*model_->manifest.postprocess, rows));
      }
      view = answers[*output.answer_index].view();
    }
    if (wanted->data != nullptr && view.size_bytes > wanted->size_bytes) {
      return InvalidArgument("output '{}' is {} {} and takes {} bytes; the room for it has {}", output.port.name,
                             NameOf(view.dtype), view.shape.ToString(), view.size_bytes, wanted->size_bytes);
    }
    if (wanted->data != nullptr) {
      if (view.size_bytes > 0) std::memcpy(wanted->data, view.data, view.size_bytes);
      view.data = static_cast<const std::byte*>(wanted->data);
    } else if (output.answer_index) {
      response.owned_.push_back(answers[*output.answer_index]);
    } else {
      OAR_ASSIGN_OR_RETURN(Tensor own, Tensor::Clone(view));
      view = own.view();
      response.owned_.push_back(std::move(own));
    }
    if (!output.answer_index) response.copies_.Add(CopyReason::kBatched, view.size_bytes, {true, i});
    response.outputs_.push_back({output.port.name, view});
  }
  return absl::OkStatus();
}

}  // namespace oarlock
