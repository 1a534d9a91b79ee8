#include "runtime/execution.h"

#include <algorithm>
#include <cstring>

#include "base/status.h"

namespace oarlock {
namespace {

// What an empty tensor points to: engines refuse a null address.
alignas(kBufferAlignmentBytes) const std::byte kEmpty[kBufferAlignmentBytes] = {};

}  // namespace

Execution::Execution(std::unique_ptr<EngineExecution> engine, const CompiledModel& model)
    : engine_(std::move(engine)), inputs_(model.inputs().size()), outputs_(model.outputs().size()) {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    outputs_[i].dtype = model.outputs()[i].dtype;
    outputs_[i].shape = model.outputs()[i].shape;
  }
}

absl::StatusOr<std::byte*> Execution::Staging(size_t index, size_t size_bytes) {
  BoundInput& input = inputs_[index];
  if (input.staging == nullptr || input.staging->size_bytes() < size_bytes) {
    OAR_ASSIGN_OR_RETURN(auto grown, Buffer::Allocate(size_bytes));
    input.staging = std::move(grown);
    input.bound = false;  // the old memory is gone
    binding_ = 0;
  }
  return input.staging->data();
}

absl::Status Execution::BindInput(size_t index, DType dtype, const Shape& shape, std::span<const Segment> segments,
                                  CopyReport* copies) {
  BoundInput& input = inputs_[index];
  size_t size_bytes = 0;
  for (const Segment& segment : segments) size_bytes += segment.size_bytes;
  const std::byte* data = size_bytes == 0 ? kEmpty : segments[0].data;

  const bool split = size_bytes > 0 && segments[0].size_bytes != size_bytes;
  const bool unaligned = !ReadsInPlace(data, dtype);
  if (split || unaligned) {
    OAR_ASSIGN_OR_RETURN(std::byte* const staging, Staging(index, size_bytes));
    std::byte* at = staging;
    for (const Segment& segment : segments) {
      if (segment.size_bytes > 0) std::memcpy(at, segment.data, segment.size_bytes);
      at += segment.size_bytes;
    }
    data = staging;
    copies->Add(split ? CopyReason::kGathered : CopyReason::kUnaligned, size_bytes, {false, index});
  }

  if (!input.bound || input.data != data || input.size_bytes != size_bytes || !(input.shape == shape)) {
    input.bound = false;
    binding_ = 0;
    OAR_RETURN_IF_ERROR(engine_->BindInput(index, {dtype, shape, data, size_bytes}, &input.reason));
    input.bound = true;
    input.data = data;
    input.size_bytes = size_bytes;
    input.shape = shape;
  }
  copies->Add(input.reason, size_bytes, {false, index});
  return absl::OkStatus();
}

absl::Status Execution::BindOutput(size_t index, void* data, size_t size_bytes) {
  const BoundOutput& output = outputs_[index];
  if (output.data == data && output.size_bytes == size_bytes) return absl::OkStatus();
  CopyReason ignored = CopyReason::kNone;  // Output() tells what became of it
  return AskOutput(index, data, size_bytes, &ignored);
}

absl::Status Execution::AskOutput(size_t index, void* data, size_t size_bytes, CopyReason* reason) {
  BoundOutput& output = outputs_[index];
  binding_ = 0;
  OAR_RETURN_IF_ERROR(data == nullptr
                          ? engine_->UnbindOutput(index)
                          : engine_->BindOutput(index, output.dtype, output.shape, data, size_bytes, reason));
  output.data = data;
  output.size_bytes = size_bytes;
  return absl::OkStatus();
}

absl::Status Execution::Run() { return engine_->Run(); }

absl::Status Execution::Output(size_t index, EngineOutput* output) { return engine_->Output(index, output); }

}  // namespace oarlock
