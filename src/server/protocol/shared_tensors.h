// Tensors of one request that lie in clients' shared memory: inputs are copied from it, outputs written to it.
// Pure but for that; any thread. `regions` may be null: there is no shared memory then.
#ifndef OARLOCK_SERVER_PROTOCOL_SHARED_TENSORS_H_
#define OARLOCK_SERVER_PROTOCOL_SHARED_TENSORS_H_

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "server/protocol/infer_request.h"
#include "server/protocol/shared_memory.h"

namespace oarlock {

// Every input with a part in shared memory becomes one with memory of its own, which has been checked to be whole.
absl::Status ReadSharedInputs(const SharedMemory* regions, const Limits& limits, std::vector<ParsedInput>* inputs);

// The region that an output will be written to. `name` is the output's.
absl::StatusOr<std::shared_ptr<const SharedMemoryRegion>> FindSharedOutput(const SharedMemory* regions,
                                                                           std::string_view name,
                                                                           const SharedMemoryPart& part);
// INVALID_ARGUMENT if the tensor takes more than the part, which FindSharedOutput() has seen.
absl::Status CheckFits(std::string_view name, const TensorView& view, const SharedMemoryPart& part);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_SHARED_TENSORS_H_
