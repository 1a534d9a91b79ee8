#include "runtime/zero_copy.h"

#include <bit>

#include "base/status.h"
#include "runtime/lent_request.h"

namespace oarlock {
namespace {

// The largest power of two that an address is a multiple of, up to a page.
int64_t AlignmentOf(const std::byte* data) {
  const auto address = reinterpret_cast<uintptr_t>(data);
  return int64_t{1} << std::min(12, std::countr_zero(address | 4096));
}

ZeroCopyVerdict Refused(Condition condition, int64_t wanted, int64_t found, const absl::Status& why) {
  return {condition, CopyReason::kNone, true, wanted, found, std::string(MessageOf(why))};
}

ZeroCopyVerdict Copied(CopyReason reason, int64_t wanted, int64_t found, std::string text) {
  return {ConditionOf(reason), reason, false, wanted, found, std::move(text)};
}

// What is wrong with a tensor for a port whatever is copied; a verdict that is met if nothing is.
ZeroCopyVerdict CheckFits(const Port& port, const StridedTensor& tensor, const absl::Status& fits) {
  if (fits.ok()) return {};
  if (tensor.dtype() != port.dtype) {
    return Refused(Condition::kDType, static_cast<int64_t>(port.dtype), static_cast<int64_t>(tensor.dtype()), fits);
  }
  if (!port.rank_known || port.shape.Admits(tensor.shape())) return Refused(Condition::kLayout, 0, 0, fits);
  size_t wanted = 0;
  if (!port.shape.TrySizeBytes(port.dtype, &wanted)) wanted = 0;
  return Refused(Condition::kSize, static_cast<int64_t>(wanted), static_cast<int64_t>(tensor.size_bytes()), fits);
}

ZeroCopyVerdict CheckAlignment(std::string_view kind, const Port& port, const StridedTensor& tensor) {
  if (Execution::ReadsInPlace(tensor.data(), port.dtype)) return {};
  const auto wanted = static_cast<int64_t>(ElementSizeBytes(port.dtype));
  const int64_t found = AlignmentOf(tensor.data());
  return Copied(CopyReason::kUnaligned, wanted, found,
                fmt::format("{} '{}': the memory starts at a multiple of {}; {} elements ask for {}", kind, port.name,
                            found, NameOf(port.dtype), wanted));
}

ZeroCopyVerdict EngineCopies(std::string_view kind, const Port& port, const LoadedModel& model,
                             const StridedTensor& tensor, CopyReason reason) {
  if (reason == CopyReason::kNone) return {};
  const bool by_address = reason == CopyReason::kUnaligned;
  return Copied(reason, by_address ? static_cast<int64_t>(kBufferAlignmentBytes) : 0,
                by_address ? AlignmentOf(tensor.data()) : 0,
                fmt::format("{} '{}': {} copies it at each run ({})", kind, port.name, model.compiled->engine()->name(),
                            NameOf(reason)));
}

// One of the model's executions, without running it.
absl::StatusOr<ExecutionLease> Borrow(const std::shared_ptr<LoadedModel>& model) {
  Execution* execution = model->pool->TryAcquire();
  if (execution == nullptr) {
    OAR_ASSIGN_OR_RETURN(execution, model->pool->Acquire(kNoDeadline, model->execution_wait_max, Priority::kNormal,
                                                         std::chrono::nanoseconds(-1)));
  }
  return ExecutionLease(model, model->pool.get(), execution);
}

}  // namespace

Condition ConditionOf(CopyReason reason) {
  switch (reason) {
    case CopyReason::kNone:
      return Condition::kMet;
    case CopyReason::kUnaligned:
      return Condition::kAlignment;
    case CopyReason::kBatched:
    case CopyReason::kGathered:
    case CopyReason::kStrided:
    case CopyReason::kStrings:
      return Condition::kLayout;
    case CopyReason::kDynamicOutput:
      return Condition::kDynamicShape;
    case CopyReason::kDType:
      return Condition::kDType;
    case CopyReason::kUntrusted:
      return Condition::kRace;
  }
  return Condition::kMet;
}

absl::StatusOr<ZeroCopyVerdict> CheckInputZeroCopy(const std::shared_ptr<LoadedModel>& model, size_t index,
                                                   const StridedTensor& tensor) {
  OAR_RETURN_IF_ERROR(CheckInputIndex(*model, index));
  const Port& port = model->inputs[index];
  if (auto verdict = CheckFits(port, tensor, CheckInputFits(port, tensor)); verdict.refused) return verdict;
  const CopyReason beforehand = CopyBeforehand(port, tensor);
  if (beforehand == CopyReason::kStrided) {
    return Copied(beforehand, 0, 0, fmt::format("input '{}': the elements are not contiguous", port.name));
  }
  if (beforehand == CopyReason::kUntrusted) {
    return Copied(
        beforehand, 0, 0,
        fmt::format("input '{}': others may write the memory while its values are an index or a size", port.name));
  }
  if (model->image_input == index) return ZeroCopyVerdict();  // pictures are decoded from where they lie
  if (auto verdict = CheckAlignment("input", port, tensor); verdict.condition != Condition::kMet) return verdict;
  OAR_ASSIGN_OR_RETURN(const ExecutionLease execution, Borrow(model));
  const Segment segment{tensor.data(), tensor.size_bytes()};
  CopyReport copies;
  OAR_RETURN_IF_ERROR(execution->BindInput(index, tensor.dtype(), tensor.shape(), std::span(&segment, 1), &copies));
  return EngineCopies("input", port, *model, tensor,
                      copies.copy_count == 0 ? CopyReason::kNone : copies.copies[0].reason);
}

absl::StatusOr<ZeroCopyVerdict> CheckOutputZeroCopy(const std::shared_ptr<LoadedModel>& model, size_t index,
                                                    const StridedTensor& room) {
  OAR_RETURN_IF_ERROR(CheckOutputIndex(*model, index));
  const PublicOutput& output = model->outputs[index];
  const Port& port = output.port;
  if (auto verdict = CheckFits(port, room, CheckOutputFits(port, room)); verdict.refused) return verdict;
  if (output.answer_index || !port.in_place) {
    return Copied(CopyReason::kDynamicOutput, 0, 0,
                  fmt::format("output '{}': {}", port.name,
                              output.answer_index ? "it is decoded from what the engine writes"
                                                  : "its size is known only after the run, or the engine copies it"));
  }
  if (auto verdict = CheckAlignment("output", port, room); verdict.condition != Condition::kMet) return verdict;
  OAR_ASSIGN_OR_RETURN(const ExecutionLease execution, Borrow(model));
  CopyReason reason = CopyReason::kNone;
  OAR_RETURN_IF_ERROR(execution->AskOutput(output.engine_index, room.data(), room.size_bytes(), &reason));
  return EngineCopies("output", port, *model, room, reason);
}

}  // namespace oarlock
