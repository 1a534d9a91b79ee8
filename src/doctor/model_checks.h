// Is a model in order, from its files to a predictor that is READY? Each check rests on the ones before it, so the
// first error is the last check.
#ifndef OARLOCK_DOCTOR_MODEL_CHECKS_H_
#define OARLOCK_DOCTOR_MODEL_CHECKS_H_

#include <functional>
#include <string_view>

#include "base/limits.h"
#include "base/memory.h"
#include "doctor/diagnosis.h"
#include "model/models_config.h"
#include "runtime/runtime.h"

namespace oarlock {

// `on_phase` is told of reading, compiling and warming up.
Diagnoses CheckModel(const ModelConfig& config, const Limits& limits, const MemoryBounds& memory, Runtime* runtime,
                     std::function<void(std::string_view phase)> on_phase);

}  // namespace oarlock

#endif  // OARLOCK_DOCTOR_MODEL_CHECKS_H_
