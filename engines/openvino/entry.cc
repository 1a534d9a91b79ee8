// The plugin's table.
#include "../plugin/table.h"
#include "error.h"
#include "execution.h"
#include "model.h"
#include "openvino/runtime/properties.hpp"
#include "source.h"

namespace oarlock::openvino {
namespace {

struct Traits {
  using Engine = oar_engine;
  using Model = oar_engine_model;
  using Execution = oar_engine_execution;
  static constexpr const char* kName = "openvino";
  static constexpr uint64_t kCapabilities = OAR_ENGINE_CAP_CANCEL;
  static const char* Version() { return OARLOCK_OPENVINO_VERSION; }
  static int32_t Report(oar_engine_error* error) noexcept { return openvino::Report(error); }
  static oar_engine* Open(const oar_engine_settings&) {
    plugin::WatchExit();  // OpenVINO's libraries were loaded with this one
    return new oar_engine;
  }
  static bool Reads(oar_format format) { return openvino::Reads(format); }
  static std::vector<UnsupportedOperator> Unsupported(oar_engine& engine, const oar_engine_source& source) {
    return UnsupportedOperators(engine, source);
  }
  static std::string DeviceName(oar_engine& engine) { return engine.core.get_property("CPU", ov::device::full_name); }
  static std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                                const oar_engine_options& options) {
    return openvino::Load(engine, source, options);
  }
};

constexpr oar_engine_api kApi = plugin::Table<Traits>::Make();

}  // namespace
}  // namespace oarlock::openvino

extern "C" __attribute__((visibility("default"))) const oar_engine_api* oar_engine_entry(uint32_t) {
  return &oarlock::openvino::kApi;
}
