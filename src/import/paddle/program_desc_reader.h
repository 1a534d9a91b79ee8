// Reads a Paddle ProgramDesc (.pdmodel, __model__) into a Program. Field numbers are those of Paddle's framework.proto.
// Thread-safe; the result owns its strings.
#ifndef OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_READER_H_
#define OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_READER_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "import/paddle/program.h"

namespace oarlock::paddle {

// DATA_LOSS if it is damaged or cut off; INVALID_ARGUMENT if it is no program, or one that cannot be (a variable that
// is read before it is written, a block inside itself); UNIMPLEMENTED for control flow of a form that Paddle 2 does not
// write. Operators are not looked at: which of them can be converted is the conversion's matter.
absl::StatusOr<Program> ReadProgramDesc(std::string_view bytes);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_READER_H_
