// The table of functions that a plugin hands over, made from the types it defines. Each function turns C into C++ and
// exceptions into codes, and does nothing else.
//
//   struct Traits {
//     using Engine = oar_engine;
//     using Model = oar_engine_model;
//     using Execution = oar_engine_execution;
//     static constexpr const char* kName = "mine";
//     static constexpr uint64_t kCapabilities = OAR_ENGINE_CAP_CANCEL;    // without start() and profile()
//     static const char* Version();
//     static int32_t Report(oar_engine_error* error) noexcept;            // for a catch block; plugin::Report will do
//     static oar_engine* Open(const oar_engine_settings& settings);       // an owner's pointer
//     static bool Reads(oar_format format);
//     static std::vector<UnsupportedOperator> Unsupported(oar_engine&, const oar_engine_source&);
//     static std::string DeviceName(oar_engine&);                         // of the only device, "CPU"
//     static std::unique_ptr<oar_engine_model> Load(oar_engine&, const oar_engine_source&, const oar_engine_options&);
//   };
// oar_engine_model derives from plugin::Model; oar_engine_execution has a constructor from oar_engine_model& and
// BindInput, BindOutput, OutputShape, Run, Cancel, Output, each as in the ABI but throwing.
#ifndef OARLOCK_ENGINES_PLUGIN_TABLE_H_
#define OARLOCK_ENGINES_PLUGIN_TABLE_H_

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "failure.h"
#include "oarlock/engine.h"
#include "port.h"
#include "process_exit.h"
#include "signal_stack.h"

namespace oarlock::plugin {

struct UnsupportedOperator {
  std::string type;
  size_t count = 0;
};

// INVALID_ARGUMENT for numbers below 1 and for a device other than the only one, the CPU. `engine` is the plugin's
// name.
void CheckOptions(const char* engine, const oar_engine_options& options);
[[noreturn]] void DoesNotRead(const char* engine, oar_format format);
[[noreturn]] void HasNoCounterparts(const char* engine, size_t type_count);

template <typename Traits>
class Table {
 public:
  // oar_engine, oar_engine_model and oar_engine_execution, which are whole where the traits are.
  using Engine = typename Traits::Engine;
  using Model = typename Traits::Model;
  using Execution = typename Traits::Execution;

  static constexpr oar_engine_api Make() {
    return {
        .struct_size = sizeof(oar_engine_api),
        .abi = OAR_ENGINE_ABI,
        .reserved = 0,
        .capabilities = Traits::kCapabilities,
        .name = Traits::kName,
        .version = Traits::Version,
        .open = Open,
        .close = Delete<Engine>,
        .reads = [](Engine*, oar_format format) -> int32_t { return Traits::Reads(format) ? 1 : 0; },
        .probe = Probe,
        .devices = Devices,
        .load = Load,
        .unload = Delete<Model>,
        .describe = Describe,
        .input_port = [](Model* model, size_t index, oar_engine_port* port) { Fill(model->inputs[index], port); },
        .output_port = [](Model* model, size_t index, oar_engine_port* port) { Fill(model->outputs[index], port); },
        .memory = Memory,
        .execution_new = NewExecution,
        .execution_free = Delete<Execution>,
        .bind_input = BindInput,
        .bind_output = BindOutput,
        .output_shape = OutputShape,
        .run = Run,
        .start = nullptr,
        .cancel = Cancel,
        .output = Output,
        .profile = nullptr,
    };
  }

 private:
  template <typename Body>
  static int32_t Guarded(oar_engine_error* error, Body body) noexcept {
    return Guard<Traits::Report>(error, body);
  }
  // For what loads the engine's libraries, or ends them.
  template <typename Body>
  static int32_t GuardedWithStack(oar_engine_error* error, Body body) noexcept {
    const SignalStackKeeper keeper;
    return Guarded(error, body);
  }
  template <typename Object>
  static void Delete(Object* object) {
    const SignalStackKeeper keeper;
    DeleteUnlessExiting(object);
  }

