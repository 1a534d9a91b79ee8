#include "runtime/request.h"

#include <utility>

namespace oarlock {

const InferenceOutput* InferenceResponse::Find(std::string_view name) const {
  for (const InferenceOutput& output : outputs_) {
    if (output.name == name) return &output;
  }
  return nullptr;
}

void InferenceResponse::Release() {
  if (!std::exchange(used_, false)) return;
  outputs_.clear();
  owned_.clear();
  lease_.Release();
  names_.reset();
  if (copies_.any) copies_ = CopyReport();
  times_ = RequestTimes();
}

}  // namespace oarlock
