// Load options as C gives them. Thread-safe.
#ifndef OARLOCK_CAPI_LOAD_OPTIONS_H_
#define OARLOCK_CAPI_LOAD_OPTIONS_H_

#include "absl/status/statusor.h"
#include "capi/objects.h"

namespace oarlock::capi {

// INVALID_ARGUMENT names the field that is out of range. `runtime` must outlive what is loaded with them.
absl::StatusOr<PredictorOptions> OptionsOf(const oar_load_options& options, const RuntimeObject& runtime);

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_LOAD_OPTIONS_H_
