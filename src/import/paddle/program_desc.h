// Reads a Paddle ProgramDesc (.pdmodel, __model__): what the weights reader and `oarlock inspect` need of it.
// Field numbers are those of Paddle's framework.proto. Thread-safe; the result owns its strings.
#ifndef OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_H_
#define OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensor/dtype.h"

namespace oarlock {

struct PaddleVariable {
  std::string name;
  DType dtype = DType::kInvalid;  // kInvalid for one that we have no dtype for; see dtype_code
  int dtype_code = -1;            // Paddle's VarType number
  std::vector<int64_t> dims;      // of any rank: a parameter may have more dims than a tensor of ours
};

struct PaddleProgram {
  int64_t version = 0;
  // Variables whose values are in the weights, in the order of the combined file: byte order of their names.
  std::vector<PaddleVariable> parameters;
  std::map<std::string, size_t> operators;  // type -> count, over all blocks, feed and fetch left out
};

absl::StatusOr<PaddleProgram> ReadPaddleProgram(std::string_view bytes);

// Paddle's VarType number -> ours; kInvalid if there is none.
DType DTypeFromPaddle(int code);
// Bytes of one element of a Paddle VarType number that is an element type; 0 if it is none.
size_t PaddleElementSizeBytes(int code);
// "FP32", or "type 23" for one that we have no dtype for.
std::string PaddleTypeName(int code);

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_H_
