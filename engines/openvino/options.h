// What a model is compiled with: the host's options in OpenVINO's properties.
#ifndef OARLOCK_ENGINES_OPENVINO_OPTIONS_H_
#define OARLOCK_ENGINES_OPENVINO_OPTIONS_H_

#include <string>

#include "oarlock/engine.h"
#include "openvino/core/any.hpp"
#include "openvino/runtime/core.hpp"

namespace oarlock::openvino {

// For a compiled model of `node_count` operators that can do `streams` runs at a time, each with as many threads as an
// execution is to have. Throws Failure INVALID_ARGUMENT for a precision that is none.
ov::AnyMap PropertiesOf(const oar_engine_options& options, int32_t streams, size_t node_count);
// What the compiled model really computes in.
oar_precision PrecisionOf(const ov::CompiledModel& model);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_OPTIONS_H_
