#include "execution.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <thread>

#include "error.h"

using oarlock::onnxruntime::Api;
using oarlock::onnxruntime::Check;
using oarlock::onnxruntime::KnownDims;
using oarlock::onnxruntime::Owned;
using oarlock::onnxruntime::Problem;
using oarlock::onnxruntime::Take;
using oarlock::onnxruntime::Throw;
using oarlock::plugin::Code;
using oarlock::plugin::Failure;
using oarlock::plugin::PortAt;

oar_engine_execution::oar_engine_execution(oar_engine_model& model)
    : model_(model),
      inputs_(model.inputs.size()),
      outputs_(model.outputs.size()),
      known_dims_(model.outputs.size()),
      input_values_(model.inputs.size()),
      output_values_(model.outputs.size()) {
  OrtRunOptions* options = nullptr;
  Check(Api().CreateRunOptions(&options));
  run_options_.reset(options);
  for (const Port& port : model_.inputs) {
    input_names_.push_back(port.name.c_str());
    has_strings_ |= port.dtype == OAR_DTYPE_BYTES;
  }
  for (const Port& port : model_.outputs) output_names_.push_back(port.name.c_str());
}

oar_copy_reason oar_engine_execution::BindInput(size_t index, const oar_view& view) {
  const Port& port = PortAt(model_.inputs, index, "input");
  const oar_view& bound = inputs_[index].view();
  const bool same_dims = input_values_[index] != nullptr && bound.rank == view.rank &&
                         std::equal(bound.dims, bound.dims + bound.rank, view.dims);
  const oar_copy_reason reason = inputs_[index].Bind(port, model_.memory_info, view);
  input_values_[index] = inputs_[index].value();
  if (!same_dims) resolved_ = false;
  return reason;
}

oar_copy_reason oar_engine_execution::BindOutput(size_t index, const oar_view* room) {
  const Port& port = PortAt(model_.outputs, index, "output");
  Resolve();
  return outputs_[index].Bind(port, room, Known(index));
}

void oar_engine_execution::Resolve() {
  if (resolved_) return;
  resolved_ = true;
  std::map<std::string_view, int64_t> symbols;  // -1 = two inputs disagree: the name means nothing
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Port& port = model_.inputs[i];
    if (input_values_[i] == nullptr) continue;
    for (int32_t d = 0; d < port.rank; ++d) {
      const std::string& symbol = port.symbols[static_cast<size_t>(d)];
      if (symbol.empty()) continue;
      const auto [entry, fresh] = symbols.emplace(symbol, inputs_[i].view().dims[d]);
      if (!fresh && entry->second != inputs_[i].view().dims[d]) entry->second = -1;
    }
  }
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const Port& port = model_.outputs[i];
    Dims& known = known_dims_[i];
    known.known = port.rank >= 0;
    for (int32_t d = 0; d < port.rank; ++d) {
      known.dims[d] = port.dims[d];
      if (port.dims[d] >= 0) continue;
      const auto symbol = symbols.find(port.symbols[static_cast<size_t>(d)]);
      known.dims[d] = symbol == symbols.end() ? -1 : symbol->second;
      known.known = known.known && known.dims[d] >= 0;
    }
  }
}

KnownDims oar_engine_execution::Known(size_t index) const {
  return places_outputs_ && known_dims_[index].known ? known_dims_[index].dims : nullptr;
}

void oar_engine_execution::OutputShape(size_t index, int32_t* rank, int64_t* dims) {
  const Port& port = PortAt(model_.outputs, index, "output");
  Resolve();
  const KnownDims known = Known(index);
  if (known == nullptr) oarlock::plugin::KnownOnlyAfterTheRun(port);
  *rank = port.rank;
  std::copy_n(known, port.rank, dims);
}

void oar_engine_execution::Run() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (input_values_[i] == nullptr) oarlock::plugin::NotBound(model_.inputs[i]);
    if (has_strings_) inputs_[i].Refresh(model_.inputs[i]);
  }
  Resolve();
  if (!TryRun()) {
    places_outputs_ = false;
    TryRun();
  }
}

bool oar_engine_execution::TryRun() {
  for (size_t i = 0; i < outputs_.size(); ++i) {
    outputs_[i].Invalidate();
    output_values_[i] = outputs_[i].Place(model_.outputs[i], model_.memory_info, Known(i));
  }
  state_.store(State::kRunning, std::memory_order_release);
  OrtStatus* status = Api().Run(model_.session.get(), run_options_.get(), input_names_.data(), input_values_.data(),
                                inputs_.size(), output_names_.data(), outputs_.size(), output_values_.data());
  State running = State::kRunning;
  const bool cancelled = !state_.compare_exchange_strong(running, State::kIdle, std::memory_order_acq_rel);
  if (cancelled) {
    // Cancel() has taken the run for its own: until it is through, the wish could fall on the next one.
    while (state_.load(std::memory_order_acquire) != State::kCancelled) std::this_thread::yield();
    OrtStatus* unset = Api().RunOptionsUnsetTerminate(run_options_.get());
    if (unset != nullptr) Api().ReleaseStatus(unset);
    state_.store(State::kIdle, std::memory_order_release);
  }
  if (status == nullptr) {
    for (size_t i = 0; i < outputs_.size(); ++i) outputs_[i].Finish(model_.outputs[i], output_values_[i]);
    return true;
  }
  const Problem problem = Take(status);
  if (cancelled && problem.text.find("terminate flag") != std::string::npos) {
    throw Failure(Code::kCancelled, "the run was cancelled");
  }
  const bool other_dims = problem.text.find("The output OrtValue provided for output") != std::string::npos;
  if (places_outputs_ && other_dims) return false;
  // Dims that each fit their port but not each other show only now, as the failure of some operator.
  const bool is_dynamic =
      std::any_of(model_.inputs.begin(), model_.inputs.end(), [](const Port& port) { return !port.is_static(); });
  const bool is_of_request = problem.code == ORT_INVALID_ARGUMENT || is_dynamic;
  Throw(problem, is_of_request ? Code::kInvalidArgument : Code::kInternal,
        is_of_request ? "the inputs do not go together, or an index in them is out of range" : "");
}

bool oar_engine_execution::Cancel() {
  State running = State::kRunning;
  if (!state_.compare_exchange_strong(running, State::kCancelling, std::memory_order_acq_rel)) return false;
  OrtStatus* status = Api().RunOptionsSetTerminate(run_options_.get());
  if (status != nullptr) Api().ReleaseStatus(status);
  state_.store(State::kCancelled, std::memory_order_release);
  return true;
}

oar_copy_reason oar_engine_execution::Output(size_t index, oar_view* view) {
  const Port& port = PortAt(model_.outputs, index, "output");
  return outputs_[index].View(port, view);
}
