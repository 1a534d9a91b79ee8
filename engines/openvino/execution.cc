#include "execution.h"

#include <algorithm>

#include "error.h"
#include "narrow.h"
#include "openvino/core/except.hpp"
#include "openvino/runtime/exception.hpp"

using oarlock::openvino::Code;
using oarlock::openvino::Failure;
using oarlock::openvino::Port;
using oarlock::plugin::PortAt;

oar_engine_execution::oar_engine_execution(oar_engine_model& model)
    : model_(model), copy_(model.Take()), inputs_(model.inputs.size()), outputs_(model.outputs.size()) {
  try {
    request_ = copy_.compiled.create_infer_request();
  } catch (...) {
    model_.GiveBack(copy_);
    throw;
  }
}

oar_engine_execution::~oar_engine_execution() { model_.GiveBack(copy_); }

const Port& oar_engine_execution::InputPort(size_t index) const { return PortAt(model_.inputs, index, "input"); }
const Port& oar_engine_execution::OutputPort(size_t index) const { return PortAt(model_.outputs, index, "output"); }

oar_copy_reason oar_engine_execution::BindInput(size_t index, const oar_view& view) {
  const Port& port = InputPort(index);
  oarlock::plugin::CheckInput(port, view);
  // OpenVINO refuses null even where no byte will be read.
  static const std::byte kEmpty{};
  const void* data = view.data == nullptr ? &kEmpty : view.data;
  request_.set_input_tensor(index, ov::Tensor(port.type, ov::Shape(view.dims, view.dims + view.rank), data));
  inputs_[index] = {true, data, view.size_bytes / port.type.size()};
  return OAR_COPY_NONE;
}

oar_copy_reason oar_engine_execution::BindOutput(size_t index, const oar_view* room) {
  const Port& port = OutputPort(index);
  BoundOutput& output = outputs_[index];
  if (room != nullptr) oarlock::plugin::CheckRoom(port, *room);
  // A request given too little room for a dynamic output writes nothing, says nothing and crashes at a later run.
  const bool in_place = room != nullptr && port.is_static && room->size_bytes >= port.size_bytes;
  if (in_place) {
    if (!output.own) output.own = request_.get_output_tensor(index);
    request_.set_output_tensor(index, ov::Tensor(port.type, port.shape, room->data));
    output.room = room->data;
  } else if (output.room != nullptr) {
    request_.set_output_tensor(index, output.own);
    output.room = nullptr;
  }
  output.refused = room != nullptr && !in_place;
  output.ready = false;
  return output.refused ? OAR_COPY_DYNAMIC_OUTPUT : OAR_COPY_NONE;
}

void oar_engine_execution::OutputShape(size_t index, int32_t* rank, int64_t* dims) const {
  const Port& port = OutputPort(index);
  if (!port.is_static) oarlock::plugin::KnownOnlyAfterTheRun(port);
  *rank = port.rank;
  std::copy_n(port.dims, port.rank, dims);
}

void oar_engine_execution::Run() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const Port& port = model_.inputs[i];
    if (!inputs_[i].bound) oarlock::plugin::NotBound(port);
    CheckFitsInt32(port, inputs_[i].data, inputs_[i].element_count);
  }
  for (BoundOutput& output : outputs_) output.ready = false;
  // A cancel that comes while the flag is set or unset may miss the run: it is best effort, and needs no order.
  struct Running {
    explicit Running(std::atomic<bool>& flag) : flag_(flag) { flag_.store(true, std::memory_order_release); }
    ~Running() { flag_.store(false, std::memory_order_release); }
    std::atomic<bool>& flag_;
  };
  {
    const Running running(running_);
    Infer();
  }
  for (BoundOutput& output : outputs_) output.ready = true;
}

void oar_engine_execution::Infer() {
  try {
    request_.infer();
  } catch (const ov::Cancelled&) {
    throw;
  } catch (const ov::Exception& e) {
    // Dims that each fit their port but not each other show only now, as the failure of some operator.
    const bool is_of_shape = std::string_view(e.what()).find("hape") != std::string_view::npos;
    if (!model_.has_dynamic_inputs || !is_of_shape) throw;
    throw Failure(Code::kInvalidArgument,
                  "the inputs' dims do not go together: " + oarlock::openvino::OneLine(e.what()));
  }
}

bool oar_engine_execution::Cancel() {
  if (!running_) return false;
  request_.cancel();
  return true;
}

oar_copy_reason oar_engine_execution::Output(size_t index, oar_view* view) {
  const Port& port = OutputPort(index);
  const BoundOutput& output = outputs_[index];
  if (!output.ready) oarlock::plugin::HoldsNoResult(port);
  if (output.room != nullptr) {
    view->rank = port.rank;
    std::copy_n(port.dims, port.rank, view->dims);
    view->data = output.room;
    view->size_bytes = port.size_bytes;
  } else {
    const ov::Tensor tensor = request_.get_output_tensor(index);
    const ov::Shape& shape = tensor.get_shape();
    oarlock::plugin::CheckRank(port.name, "output", shape.size());
    view->rank = static_cast<int32_t>(shape.size());
    std::copy(shape.begin(), shape.end(), view->dims);
    view->data = const_cast<void*>(tensor.data());
    view->size_bytes = tensor.get_byte_size();
  }
  view->dtype = port.dtype;
  return output.refused ? OAR_COPY_DYNAMIC_OUTPUT : OAR_COPY_NONE;
}
