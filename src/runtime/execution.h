// One of a predictor's places to run. Remembers what is bound, so that an engine is told only of changes (binding anew
// costs an OpenVINO call 40 allocations), and owns the memory that tensors are gathered in when they cannot be bound as
// they lie. Thread rule: one thread at a time, except Cancel(). Ownership: bound memory is lent until the run it was
// bound for ends.
#ifndef OARLOCK_RUNTIME_EXECUTION_H_
#define OARLOCK_RUNTIME_EXECUTION_H_

#include <algorithm>
#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "runtime/copy_report.h"
#include "runtime/statistics.h"

namespace oarlock {

struct Segment {
  const std::byte* data = nullptr;
  size_t size_bytes = 0;
};

// Who has an execution. Kept by its pool; whoever sets it from free has it.
struct Occupancy {
  enum Use : uint8_t { kFree, kHeld, kRunning };  // held: views of its memory live, and others may run
  std::atomic<Use> use{kFree};
  bool has_permits = false;  // written by who has it
};

// In lines of the cache of its own: executions are taken and given back all the time, by threads beside each other.
class alignas(64) Execution {
 public:
  Execution(std::unique_ptr<EngineExecution> engine, const CompiledModel& model);

  // Would an input of one segment be bound where it lies? Engines read elements as they are.
  static bool ReadsInPlace(const std::byte* data, DType dtype) {
    const size_t alignment = std::max<size_t>(1, ElementSizeBytes(dtype));
    return reinterpret_cast<uintptr_t>(data) % alignment == 0;
  }
  // The segments' sizes must add up to what dtype and shape ask for (checked by the caller).
  absl::Status BindInput(size_t index, DType dtype, const Shape& shape, std::span<const Segment> segments,
                         CopyReport* copies);
  // Room of ours for an input, at least `size_bytes`, kept for later runs. What it holds is bound by BindInput.
  absl::StatusOr<std::byte*> Staging(size_t index, size_t size_bytes);
  // Room for an output of a fixed size, or data == nullptr for the engine's own memory.
  absl::Status BindOutput(size_t index, void* data, size_t size_bytes);
  // A number for all that is bound now, given by who bound it: 0 again once anything else is. Who finds his own number
  // here need not bind anything.
  uint64_t binding() const { return binding_; }
  void set_binding(uint64_t binding) { binding_ = binding; }
  // Would the engine copy an output on its way to such room? The room is bound afterwards.
  absl::Status AskOutput(size_t index, void* data, size_t size_bytes, CopyReason* reason);
  absl::Status Run();
  absl::Status Output(size_t index, EngineOutput* output);
  // Any thread. True if the run under way will stop early.
  bool Cancel() { return engine_->Cancel(); }
  Occupancy& occupancy() { return occupancy_; }
  const Occupancy& occupancy() const { return occupancy_; }
  // Written by the holder.
  ExecutionStatistics& statistics() { return statistics_; }
  const ExecutionStatistics& statistics() const { return statistics_; }

 private:
  struct BoundInput {
    const std::byte* data = nullptr;
    size_t size_bytes = 0;
    Shape shape;
    bool bound = false;
    CopyReason reason = CopyReason::kNone;
    std::shared_ptr<Buffer> staging;
  };
  struct BoundOutput {
    void* data = nullptr;
    size_t size_bytes = 0;
    DType dtype = DType::kInvalid;
    Shape shape;
  };

  Occupancy occupancy_;
  std::unique_ptr<EngineExecution> engine_;
  std::vector<BoundInput> inputs_;
  std::vector<BoundOutput> outputs_;
  uint64_t binding_ = 0;
  ExecutionStatistics statistics_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_EXECUTION_H_
