// A ProgramDesc as it is written: messages of Paddle's framework.proto with names instead of field numbers, numbers
// widened. program_desc_reader.cc makes a Program of it.
#ifndef OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_H_
#define OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "import/paddle/program.h"

namespace oarlock::paddle {

struct VarDesc {
  std::string name;
  int type = -1;        // VarType: 7 is a tensor
  int dtype_code = -1;  // of its elements
  bool rank_known = false;
  std::vector<int64_t> dims;
  bool persistable = false;
};

struct OpDesc {
  using Arguments = std::vector<std::pair<std::string, std::vector<std::string>>>;  // slot -> variables
  std::string type;
  Arguments inputs;
  Arguments outputs;
  std::map<std::string, Attribute, std::less<>> attributes;
  int64_t sub_block = -1;
  std::string unknown_attribute;  // the name of one whose type we do not know; empty = none
};

struct BlockDesc {
  std::vector<VarDesc> variables;
  std::vector<OpDesc> operators;
};

struct ProgramDesc {
  int64_t version = 0;
  std::vector<BlockDesc> blocks;
};

// DATA_LOSS, or INVALID_ARGUMENT where there is no block.
absl::StatusOr<ProgramDesc> ParseProgramDesc(std::string_view bytes);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_PROGRAM_DESC_H_
