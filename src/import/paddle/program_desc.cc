#include "import/paddle/program_desc.h"

#include <algorithm>
#include <set>

#include "base/status.h"
#include "import/wire.h"

namespace oarlock {
namespace {

// VarType numbers of variables that are no tensors of weights, persistable or not.
bool HasNoWeights(int type) { return type == 9 || type == 10 || type == 15 || type == 17; }  // feed, fetch, reader, raw

struct ElementType {
  int code;
  DType dtype;
  size_t size_bytes;
};
constexpr ElementType kElementTypes[] = {
    {0, DType::kBool, 1},     {1, DType::kI16, 2},      {2, DType::kI32, 4},      {3, DType::kI64, 8},
    {4, DType::kF16, 2},      {5, DType::kF32, 4},      {6, DType::kF64, 8},      {20, DType::kU8, 1},
    {21, DType::kI8, 1},      {22, DType::kBF16, 2},    {23, DType::kInvalid, 8}, {24, DType::kInvalid, 16},
    {32, DType::kInvalid, 1}, {33, DType::kInvalid, 1}, {36, DType::kU16, 2},     {37, DType::kU32, 4},
    {38, DType::kU64, 8},
};

const ElementType* FindElementType(int code) {
  for (const ElementType& row : kElementTypes) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

struct Variable {
  PaddleVariable parameter;
  int type = -1;
  bool persistable = false;
};

// TensorDesc {1 data_type, 2 dims}
bool ReadTensorDesc(std::string_view bytes, PaddleVariable* variable) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_varint()) {
      variable->dtype_code = static_cast<int>(reader.varint());
      variable->dtype = DTypeFromPaddle(variable->dtype_code);
    } else if (reader.field() == 2 && reader.is_varint()) {
      variable->dims.push_back(static_cast<int64_t>(reader.varint()));
    } else if (reader.field() == 2 && reader.is_bytes()) {
      for (std::string_view packed = reader.bytes(); !packed.empty();) {
        uint64_t dim = 0;
        if (!WireReader::TakeVarint(&packed, &dim)) return false;
        variable->dims.push_back(static_cast<int64_t>(dim));
      }
    }
  }
  return reader.ok();
}

// VarType {1 type, 3 dense_tensor {1 TensorDesc}}
bool ReadVarType(std::string_view bytes, Variable* variable) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_varint()) variable->type = static_cast<int>(reader.varint());
    if (reader.field() != 3 || !reader.is_bytes()) continue;
    WireReader dense(reader.bytes());
    while (dense.Next()) {
      if (dense.field() == 1 && dense.is_bytes() && !ReadTensorDesc(dense.bytes(), &variable->parameter)) return false;
    }
    if (!dense.ok()) return false;
  }
  return reader.ok();
}

// VarDesc {1 name, 2 type, 3 persistable}
bool ReadVariable(std::string_view bytes, Variable* variable) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_bytes()) variable->parameter.name = std::string(reader.bytes());
    if (reader.field() == 2 && reader.is_bytes() && !ReadVarType(reader.bytes(), variable)) return false;
    if (reader.field() == 3 && reader.is_varint()) variable->persistable = reader.varint() != 0;
  }
  return reader.ok();
}

// OpDesc {3 type}
bool ReadOperator(std::string_view bytes, std::string* type) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 3 && reader.is_bytes()) *type = std::string(reader.bytes());
  }
  return reader.ok();
}

// BlockDesc {3 vars, 4 ops}
bool ReadBlock(std::string_view bytes, PaddleProgram* program, std::set<std::string>* names) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 3 && reader.is_bytes()) {
      Variable variable;
      if (!ReadVariable(reader.bytes(), &variable)) return false;
      if (!variable.persistable || HasNoWeights(variable.type)) continue;
      if (names->insert(variable.parameter.name).second) program->parameters.push_back(std::move(variable.parameter));
    } else if (reader.field() == 4 && reader.is_bytes()) {
      std::string type;
      if (!ReadOperator(reader.bytes(), &type)) return false;
      if (type != "feed" && type != "fetch") ++program->operators[type];
    }
  }
  return reader.ok();
}

}  // namespace

DType DTypeFromPaddle(int code) {
  const ElementType* row = FindElementType(code);
  return row == nullptr ? DType::kInvalid : row->dtype;
}

size_t PaddleElementSizeBytes(int code) {
  const ElementType* row = FindElementType(code);
  return row == nullptr ? 0 : row->size_bytes;
}

std::string PaddleTypeName(int code) {
  const DType dtype = DTypeFromPaddle(code);
  return dtype == DType::kInvalid ? fmt::format("type {}", code) : std::string(NameOf(dtype));
}

absl::StatusOr<PaddleProgram> ReadPaddleProgram(std::string_view bytes) {
  PaddleProgram program;
  std::set<std::string> names;
  size_t block_count = 0;
  WireReader reader(bytes);  // ProgramDesc {1 blocks, 4 version {1}}
  bool whole = true;
  while (whole && reader.Next()) {
    if (reader.field() == 1 && reader.is_bytes()) {
      ++block_count;
      whole = ReadBlock(reader.bytes(), &program, &names);
    } else if (reader.field() == 4 && reader.is_bytes()) {
      WireReader version(reader.bytes());
      while (version.Next()) {
        if (version.field() == 1 && version.is_varint()) program.version = static_cast<int64_t>(version.varint());
      }
      whole = version.ok();
    }
  }
  if (!whole || !reader.ok()) return DataLoss("the Paddle program is damaged or cut off ({} bytes)", bytes.size());
  if (block_count == 0) return InvalidArgument("not a Paddle program ({} bytes, no block in it)", bytes.size());
  std::sort(program.parameters.begin(), program.parameters.end(),
            [](const PaddleVariable& a, const PaddleVariable& b) { return a.name < b.name; });
  return program;
}

}  // namespace oarlock
