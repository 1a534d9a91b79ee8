// Reads Paddle weights against their program. A combined file has no names and no index: its records stand in byte
// order of the parameters' names, so a wrong or truncated file would silently shift every value. Engines accept bytes
// past the last record; we do not. Thread-safe.
#ifndef OARLOCK_IMPORT_PADDLE_WEIGHTS_H_
#define OARLOCK_IMPORT_PADDLE_WEIGHTS_H_

#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "import/paddle/program.h"

namespace oarlock::paddle {

// The elements of each parameter, packed, little-endian and row-major, at any alignment, inside `weights`. Every record
// has its parameter's dtype and dims, and the last one ends where `weights` ends.
// DATA_LOSS if it is cut off, INVALID_ARGUMENT if it belongs to another model.
absl::StatusOr<std::vector<std::span<const std::byte>>> SplitWeights(std::span<const Parameter> parameters,
                                                                     std::span<const std::byte> weights);

// Checks one record alone, as `separate_parameters=True` writes one file per variable.
absl::Status CheckRecord(const Parameter& parameter, std::span<const std::byte> record);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_WEIGHTS_H_
