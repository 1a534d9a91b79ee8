// Does a request fit a model? Names, dtypes, shapes, sizes. Allocates nothing when it does. Pure; any thread.
#ifndef OARLOCK_RUNTIME_REQUEST_CHECK_H_
#define OARLOCK_RUNTIME_REQUEST_CHECK_H_

#include "absl/status/status.h"
#include "runtime/loaded_model.h"
#include "runtime/request.h"

namespace oarlock {

// INVALID_ARGUMENT names the tensor, what it is and what it should be.
absl::Status CheckRequest(const LoadedModel& model, const InferenceRequest& request);

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REQUEST_CHECK_H_
