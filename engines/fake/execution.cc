#include "execution.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "compute.h"

using oarlock::fake::Compute;
using oarlock::fake::DimsText;
using oarlock::fake::ElementSizeBytes;
using oarlock::fake::Failure;
using oarlock::fake::kCancelled;
using oarlock::fake::kFailedPrecondition;
using oarlock::fake::kInternal;
using oarlock::fake::kInvalidArgument;
using oarlock::fake::NameOf;
using oarlock::fake::Port;
using oarlock::fake::Script;

namespace {

constexpr uintptr_t kAlignmentBytes = 64;

const Port& PortAt(const std::vector<Port>& ports, size_t index, const char* what) {
  if (index < ports.size()) return ports[index];
  throw Failure(kInvalidArgument, std::string(what) + " " + std::to_string(index) + " does not exist; the model has " +
                                      std::to_string(ports.size()));
}

[[noreturn]] void Refuse(std::string text) { throw Failure(kInvalidArgument, std::move(text)); }

void CheckDType(const Port& port, const char* what, const oar_view& view) {
  if (view.dtype == port.dtype) return;
  Refuse(std::string(what) + " '" + port.name + "' is " + std::string(NameOf(view.dtype)) + "; the model has " +
         std::string(NameOf(port.dtype)));
}

void CheckInput(const Port& port, const oar_view& view) {
  CheckDType(port, "input", view);
  if (view.rank < 0 || view.rank > OAR_MAX_RANK)
    Refuse("input '" + port.name + "' has " + std::to_string(view.rank) + " dims");
  bool admitted = view.rank == port.rank;
  size_t size_bytes = std::max<size_t>(ElementSizeBytes(port.dtype), 1);
  for (int32_t i = 0; admitted && i < view.rank; ++i) {
    admitted = view.dims[i] >= 0 && (port.dims[i] < 0 || port.dims[i] == view.dims[i]);
    if (__builtin_mul_overflow(size_bytes, static_cast<size_t>(view.dims[i]), &size_bytes)) admitted = false;
  }
  if (!admitted) {
    Refuse("input '" + port.name + "' has dims " + DimsText(view.rank, view.dims) + "; the model takes " +
           DimsText(port.rank, port.dims));
  }
  if (port.dtype != OAR_DTYPE_BYTES && view.size_bytes != size_bytes) {
    Refuse("input '" + port.name + "' of dims " + DimsText(view.rank, view.dims) + " takes " +
           std::to_string(size_bytes) + " bytes; " + std::to_string(view.size_bytes) + " were given");
  }
  if (view.data == nullptr && view.size_bytes > 0) Refuse("input '" + port.name + "' has no data");
}

}  // namespace

oar_engine_execution::oar_engine_execution(const oar_engine_model& model)
    : model_(model), inputs_(model.script.inputs.size()), outputs_(model.script.outputs.size()) {}

oar_copy_reason oar_engine_execution::BindInput(size_t index, const oar_view& view) {
  CheckInput(PortAt(model_.script.inputs, index, "input"), view);
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
  if (room != nullptr) CheckDType(port, "room for output", *room);
  if (room != nullptr && room->data == nullptr) Refuse("room for output '" + port.name + "' has no data");
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
  const bool is_dynamic = std::any_of(port.dims, port.dims + port.rank, [](int64_t dim) { return dim < 0; });
  const BoundInput& input = inputs_[index];
  if (model_.script.dynamic_output) {
    throw Failure(kFailedPrecondition, "the dims of output '" + port.name + "' are known only after the run");
  }
  if (is_dynamic && !input.bound) {
    throw Failure(kFailedPrecondition, "the dims of output '" + port.name + "' follow those of input '" +
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

int32_t oar_engine_execution::Run(std::string_view* text) {
  const Script& script = model_.script;
  for (const BoundInput& input : inputs_) {
    if (!input.bound) {
      *text = "an input is not bound; bind every input before a run";
      return kFailedPrecondition;
    }
  }
  for (BoundOutput& output : outputs_) output.ready = false;
  if (!Wait()) {
    *text = "the run was cancelled";
    return kCancelled;
  }
  if (script.run_fails_every > 0 && ++run_count_ % script.run_fails_every == 0) {
    *text = script.run_text;
    return script.run_code;
  }
  if (script.keeps_source && model_.source != model_.source_at_load) {
    *text = "the source changed while it was lent";
    return kInternal;
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
  return 0;
}

oar_copy_reason oar_engine_execution::Output(size_t index, oar_view* view) const {
  const Port& port = PortAt(model_.script.outputs, index, "output");
  const BoundOutput& output = outputs_[index];
  if (!output.ready) {
    throw Failure(kFailedPrecondition,
                  "output '" + port.name + "' holds no result: nothing has run successfully since it was bound");
  }
  *view = output.result;
  return output.reason;
}
