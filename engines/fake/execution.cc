#include "execution.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "compute.h"

using oarlock::fake::Code;
using oarlock::fake::Compute;
using oarlock::fake::ElementSizeBytes;
using oarlock::fake::Failure;
using oarlock::fake::Port;
using oarlock::fake::Script;
using oarlock::plugin::PortAt;

namespace {
constexpr uintptr_t kAlignmentBytes = 64;
}  // namespace

oar_engine_execution::oar_engine_execution(const oar_engine_model& model)
    : model_(model), inputs_(model.script.inputs.size()), outputs_(model.script.outputs.size()) {}

oar_copy_reason oar_engine_execution::BindInput(size_t index, const oar_view& view) {
  oarlock::plugin::CheckInput(PortAt(model_.script.inputs, index, "input"), view);
  BoundInput& input = inputs_[index];
  const bool copies = model_.script.strict_alignment && reinterpret_cast<uintptr_t>(view.data) % kAlignmentBytes != 0;
  // All memory that runs will need is taken here.
  input.copy.resize(copies ? view.size_bytes : 0);
  if (index < outputs_.size()) {
    outputs_[index].own.resize(view.size_bytes);
    outputs_[index].ready = false;
  }
  input.view = view;
  input.bound = true;
  return copies ? OAR_COPY_UNALIGNED : OAR_COPY_NONE;
}

oar_copy_reason oar_engine_execution::BindOutput(size_t index, const oar_view* room) {
  const Port& port = PortAt(model_.script.outputs, index, "output");
  if (room != nullptr) oarlock::plugin::CheckRoom(port, *room);
  BoundOutput& output = outputs_[index];
  output.ready = false;
  output.room = room == nullptr ? nullptr : room->data;
  output.room_bytes = room == nullptr ? 0 : room->size_bytes;
  return room == nullptr || FitsRoom(index) ? OAR_COPY_NONE : OAR_COPY_DYNAMIC_OUTPUT;
}

// As far as is known: an output takes as many bytes as the input it is computed from.
bool oar_engine_execution::FitsRoom(size_t index) const {
  if (model_.script.dynamic_output) return false;
  const BoundInput& input = inputs_[index];
  if (input.bound) return outputs_[index].room_bytes >= input.view.size_bytes;
  const Port& port = model_.script.outputs[index];
  size_t size_bytes = ElementSizeBytes(port.dtype);
  for (int32_t i = 0; i < port.rank; ++i) {
    if (port.dims[i] >= 0) size_bytes *= static_cast<size_t>(port.dims[i]);
  }
  return outputs_[index].room_bytes >= size_bytes;
}

void oar_engine_execution::OutputShape(size_t index, int32_t* rank, int64_t* dims) const {
  const Port& port = PortAt(model_.script.outputs, index, "output");
  const bool is_dynamic = !port.is_static();
  const BoundInput& input = inputs_[index];
  if (model_.script.dynamic_output) oarlock::plugin::KnownOnlyAfterTheRun(port);
  if (is_dynamic && !input.bound) {
    throw Failure(Code::kFailedPrecondition, "the dims of output '" + port.name + "' follow those of input '" +
                                                 model_.script.inputs[index].name + "', which is not bound");
  }
  *rank = port.rank;
  std::copy_n(is_dynamic ? input.view.dims : port.dims, port.rank, dims);
}

bool oar_engine_execution::Wait() {
  const Script& script = model_.script;
  const oar_view& first = inputs_.front().view;
  const int64_t rows = first.rank > 0 ? first.dims[0] : 1;
  const auto delay = std::chrono::microseconds(script.delay_us + script.row_delay_us * rows);
  if (delay.count() <= 0) return true;
  const auto until = std::chrono::steady_clock::now() + delay;
  std::unique_lock lock(mutex_);
  waiting_ = true;
  cancelled_ = false;
  woken_.wait_until(lock, until, [&] { return cancelled_; });
  waiting_ = false;
  return !cancelled_;
}

bool oar_engine_execution::Cancel() {
  const std::lock_guard lock(mutex_);
  if (!waiting_) return false;
  cancelled_ = true;
  woken_.notify_one();
  return true;
}

void oar_engine_execution::Run() {
  const Script& script = model_.script;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i].bound) oarlock::plugin::NotBound(script.inputs[i]);
  }
  for (BoundOutput& output : outputs_) output.ready = false;
  if (!Wait()) throw Failure(Code::kCancelled, "the run was cancelled");
  if (script.run_fails_every > 0 && ++run_count_ % script.run_fails_every == 0) {
    throw Failure(static_cast<Code>(script.run_code), script.run_text);
  }
  if (model_.keeps_source && model_.source != model_.source_at_load) {
    throw Failure(Code::kInternal, "the source changed while it was lent");
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    BoundInput& input = inputs_[i];
    BoundOutput& output = outputs_[i];
    const size_t size_bytes = input.view.size_bytes;
    const void* from = input.view.data;
    if (!input.copy.empty()) from = std::memcpy(input.copy.data(), from, size_bytes);
    const bool in_place = output.room != nullptr && FitsRoom(i);
    void* to = in_place ? output.room : output.own.data();
    Compute(input.view.dtype, script.op, script.add, from, to, size_bytes);
    output.result = input.view;
    output.result.data = to;
    output.reason = output.room == nullptr || in_place ? OAR_COPY_NONE : OAR_COPY_DYNAMIC_OUTPUT;
    output.ready = true;
  }
}

oar_copy_reason oar_engine_execution::Output(size_t index, oar_view* view) const {
  const Port& port = PortAt(model_.script.outputs, index, "output");
  const BoundOutput& output = outputs_[index];
  if (!output.ready) oarlock::plugin::HoldsNoResult(port);
  *view = output.result;
  return output.reason;
}
