#include "runtime/request.h"

namespace oarlock {

const InferenceOutput* InferenceResponse::Find(std::string_view name) const {
  for (const InferenceOutput& output : outputs_) {
    if (output.name == name) return &output;
  }
  return nullptr;
}

void InferenceResponse::Release() {
  outputs_.clear();
  owned_.clear();
  lease_.Release();
  names_.reset();
  copies_ = CopyReport();
  times_ = RequestTimes();
}

}  // namespace oarlock
