#include "import/paddle/program.h"

namespace oarlock::paddle {
namespace {

void Count(const Block& block, std::map<std::string, size_t>* counts) {
  for (const Operator& op : block.operators) {
    if (op.type != "full" && op.type != "full_int_array") ++(*counts)[op.type];
    for (const Block& inside : op.blocks) Count(inside, counts);
  }
}

}  // namespace

std::map<std::string, size_t> CountOperators(const Program& program) {
  std::map<std::string, size_t> counts;
  Count(program.main, &counts);
  return counts;
}

}  // namespace oarlock::paddle
