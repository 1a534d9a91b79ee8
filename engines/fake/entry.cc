// The fake engine's table.
#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <thread>

#include "compute.h"
#include "execution.h"
#include "script.h"

struct oar_engine {};

namespace oarlock::fake {
namespace {

int32_t Write(int32_t code, std::string_view text, oar_engine_error* error) noexcept {
  if (error == nullptr) return code;
  const size_t size = std::min<size_t>(text.size(), OAR_ENGINE_ERROR_BYTES - 1);
  std::memcpy(error->text, text.data(), size);
  error->text[size] = '\0';
  return code;
}

template <typename Body>
int32_t Guard(oar_engine_error* error, Body body) noexcept {
  try {
    body();
    return 0;
  } catch (const Failure& e) {
    return Write(e.code(), e.what(), error);
  } catch (const std::exception& e) {
    return Write(kInternal, e.what(), error);
  }
}

std::string_view TextOf(const oar_engine_source& source) {
  return {static_cast<const char*>(source.model), source.model_size_bytes};
}

Script ScriptOf(const oar_engine_source& source) {
  if (source.format != OAR_FORMAT_FAKE) {
    throw Failure(kUnimplemented, "the engine fake does not read format number " + std::to_string(source.format));
  }
  Script script = ParseScript(TextOf(source));
  if (static_cast<size_t>(script.weights_bytes) != source.weights_size_bytes) {
    throw Failure(kInvalidArgument, "the weights are " + std::to_string(source.weights_size_bytes) +
                                        " bytes; the script asks for " + std::to_string(script.weights_bytes));
  }
  for (const Port& port : script.inputs) {
    if (!Computes(port.dtype, script.op)) {
      throw Failure(kUnimplemented, "the engine fake cannot calculate with input '" + port.name + "' of " +
                                        std::string(NameOf(port.dtype)));
    }
  }
  return script;
}

const char* Version() { return "1"; }
int32_t OpenEngine(oar_engine** engine, oar_engine_error* error) {
  return Guard(error, [&] { *engine = new oar_engine; });
}
void CloseEngine(oar_engine* engine) { delete engine; }
int32_t Reads(oar_engine*, oar_format format) { return format == OAR_FORMAT_FAKE ? 1 : 0; }

int32_t Probe(oar_engine*, const oar_engine_source* source, oar_engine_unsupported_fn unsupported, void* user,
              oar_engine_error* error) {
  return Guard(error, [&] {
    const Script script = ScriptOf(*source);
    for (const auto& [type, count] : script.unsupported) unsupported(user, type.c_str(), count);
    if (!script.unsupported.empty()) throw Failure(kUnimplemented, "the script names operators as unsupported");
  });
}

void Devices(oar_engine*, oar_engine_device_fn device, void* user) { device(user, "CPU", "none at all"); }

int32_t LoadModel(oar_engine*, const oar_engine_source* source, const oar_engine_options* options,
                  oar_engine_model** model, oar_engine_error* error) {
  return Guard(error, [&] {
    auto loaded = std::make_unique<oar_engine_model>();
    loaded->script = ScriptOf(*source);
    const Script& script = loaded->script;
    std::this_thread::sleep_for(std::chrono::microseconds(script.load_delay_us));
    if (script.load_code != 0) throw Failure(script.load_code, script.load_text);
    if (!script.unsupported.empty()) {
      throw Failure(kUnimplemented,
                    "the engine fake has no counterpart for the operator " + script.unsupported[0].first);
    }
    loaded->source = TextOf(*source);
    if (script.keeps_source) loaded->source_at_load = loaded->source;
    loaded->weights_bytes = source->weights_size_bytes;
    loaded->threads_per_execution = options->threads_per_execution;
    if (options->precision != OAR_PRECISION_AUTO) loaded->precision = options->precision;
    *model = loaded.release();
  });
}

void Unload(oar_engine_model* model) { delete model; }

void Describe(oar_engine_model* model, oar_engine_model_info* info) {
  info->input_count = model->script.inputs.size();
  info->output_count = model->script.outputs.size();
  info->keeps_source = model->script.keeps_source ? 1 : 0;
  info->precision = model->precision;
  info->threads_per_execution = model->threads_per_execution;
}

void Fill(const Port& from, uint32_t flags, oar_engine_port* port) {
  port->name = from.name.c_str();
  port->dtype = from.dtype;
  port->rank = from.rank;
  std::copy(std::begin(from.dims), std::end(from.dims), port->dims);
  port->flags = flags;
}

void InputPort(oar_engine_model* model, size_t index, oar_engine_port* port) {
  Fill(model->script.inputs[index], model->script.race_safe ? OAR_PORT_RACE_SAFE : 0, port);
}

void OutputPort(oar_engine_model* model, size_t index, oar_engine_port* port) {
  Fill(model->script.outputs[index], model->script.dynamic_output ? 0 : OAR_PORT_IN_PLACE, port);
  if (model->script.dynamic_output) std::fill_n(port->dims, port->rank, -1);
}

void Memory(oar_engine_model* model, oar_engine_memory* memory) {
  memory->weights_private_bytes = model->weights_bytes;
}

int32_t NewExecution(oar_engine_model* model, oar_engine_execution** execution, oar_engine_error* error) {
  return Guard(error, [&] { *execution = new oar_engine_execution(*model); });
}
void FreeExecution(oar_engine_execution* execution) { delete execution; }

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
  return Guard(error, [&] { execution->OutputShape(index, rank, dims); });
}

int32_t Run(oar_engine_execution* execution, oar_engine_error* error) {
  std::string_view text;
  const int32_t code = execution->Run(&text);
  return code == 0 ? 0 : Write(code, text, error);
}

int32_t Cancel(oar_engine_execution* execution) { return execution->Cancel() ? 1 : 0; }

int32_t Output(oar_engine_execution* execution, size_t index, oar_view* view, oar_copy_reason* reason,
               oar_engine_error* error) {
  return Guard(error, [&] { *reason = execution->Output(index, view); });
}

constexpr oar_engine_api kApi = {
    .struct_size = sizeof(oar_engine_api),
    .abi = OAR_ENGINE_ABI,
    .reserved = 0,
    .capabilities = OAR_ENGINE_CAP_CANCEL,
    .name = "fake",
    .version = Version,
    .open = OpenEngine,
    .close = CloseEngine,
    .reads = Reads,
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
}  // namespace oarlock::fake

extern "C" __attribute__((visibility("default"))) const oar_engine_api* oar_engine_entry(uint32_t) {
  return &oarlock::fake::kApi;
}
