// What must hold of every program that a reader gives back.
#ifndef OARLOCK_FUZZ_CHECK_PROGRAM_H_
#define OARLOCK_FUZZ_CHECK_PROGRAM_H_

#include <cstdlib>
#include <set>

#include "import/paddle/program.h"

namespace oarlock::paddle {

class ProgramCheck {
 public:
  explicit ProgramCheck(const Program& program) : program_(program) {}

  // Each value is written once, and before it is read.
  void Run() {
    std::set<std::string> names;
    for (const Value& value : program_.values) Require(names.insert(value.name).second);
    for (const Parameter& parameter : program_.parameters) Write(parameter.value);
    for (const ValueId input : program_.inputs) Write(input);
    Walk(program_.main);
    for (const Output& output : program_.outputs) Require(output.value >= 0);
    (void)CountOperators(program_);
  }

 private:
  static void Require(bool holds) {
    if (!holds) std::abort();
  }
  void Write(ValueId value) {
    Require(value >= 0 && static_cast<size_t>(value) < program_.values.size());
    Require(written_.insert(value).second);
  }
  void Read(ValueId value) const { Require(value >= 0 && static_cast<size_t>(value) < program_.values.size()); }

  void Walk(const Block& block) {
    for (const ValueId argument : block.arguments) Write(argument);
    for (const Operator& op : block.operators) {
      for (const Slot& slot : op.inputs) {
        for (const ValueId value : slot.values) Read(value);
      }
      for (const Block& inside : op.blocks) Walk(inside);
      for (const Slot& slot : op.outputs) {
        for (const ValueId value : slot.values) {
          if (value != kNoValue) Write(value);
        }
      }
    }
    for (const ValueId result : block.results) Read(result);
  }

  const Program& program_;
  std::set<ValueId> written_;
};

inline void CheckProgram(const Program& program) { ProgramCheck(program).Run(); }

}  // namespace oarlock::paddle

#endif  // OARLOCK_FUZZ_CHECK_PROGRAM_H_
