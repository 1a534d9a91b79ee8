#include "import/paddle/operator_list.h"

#include <map>

namespace oarlock::paddle {

#define OAR_PADDLE_OPERATOR(function, program_desc, pir, inputs, outputs, onnx) void function(Conversion& c);
#include "import/paddle/operators.def"
#undef OAR_PADDLE_OPERATOR

namespace {

constexpr OperatorRow kRows[] = {
#define OAR_PADDLE_OPERATOR(function, program_desc, pir, inputs, outputs, onnx) \
  {program_desc, pir, inputs, outputs, onnx, &function},
#include "import/paddle/operators.def"
#undef OAR_PADDLE_OPERATOR
};

using Index = std::map<std::string_view, const OperatorRow*>;

Index MakeIndex(std::string_view OperatorRow::*names) {
  Index index;
  for (const OperatorRow& row : kRows) {
    for (size_t i = 0; !WordAt(row.*names, i).empty(); ++i) index.emplace(WordAt(row.*names, i), &row);
  }
  return index;
}

void CountUnknown(Dialect dialect, const Block& block, std::map<std::string, size_t>* unknown) {
  for (const Operator& op : block.operators) {
    if (FindOperator(dialect, op.type) == nullptr) ++(*unknown)[op.type];
    for (const Block& inside : op.blocks) CountUnknown(dialect, inside, unknown);
  }
}

}  // namespace

std::map<std::string, size_t> UnknownOperators(const Program& program) {
  std::map<std::string, size_t> unknown;
  CountUnknown(program.dialect, program.main, &unknown);
  return unknown;
}

std::string_view WordAt(std::string_view words, size_t index) {
  for (;; --index) {
    const size_t space = words.find(' ');
    if (index == 0) return words.substr(0, space);
    if (space == std::string_view::npos) return {};
    words.remove_prefix(space + 1);
  }
}

bool HasWord(std::string_view words, std::string_view word, char separator) {
  while (!words.empty()) {
    const size_t end = words.find(separator);
    if (words.substr(0, end) == word) return true;
    if (end == std::string_view::npos) break;
    words.remove_prefix(end + 1);
  }
  return false;
}

std::span<const OperatorRow> OperatorRows() { return kRows; }

const OperatorRow* FindOperator(Dialect dialect, std::string_view type) {
  static const Index program_desc = MakeIndex(&OperatorRow::program_desc_names);
  static const Index pir = MakeIndex(&OperatorRow::pir_names);
  const Index& index = dialect == Dialect::kPir ? pir : program_desc;
  const auto found = index.find(type);
  return found == index.end() ? nullptr : found->second;
}

}  // namespace oarlock::paddle
