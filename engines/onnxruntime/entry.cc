// The plugin's table.
#include <cpuid.h>

#include <algorithm>
#include <string>

#include "../plugin/table.h"
#include "execution.h"
#include "model.h"
#include "operators.h"

namespace oarlock::onnxruntime {
namespace {

// The processor's brand string: CPUID 8000_0002h to 8000_0004h.
std::string CpuName() {
  unsigned words[12] = {};
  for (unsigned i = 0; i < 3; ++i) {
    unsigned* const to = words + i * 4;
    if (__get_cpuid(0x80000002 + i, to, to + 1, to + 2, to + 3) == 0) return "CPU";
  }
  std::string name(reinterpret_cast<const char*>(words), sizeof words);
  name.resize(std::min(name.find('\0'), name.size()));
  while (!name.empty() && name.back() == ' ') name.pop_back();
  return name;
}

struct Traits {
  using Engine = oar_engine;
  using Model = oar_engine_model;
  using Execution = oar_engine_execution;
  static constexpr const char* kName = "onnxruntime";
  static constexpr uint64_t kCapabilities = OAR_ENGINE_CAP_CANCEL | OAR_ENGINE_CAP_SHARED_WEIGHTS;
  static const char* Version() { return OARLOCK_ONNXRUNTIME_VERSION; }
  static int32_t Report(oar_engine_error* error) noexcept { return plugin::Report(error); }
  static oar_engine* Open(const oar_engine_settings& settings) { return onnxruntime::Open(settings).release(); }
  static bool Reads(oar_format format) { return format == OAR_FORMAT_ONNX; }
  static std::vector<plugin::UnsupportedOperator> Unsupported(oar_engine& engine, const oar_engine_source& source) {
    return UnsupportedOperators(engine, source);
  }
  static std::string DeviceName(oar_engine&) { return CpuName(); }
  static std::unique_ptr<oar_engine_model> Load(oar_engine& engine, const oar_engine_source& source,
                                                const oar_engine_options& options) {
    return onnxruntime::Load(engine, source, options);
  }
};

constexpr oar_engine_api kApi = plugin::Table<Traits>::Make();

}  // namespace
}  // namespace oarlock::onnxruntime

extern "C" __attribute__((visibility("default"))) const oar_engine_api* oar_engine_entry(uint32_t) {
  return &oarlock::onnxruntime::kApi;
}
