// The operators that can be converted (operators.def), found by a program's names.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATOR_LIST_H_
#define OARLOCK_IMPORT_PADDLE_OPERATOR_LIST_H_

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "import/paddle/conversion.h"
#include "import/paddle/program.h"

namespace oarlock::paddle {

struct OperatorRow {
  std::string_view program_desc_names;  // separated by spaces
  std::string_view pir_names;
  std::string_view inputs;
  std::string_view outputs;
  std::string_view onnx_type;
  void (*convert)(Conversion& conversion);
};

std::span<const OperatorRow> OperatorRows();
// Null if there is no conversion for it.
const OperatorRow* FindOperator(Dialect dialect, std::string_view type);

// Those of a program that there is no conversion for: type -> count, over all blocks.
std::map<std::string, size_t> UnknownOperators(const Program& program);

// Element `index` of a list separated by spaces; empty past its end.
std::string_view WordAt(std::string_view words, size_t index);
bool HasWord(std::string_view words, std::string_view word, char separator = ' ');

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATOR_LIST_H_
