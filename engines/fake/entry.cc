// The fake engine's table.
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "../plugin/table.h"
#include "compute.h"
#include "execution.h"
#include "script.h"

namespace oarlock::fake {
namespace {

std::string_view TextOf(const oar_engine_source& source) {
  return {static_cast<const char*>(source.model), source.model_size_bytes};
}

Script ScriptOf(const oar_engine_source& source) {
  Script script = ParseScript(TextOf(source));
  if (static_cast<size_t>(script.weights_bytes) != source.weights_size_bytes) {
    throw Failure(Code::kInvalidArgument, "the weights are " + std::to_string(source.weights_size_bytes) +
                                              " bytes; the script asks for " + std::to_string(script.weights_bytes));
  }
  for (const Port& port : script.inputs) {
    if (!Computes(port.dtype, script.op)) {
      throw Failure(Code::kUnimplemented, "the engine fake cannot calculate with input '" + port.name + "' of " +
                                              std::string(NameOf(port.dtype)));
    }
  }
  return script;
}

void TellPorts(oar_engine_model* model) {
  const Script& script = model->script;
  model->inputs = script.inputs;
  for (Port& port : model->inputs) port.flags = script.race_safe ? OAR_PORT_RACE_SAFE : 0;
  model->outputs = script.outputs;
  for (Port& port : model->outputs) {
    port.flags = script.dynamic_output ? 0 : OAR_PORT_IN_PLACE;
    if (script.dynamic_output) std::fill_n(port.dims, port.rank, -1);
    if (script.told_rows >= 0 && port.rank > 0) port.dims[0] = script.told_rows;
  }
}

struct Traits {
  using Engine = oar_engine;
  using Model = oar_engine_model;
  using Execution = oar_engine_execution;
  static constexpr const char* kName = "fake";
  static constexpr uint64_t kCapabilities = OAR_ENGINE_CAP_CANCEL;
  static const char* Version() { return "1"; }
  static int32_t Report(oar_engine_error* error) noexcept { return plugin::Report(error); }
  static oar_engine* Open(const oar_engine_settings&) { return new oar_engine; }
  static bool Reads(oar_format format) { return format == OAR_FORMAT_FAKE; }
  static std::vector<plugin::UnsupportedOperator> Unsupported(oar_engine&, const oar_engine_source& source) {
    std::vector<plugin::UnsupportedOperator> operators;
    for (const auto& [type, count] : ScriptOf(source).unsupported) operators.push_back({type, count});
    return operators;
  }
  static std::string DeviceName(oar_engine&) { return "none at all"; }
  static std::unique_ptr<oar_engine_model> Load(oar_engine&, const oar_engine_source& source,
                                                const oar_engine_options& options) {
    auto model = std::make_unique<oar_engine_model>();
    model->script = ScriptOf(source);
    const Script& script = model->script;
    std::this_thread::sleep_for(std::chrono::microseconds(script.load_delay_us));
    if (script.load_code != 0) throw Failure(static_cast<Code>(script.load_code), script.load_text);
    if (!script.unsupported.empty()) {
      throw Failure(Code::kUnimplemented,
                    "the engine fake has no counterpart for the operator " + script.unsupported[0].first);
    }
    model->source = TextOf(source);
    model->keeps_source = script.keeps_source;
    if (model->keeps_source) model->source_at_load = model->source;
    model->weights_private_bytes = source.weights_size_bytes;
    model->threads_per_execution = options.threads_per_execution;
    if (options.precision != OAR_PRECISION_AUTO) model->precision = options.precision;
    TellPorts(model.get());
    return model;
  }
};

constexpr oar_engine_api kApi = plugin::Table<Traits>::Make();

}  // namespace
}  // namespace oarlock::fake

extern "C" __attribute__((visibility("default"))) const oar_engine_api* oar_engine_entry(uint32_t) {
  return &oarlock::fake::kApi;
}
