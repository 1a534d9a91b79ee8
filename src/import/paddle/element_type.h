// Paddle's element types: numbers of VarType in ProgramDesc and in weights, names in PIR.
#ifndef OARLOCK_IMPORT_PADDLE_ELEMENT_TYPE_H_
#define OARLOCK_IMPORT_PADDLE_ELEMENT_TYPE_H_

#include <string>
#include <string_view>

#include "tensor/dtype.h"

namespace oarlock::paddle {

// VarType number -> ours; kInvalid if there is none.
DType DTypeFromCode(int code);
// Bytes of one element of a VarType number that is an element type; 0 if it is none.
size_t ElementSizeBytesOfCode(int code);
// "FP32", or "type 23" for one that we have no dtype for.
std::string NameOfCode(int code);
// Of a PIR type, "t_f32" -> 5, or of a PIR attribute, "float32" -> 5; -1 if there is none.
int CodeFromPirName(std::string_view name);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_ELEMENT_TYPE_H_
