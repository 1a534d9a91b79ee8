// Reads a Paddle 3 program (PIR, inference.json) into a Program. Thread-safe; the result owns its strings.
#ifndef OARLOCK_IMPORT_PADDLE_PIR_READER_H_
#define OARLOCK_IMPORT_PADDLE_PIR_READER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "import/paddle/program.h"

namespace oarlock::paddle {

// DATA_LOSS if it is no whole JSON; INVALID_ARGUMENT if it is no PIR program, or one that cannot be (a value that is
// read before it is written, or written twice); UNIMPLEMENTED for a construct that is not known, by its name. Operators
// are not looked at: which of them can be converted is the conversion's matter.
absl::StatusOr<Program> ReadPir(std::string_view json);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_PIR_READER_H_
