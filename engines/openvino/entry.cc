// The plugin's table. Each function here turns C into C++ and exceptions into codes, and does nothing else.
#include <algorithm>
#include <memory>

#include "error.h"
#include "execution.h"
#include "model.h"
#include "openvino/core/version.hpp"
#include "process_exit.h"
#include "source.h"

namespace oarlock::openvino {
namespace {

const char* Version() { return OARLOCK_OPENVINO_VERSION; }

int32_t OpenEngine(oar_engine** engine, oar_engine_error* error) {
  return Guard(error, [&] { *engine = new oar_engine; });
}

void CloseEngine(oar_engine* engine) { DeleteUnlessExiting(engine); }

int32_t ReadsFormat(oar_engine*, oar_format format) { return Reads(format) ? 1 : 0; }

int32_t Probe(oar_engine* engine, const oar_engine_source* source, oar_engine_unsupported_fn unsupported, void* user,
              oar_engine_error* error) {
  return Guard(error, [&] {
    if (!Reads(source->format)) {
      throw Failure(Code::kUnimplemented,
                    "the engine openvino does not read format number " + std::to_string(source->format));
    }
    const auto operators = UnsupportedOperators(*engine, *source);
    for (const UnsupportedOperator& o : operators) unsupported(user, o.type.c_str(), o.count);
    if (!operators.empty()) {
      throw Failure(Code::kUnimplemented,
                    "the engine openvino has no counterpart for " + std::to_string(operators.size()) +
                        (operators.size() == 1 ? " type" : " types") + " of operator of the model");
    }
  });
}

void Devices(oar_engine* engine, oar_engine_device_fn device, void* user) {
  Guard(nullptr, [&] {
    const std::string name = engine->core.get_property("CPU", ov::device::full_name);
    device(user, "CPU", name.c_str());
  });
}

int32_t LoadModel(oar_engine* engine, const oar_engine_source* source, const oar_engine_options* options,
                  oar_engine_model** model, oar_engine_error* error) {
  return Guard(error, [&] { *model = Load(*engine, *source, *options).release(); });
}

void Unload(oar_engine_model* model) { DeleteUnlessExiting(model); }

void Describe(oar_engine_model* model, oar_engine_model_info* info) {
  info->input_count = model->inputs.size();
  info->output_count = model->outputs.size();
  info->keeps_source = model->keeps_source ? 1 : 0;
  info->precision = model->precision;
  info->threads_per_execution = model->threads_per_execution;
}

void Fill(const Port& from, oar_engine_port* port) {
  port->name = from.name.c_str();
  port->dtype = from.dtype;
  port->rank = from.rank;
  std::copy(std::begin(from.dims), std::end(from.dims), port->dims);
  port->flags = from.flags;
}

void InputPort(oar_engine_model* model, size_t index, oar_engine_port* port) { Fill(model->inputs[index], port); }
void OutputPort(oar_engine_model* model, size_t index, oar_engine_port* port) { Fill(model->outputs[index], port); }

void Memory(oar_engine_model* model, oar_engine_memory* memory) {
  // OpenVINO does not say what it keeps; it packs the weights into a copy of its own, of about their size.
  memory->weights_private_bytes = model->weights_bytes;
  memory->weights_shared_bytes = 0;
  memory->activations_bytes = 0;
}

int32_t NewExecution(oar_engine_model* model, oar_engine_execution** execution, oar_engine_error* error) {
  return Guard(error, [&] { *execution = new oar_engine_execution(*model); });
}

void FreeExecution(oar_engine_execution* execution) { DeleteUnlessExiting(execution); }

int32_t BindInput(oar_engine_execution* execution, size_t index, const oar_view* view, oar_copy_reason* reason,
                  oar_engine_error* error) {
  return Guard(error, [&] { *reason = execution->BindInput(index, *view); });
}

int32_t BindOutput(oar_engine_execution* execution, size_t index, const oar_view* room, oar_copy_reason* reason,
                   oar_engine_error* error) {
  return Guard(error, [&] { *reason = execution->BindOutput(index, room); });
}

int32_t OutputShape(oar_engine_execution* execution, size_t index, int32_t* rank, int64_t dims[OAR_MAX_RANK],
                    oar_engine_error* error) {
  return Guard(error, [&] {
    const Port& port = execution->KnownOutput(index);
    *rank = port.rank;
    std::copy(std::begin(port.dims), std::end(port.dims), dims);
  });
}

int32_t Run(oar_engine_execution* execution, oar_engine_error* error) {
  return Guard(error, [&] { execution->Run(); });
}

int32_t Cancel(oar_engine_execution* execution) {
  bool stops = false;
  Guard(nullptr, [&] { stops = execution->Cancel(); });
  return stops ? 1 : 0;
}

int32_t Output(oar_engine_execution* execution, size_t index, oar_view* view, oar_copy_reason* reason,
               oar_engine_error* error) {
  return Guard(error, [&] { *reason = execution->Output(index, view); });
}

constexpr oar_engine_api kApi = {
    .struct_size = sizeof(oar_engine_api),
    .abi = OAR_ENGINE_ABI,
    .reserved = 0,
    .capabilities = OAR_ENGINE_CAP_CANCEL,
    .name = "openvino",
    .version = Version,
    .open = OpenEngine,
    .close = CloseEngine,
    .reads = ReadsFormat,
    .probe = Probe,
    .devices = Devices,
    .load = LoadModel,
    .unload = Unload,
    .describe = Describe,
    .input_port = InputPort,
    .output_port = OutputPort,
    .memory = Memory,
    .execution_new = NewExecution,
    .execution_free = FreeExecution,
    .bind_input = BindInput,
    .bind_output = BindOutput,
    .output_shape = OutputShape,
    .run = Run,
    .start = nullptr,
    .cancel = Cancel,
    .output = Output,
    .profile = nullptr,
};

}  // namespace
}  // namespace oarlock::openvino

extern "C" __attribute__((visibility("default"))) const oar_engine_api* oar_engine_entry(uint32_t) {
  return &oarlock::openvino::kApi;
}
