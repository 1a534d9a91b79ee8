#include "runtime/request.h"

#include <utility>

namespace oarlock {

std::span<const std::byte> Joined(const RequestInput& input, std::string* room) {
  if (input.segments.empty()) return {};
  if (input.segments.size() == 1) return {input.segments[0].data, input.segments[0].size_bytes};
  for (const Segment& segment : input.segments) {
    room->append(reinterpret_cast<const char*>(segment.data), segment.size_bytes);
  }
  return std::as_bytes(std::span(*room));
}

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
