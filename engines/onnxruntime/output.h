// An output of an execution: where it goes, decided before each run. Not thread-safe.
//
// ONNX Runtime writes in place wherever the dims are right beforehand, and refuses the run, before it computes this
// output, where they are not. So an output whose dims follow from the inputs' is given its place, the caller's room or
// memory kept here; any other is left to ONNX Runtime to allocate.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_OUTPUT_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_OUTPUT_H_

#include <memory>
#include <vector>

#include "model.h"

namespace oarlock::onnxruntime {

// The dims of an output for the inputs bound now; null = known only after the run.
using KnownDims = const int64_t*;

class Output {
 public:
  // `room` null takes a former one back. `dims` as far as they are known already.
  oar_copy_reason Bind(const Port& port, const oar_view* room, KnownDims dims);
  // Before a run. What ONNX Runtime is to write to; null = its own memory.
  OrtValue* Place(const Port& port, const OrtMemoryInfo* memory_info, KnownDims dims);
  // After one that went well: `value` is what Place gave, or what ONNX Runtime made.
  void Finish(const Port& port, OrtValue* value);
  void Invalidate() { ready_ = false; }
  oar_copy_reason View(const Port& port, oar_view* view) const;

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  bool FitsRoom(const Port& port, KnownDims dims) const;
  // Memory kept here, for the output of these dims.
  void* Own(size_t size_bytes);
  void ViewOwn(const Port& port, oar_view* view) const;

  void* room_ = nullptr;
  size_t room_bytes_ = 0;
  std::unique_ptr<std::byte[], Free> own_;
  size_t own_bytes_ = 0;

  Owned<OrtValue> placed_;  // over `room_` or `own_`, with dims as in `result_`
  Owned<OrtValue> made_;    // by ONNX Runtime
  std::vector<char> packed_;
  oar_view result_{};
  oar_copy_reason reason_ = OAR_COPY_NONE;
  bool ready_ = false;
};

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_OUTPUT_H_
