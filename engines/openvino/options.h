// What a model is compiled with: the host's options in OpenVINO's properties.
#ifndef OARLOCK_ENGINES_OPENVINO_OPTIONS_H_
#define OARLOCK_ENGINES_OPENVINO_OPTIONS_H_

#include <string>

#include "oarlock/engine.h"
#include "openvino/core/any.hpp"
#include "openvino/runtime/core.hpp"

namespace oarlock::openvino {

// Throws Failure INVALID_ARGUMENT for a device, precision or number that is none.
std::string DeviceOf(const oar_engine_options& options);
ov::AnyMap PropertiesOf(const oar_engine_options& options);
// What the compiled model really computes in.
oar_precision PrecisionOf(const ov::CompiledModel& model);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_OPTIONS_H_
