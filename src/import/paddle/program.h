// A Paddle program in memory, the same for ProgramDesc (Paddle 2) and PIR (Paddle 3): values, operators, attributes,
// nested blocks. Both readers write it, the weights reader and the conversion to ONNX read it.
//
// Every value is written once: the reader of ProgramDesc gives a variable that is written again a new value, turns
// `conditional_block` + `select_input` into `if`, and gives `while` its loop variables as block arguments, as PIR has
// them. What is different still is how operands are found: ProgramDesc names them (slots), PIR numbers them. Owns its
// strings; const use from any thread.
#ifndef OARLOCK_IMPORT_PADDLE_PROGRAM_H_
#define OARLOCK_IMPORT_PADDLE_PROGRAM_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tensor/dtype.h"

namespace oarlock::paddle {

// Index into Program::values.
using ValueId = int32_t;
inline constexpr ValueId kNoValue = -1;

// Dims of a value; more than any dtype of Paddle's allows, so that a hostile rank takes no memory.
inline constexpr size_t kDimsMax = 64;

// What the program says of a value. Dims are as far as Paddle's shape inference went: kDynamic (-1) may be a known one.
struct Value {
  std::string name;  // unique in the program; the variable's in a ProgramDesc, "%12" or the input's name in PIR
  DType dtype = DType::kInvalid;
  bool rank_known = false;
  std::vector<int64_t> dims;
};

// Numbers are widened: versions of Paddle write the same attribute as int or long, float or double.
using Attribute = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
                               std::vector<std::string>>;

// An operand or a result: one value, several (a list of tensors), or none (absent).
struct Slot {
  std::string name;  // "X"; empty in PIR, where the position counts
  std::vector<ValueId> values;
};

struct Operator;

struct Block {
  std::vector<ValueId> arguments;  // loop variables, inside a `while`
  std::vector<Operator> operators;
  std::vector<ValueId> results;  // of a branch or a loop's body; of the program: see Program::outputs
};

// Control flow: `if`    operands {condition}, blocks {then, else}, results = the blocks' results
//               `while` operands {condition, variable...}, blocks {body}: arguments {variable...}, results {next
//                       condition, next variable...}; results {variable...}
// Their operands and results are one slot each, whatever wrote the program.
struct Operator {
  std::string type;  // without dialect and without the '_' of an in-place variant: "conv2d"
  std::vector<Slot> inputs;
  std::vector<Slot> outputs;
  std::map<std::string, Attribute, std::less<>> attributes;
  std::vector<Block> blocks;
};

// A value that lies in the weights.
struct Parameter {
  std::string name;
  DType dtype = DType::kInvalid;  // kInvalid for one that we have no dtype for; see dtype_code
  int dtype_code = -1;            // Paddle's VarType number
  std::vector<int64_t> dims;      // of any rank: a parameter may have more dims than a tensor of ours
  ValueId value = kNoValue;
};

struct Output {
  std::string name;
  ValueId value = kNoValue;
};

enum class Dialect { kProgramDesc, kPir };

struct Program {
  Dialect dialect = Dialect::kProgramDesc;
  int64_t version = 0;
  std::string warning;  // of a version newer than those we have seen; empty = none
  std::vector<Value> values;
  Block main;
  std::vector<ValueId> inputs;        // in the order of Paddle's own API
  std::vector<Output> outputs;        // likewise
  std::vector<Parameter> parameters;  // in the order of the combined weights: byte order of their names

  const Value& value(ValueId id) const { return values[static_cast<size_t>(id)]; }
};

// Type -> count, over all blocks. What only carries constants, lists, inputs and outputs is not counted.
std::map<std::string, size_t> CountOperators(const Program& program);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_PROGRAM_H_
