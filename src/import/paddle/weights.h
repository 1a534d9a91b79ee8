// Checks Paddle weights against their program. A combined file has no names and no index: its records stand in byte
// order of the parameters' names, so a wrong or truncated file would silently shift every value. Engines accept bytes
// past the last record; we do not. Thread-safe.
#ifndef OARLOCK_IMPORT_PADDLE_WEIGHTS_H_
#define OARLOCK_IMPORT_PADDLE_WEIGHTS_H_

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "import/paddle/program_desc.h"

namespace oarlock {

// Every record has its parameter's dtype and dims, and the last one ends where `weights` ends.
// DATA_LOSS if it is cut off, INVALID_ARGUMENT if it belongs to another model.
absl::Status CheckPaddleWeights(const PaddleProgram& program, std::span<const std::byte> weights);

// The same for one record alone, as `separate_parameters=True` writes one file per variable.
absl::Status CheckPaddleRecord(const PaddleVariable& parameter, std::span<const std::byte> record);

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_PADDLE_WEIGHTS_H_