  static int32_t Open(const oar_engine_settings* settings, Engine** engine, oar_engine_error* error) {
    return GuardedWithStack(error, [&] { *engine = Traits::Open(*settings); });
  }

  static int32_t Probe(Engine* engine, const oar_engine_source* source, oar_engine_unsupported_fn unsupported,
                       void* user, oar_engine_error* error) {
    return GuardedWithStack(error, [&] {
      if (!Traits::Reads(source->format)) DoesNotRead(Traits::kName, source->format);
      const auto operators = Traits::Unsupported(*engine, *source);
      for (const UnsupportedOperator& each : operators) unsupported(user, each.type.c_str(), each.count);
      if (!operators.empty()) HasNoCounterparts(Traits::kName, operators.size());
    });
  }

  static void Devices(Engine* engine, oar_engine_device_fn device, void* user) {
    GuardedWithStack(nullptr, [&] { device(user, "CPU", Traits::DeviceName(*engine).c_str()); });
  }

  static int32_t Load(Engine* engine, const oar_engine_source* source, const oar_engine_options* options, Model** model,
                      oar_engine_error* error) {
    return GuardedWithStack(error, [&] {
      CheckOptions(Traits::kName, *options);
      if (!Traits::Reads(source->format)) DoesNotRead(Traits::kName, source->format);
      if (options->weights != OAR_WEIGHTS_PACKED && (Traits::kCapabilities & OAR_ENGINE_CAP_SHARED_WEIGHTS) == 0) {
        throw Failure(Code::kUnimplemented, std::string("the engine ") + Traits::kName +
                                                " always packs weights; use `weights: packed`, or another engine");
      }
      *model = Traits::Load(*engine, *source, *options).release();
    });
  }

  static void Describe(Model* model, oar_engine_model_info* info) {
    info->input_count = model->inputs.size();
    info->output_count = model->outputs.size();
    info->keeps_source = model->keeps_source ? 1 : 0;
    info->precision = model->precision;
    info->threads_per_execution = model->threads_per_execution;
  }

  static void Fill(const Port& from, oar_engine_port* port) {
    port->name = from.name.c_str();
    port->dtype = from.dtype;
    port->rank = from.rank;
    std::copy(std::begin(from.dims), std::end(from.dims), port->dims);
    port->flags = from.flags;
  }

  static void Memory(Model* model, oar_engine_memory* memory) {
    memory->weights_private_bytes = model->weights_private_bytes;
    memory->weights_shared_bytes = model->weights_shared_bytes;
    memory->activations_bytes = 0;
  }

  static int32_t NewExecution(Model* model, Execution** execution, oar_engine_error* error) {
    return GuardedWithStack(error, [&] { *execution = new Execution(*model); });
  }

  static int32_t BindInput(Execution* execution, size_t index, const oar_view* view, oar_copy_reason* reason,
                           oar_engine_error* error) {
    return Guarded(error, [&] { *reason = execution->BindInput(index, *view); });
  }

  static int32_t BindOutput(Execution* execution, size_t index, const oar_view* room, oar_copy_reason* reason,
                            oar_engine_error* error) {
    return Guarded(error, [&] { *reason = execution->BindOutput(index, room); });
  }

  static int32_t OutputShape(Execution* execution, size_t index, int32_t* rank, int64_t dims[OAR_MAX_RANK],
                             oar_engine_error* error) {
    return Guarded(error, [&] { execution->OutputShape(index, rank, dims); });
  }

  static int32_t Run(Execution* execution, oar_engine_error* error) {
    return Guarded(error, [&] { execution->Run(); });
  }

  static int32_t Cancel(Execution* execution) {
    bool stops = false;
    Guarded(nullptr, [&] { stops = execution->Cancel(); });
    return stops ? 1 : 0;
  }

  static int32_t Output(Execution* execution, size_t index, oar_view* view, oar_copy_reason* reason,
                        oar_engine_error* error) {
    return Guarded(error, [&] { *reason = execution->Output(index, view); });
  }
};

}  // namespace oarlock::plugin

#endif  // OARLOCK_ENGINES_PLUGIN_TABLE_H_
