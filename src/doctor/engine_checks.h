// Are the engines in order? Opens every plugin that there is, which leaves it mapped (src/engine/plugin.h).
#ifndef OARLOCK_DOCTOR_ENGINE_CHECKS_H_
#define OARLOCK_DOCTOR_ENGINE_CHECKS_H_

#include <string>
#include <string_view>

#include "doctor/diagnosis.h"
#include "engine/registry.h"

namespace oarlock {

Diagnoses CheckEngines(EngineRegistry* engines);

// What mends a plugin that cannot be opened, by the text of the error. `install` is the engine's row in engines.def.
std::string PluginFix(std::string_view error, const std::string& plugin, std::string_view install);

// The library that a loader's message misses: "libtbb.so.12" of "libtbb.so.12: cannot open shared object file: ...";
// empty if it says something else.
std::string_view MissingLibrary(std::string_view error);

}  // namespace oarlock

#endif  // OARLOCK_DOCTOR_ENGINE_CHECKS_H_
