// An input of an execution: what is bound to it, as ONNX Runtime wants it. Not thread-safe.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_INPUT_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_INPUT_H_

#include "model.h"

namespace oarlock::onnxruntime {

class Input {
 public:
  // STRINGS for BYTES, which are copied at each run; else NONE. A refused view leaves what was bound.
  oar_copy_reason Bind(const Port& port, const OrtMemoryInfo* memory_info, const oar_view& view);
  // Before each run: strings are read anew, for the memory may hold others by now.
  void Refresh(const Port& port) const;
  // Null while nothing is bound.
  const OrtValue* value() const { return value_.get(); }
  const oar_view& view() const { return view_; }

 private:
  Owned<OrtValue> value_;
  oar_view view_{};
};

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_INPUT_H_
