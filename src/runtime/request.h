// One inference asked for, and its answer: the waist that every way in builds and everything below reads.
//
//   InferenceRequest request;
//   request.inputs.push_back(RequestInput::Of("x", tensor.view()));
//   InferenceResponse response;
//   OAR_RETURN_IF_ERROR(predictor->Infer(request, &response));
//   Use(response.outputs()[0].view);      // valid until response.Release(), its next use, or its end
//
// Ownership: a request owns nothing it was lent, except through `keep_alive`. Lent memory must stay until a synchronous
// call returns, or an asynchronous one has called back. Not thread-safe; one request or response, one thread at a time.
#ifndef OARLOCK_RUNTIME_REQUEST_H_
#define OARLOCK_RUNTIME_REQUEST_H_

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"
#include "base/clock.h"
#include "engine/engine.h"
#include "runtime/cancel_point.h"
#include "runtime/execution_pool.h"
#include "runtime/priority.h"
#include "runtime/request_times.h"
#include "tensor/tensor.h"

namespace oarlock {

// A tensor of one segment is bound where it lies; one of several is gathered once.
struct RequestInput {
  std::string_view name;
  DType dtype = DType::kInvalid;
  Shape shape;
  absl::InlinedVector<Segment, 2> segments;
  CopyReason copied = CopyReason::kNone;  // why whoever made the request has copied it already

  static RequestInput Of(std::string_view name, const TensorView& view) {
    return {name, view.dtype, view.shape, {Segment{view.data, view.size_bytes}}, CopyReason::kNone};
  }
};

// An output asked for. With `data`, the result is written there (and must fit); without, the response shows memory of
// the engine or its own.
struct RequestOutput {
  std::string_view name;
  void* data = nullptr;
  size_t size_bytes = 0;
};

struct InferenceRequest {
  TimePoint deadline = kNoDeadline;
  Priority priority = Priority::kNormal;
  // Of a synchronous call: go through the queue, and share a batch with others, where the model has batching.
  bool batched = false;
  absl::InlinedVector<RequestInput, 4> inputs;
  absl::InlinedVector<RequestOutput, 4> outputs;  // empty = all
  std::shared_ptr<const void> keep_alive;         // dropped when nothing touches the lent memory any more
  // Inputs and outputs are the model's, all of them and in its order. A number for them that no other request has, and
  // that changes whenever one of them does, lets an execution that was bound to them skip it; 0 = none.
  bool in_model_order = false;
  uint64_t binding = 0;
  CancelPoint* cancel_point = nullptr;  // of a synchronous call, for other threads to stop its run
};

// The item of that name; null if there is none. Callers name tensors in the model's order most of the time, so the one
// at `likely` is looked at first.
template <typename Items>
auto* FindNamed(Items& items, std::string_view name, size_t likely) {
  if (likely < items.size() && items[likely].name == name) return &items[likely];
  for (auto& item : items) {
    if (item.name == name) return &item;
  }
  return static_cast<decltype(&items[0])>(nullptr);
}

inline size_t InputBytes(const RequestInput& input) {
  size_t sum = 0;
  for (const Segment& segment : input.segments) sum += segment.size_bytes;
  return sum;
}
inline size_t InputBytes(const InferenceRequest& request) {
  size_t sum = 0;
  for (const RequestInput& input : request.inputs) sum += InputBytes(input);
  return sum;
}
// An input's bytes in one piece: as they lie, or joined in `room`.
std::span<const std::byte> Joined(const RequestInput& input, std::string* room);

struct InferenceOutput {
  std::string_view name;
  TensorView view;
};

class InferenceResponse {
 public:
  InferenceResponse() = default;
  InferenceResponse(InferenceResponse&&) = default;
  InferenceResponse& operator=(InferenceResponse&&) = default;
  ~InferenceResponse() { Release(); }

  std::span<const InferenceOutput> outputs() const { return {outputs_.data(), outputs_.size()}; }
  // Null if there is no such output.
  const InferenceOutput* Find(std::string_view name) const;
  const CopyReport& copies() const { return copies_; }
  const RequestTimes& times() const { return times_; }
  // Does a view show memory of the engine? Then an execution is held until Release().
  bool holds_execution() const { return lease_.held(); }
  // Ends all views and gives the execution back.
  void Release();

 private:
  friend class RequestRun;
  friend class BatchRun;
  bool used_ = false;  // since the last Release()
  absl::InlinedVector<InferenceOutput, 4> outputs_;
  absl::InlinedVector<Tensor, 2> owned_;
  std::shared_ptr<const void> names_;  // keeps the names that outputs_ shows, unless the lease does
  ExecutionLease lease_;
  CopyReport copies_;
  RequestTimes times_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REQUEST_H_
