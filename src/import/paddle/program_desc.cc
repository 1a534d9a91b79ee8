#include "import/paddle/program_desc.h"

#include <cstring>
#include <optional>

#include "base/status.h"
#include "import/wire.h"

namespace oarlock::paddle {
namespace {

bool AppendVarints(const WireReader& reader, std::vector<int64_t>* values) {
  if (reader.is_varint()) {
    values->push_back(static_cast<int64_t>(reader.varint()));
    return true;
  }
  if (!reader.is_bytes()) return false;
  for (std::string_view packed = reader.bytes(); !packed.empty();) {
    uint64_t value = 0;
    if (!WireReader::TakeVarint(&packed, &value)) return false;
    values->push_back(static_cast<int64_t>(value));
  }
  return true;
}

// Fixed-width numbers: one, or packed ones.
template <typename T>
bool AppendFixed(const WireReader& reader, std::vector<double>* values) {
  const std::string_view bytes = reader.bytes();
  if (reader.is_varint() || bytes.size() % sizeof(T) != 0) return false;
  for (size_t at = 0; at < bytes.size(); at += sizeof(T)) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    values->push_back(static_cast<double>(value));
  }
  return true;
}

// TensorDesc {1 data_type, 2 dims}
bool ParseTensorDesc(std::string_view bytes, VarDesc* variable) {
  variable->rank_known = true;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_varint()) variable->dtype_code = static_cast<int>(reader.varint());
    if (reader.field() == 2 && !AppendVarints(reader, &variable->dims)) return false;
  }
  return reader.ok() && variable->dims.size() <= kDimsMax;
}

// VarType {1 type, 3 dense_tensor {1 TensorDesc}}
bool ParseVarType(std::string_view bytes, VarDesc* variable) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_varint()) variable->type = static_cast<int>(reader.varint());
    if (reader.field() != 3 || !reader.is_bytes()) continue;
    WireReader dense(reader.bytes());
    while (dense.Next()) {
      if (dense.field() == 1 && dense.is_bytes() && !ParseTensorDesc(dense.bytes(), variable)) return false;
    }
    if (!dense.ok()) return false;
  }
  return reader.ok();
}

// VarDesc {1 name, 2 type, 3 persistable}
bool ParseVarDesc(std::string_view bytes, VarDesc* variable) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_bytes()) variable->name = std::string(reader.bytes());
    if (reader.field() == 2 && reader.is_bytes() && !ParseVarType(reader.bytes(), variable)) return false;
    if (reader.field() == 3 && reader.is_varint()) variable->persistable = reader.varint() != 0;
  }
  return reader.ok();
}

// Scalar {1 type: BOOLEAN 1, LONG 2, FLOAT64 3; 2 b, 3 i, 4 r}
bool ParseScalar(std::string_view bytes, double* value) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if ((reader.field() == 2 || reader.field() == 3) && reader.is_varint()) {
      *value = static_cast<double>(static_cast<int64_t>(reader.varint()));
    }
    if (reader.field() != 4) continue;
    std::vector<double> real;
    if (!AppendFixed<double>(reader, &real) || real.size() != 1) return false;
    *value = real[0];
  }
  return reader.ok();
}

// Numbers of OpDesc.Attr's AttrType.
enum AttrType : int64_t {
  kInt,
  kFloat,
  kString,
  kInts,
  kFloats,
  kStrings,
  kBoolean,
  kBooleans,
  kBlock,
  kLong,
  kBlocks,
  kLongs,
  kFloat64s,
  kVar,
  kVars,
  kFloat64,
  kScalar,
  kScalars
};

// What the fields of one Attr hold, whatever its type says.
struct AttrFields {
  std::string name;
  int64_t type = -1;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::vector<std::string> strings;
};

// Attr {1 name, 2 type, 3 i, 4 f, 5 s, 6 ints, 7 floats, 8 strings, 10 b, 11 bools, 12 block_idx, 13 l, 14 blocks_idx,
// 15 longs, 16 float64s, 17 var_name, 18 vars_name, 19 float64, 20 scalar, 21 scalars}
bool ParseAttrFields(std::string_view bytes, AttrFields* attr) {
  WireReader reader(bytes);
  bool whole = true;
  while (whole && reader.Next()) {
    switch (reader.field()) {
      case 1:
        attr->name = std::string(reader.bytes());
        break;
      case 2:
        attr->type = static_cast<int64_t>(reader.varint());
        break;
      case 3:
      case 6:
      case 10:
      case 11:
      case 12:
      case 13:
      case 14:
      case 15:
        whole = AppendVarints(reader, &attr->integers);
        break;
      case 4:
      case 7:
        whole = AppendFixed<float>(reader, &attr->reals);
        break;
      case 16:
      case 19:
        whole = AppendFixed<double>(reader, &attr->reals);
        break;
      case 5:
      case 8:
      case 17:
      case 18:
        whole = reader.is_bytes();
        attr->strings.emplace_back(reader.bytes());
        break;
      case 20:
      case 21: {
        double value = 0;
        whole = reader.is_bytes() && ParseScalar(reader.bytes(), &value);
        attr->reals.push_back(value);
        break;
      }
      default:
        break;
    }
  }
  return whole && reader.ok();
}

// An `int32` of protobuf is written sign-extended, so int64 holds it. None: a type we do not know, or no value.
std::optional<Attribute> ValueOf(AttrFields* attr) {
  switch (attr->type) {
    case kBoolean:
      if (attr->integers.empty()) return std::nullopt;
      return attr->integers[0] != 0;
    case kInt:
    case kLong:
      if (attr->integers.empty()) return std::nullopt;
      return attr->integers[0];
    case kFloat:
    case kFloat64:
    case kScalar:
      if (attr->reals.empty()) return std::nullopt;
      return attr->reals[0];
    case kString:
      if (attr->strings.empty()) return std::nullopt;
      return attr->strings[0];
    case kInts:
    case kLongs:
    case kBooleans:
      return std::move(attr->integers);
    case kFloats:
    case kFloat64s:
    case kScalars:
      return std::move(attr->reals);
    case kStrings:
      return std::move(attr->strings);
    default:
      return std::nullopt;
  }
}

// An attribute that is a variable becomes a slot of its name.
bool ParseAttr(std::string_view bytes, OpDesc* op) {
  AttrFields attr;
  if (!ParseAttrFields(bytes, &attr)) return false;
  if (attr.type == kBlock) {
    if (attr.integers.size() != 1) return false;
    op->sub_block = attr.integers[0];
  } else if (attr.type == kVar || attr.type == kVars) {
    op->inputs.emplace_back(std::move(attr.name), std::move(attr.strings));
  } else if (auto value = ValueOf(&attr)) {
    op->attributes.insert_or_assign(std::move(attr.name), *std::move(value));
  } else if (attr.type < 0 || attr.type > kScalars) {
    op->unknown_attribute = std::move(attr.name);
  }
  return true;
}

// Var {1 slot, 2 arguments}
bool ParseArguments(std::string_view bytes, OpDesc::Arguments* arguments) {
  auto& [slot, names] = arguments->emplace_back();
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.field() == 1 && reader.is_bytes()) slot = std::string(reader.bytes());
    if (reader.field() == 2 && reader.is_bytes()) names.emplace_back(reader.bytes());
  }
  return reader.ok();
}

// OpDesc {1 inputs, 2 outputs, 3 type, 4 attrs}
bool ParseOpDesc(std::string_view bytes, OpDesc* op) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.is_bytes()) continue;
    const bool whole = reader.field() == 1   ? ParseArguments(reader.bytes(), &op->inputs)
                       : reader.field() == 2 ? ParseArguments(reader.bytes(), &op->outputs)
                       : reader.field() == 4 ? ParseAttr(reader.bytes(), op)
                                             : true;
    if (!whole) return false;
    if (reader.field() == 3) op->type = std::string(reader.bytes());
  }
  return reader.ok();
}

// BlockDesc {3 vars, 4 ops}
bool ParseBlockDesc(std::string_view bytes, BlockDesc* block) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.is_bytes()) continue;
    if (reader.field() == 3 && !ParseVarDesc(reader.bytes(), &block->variables.emplace_back())) return false;
    if (reader.field() == 4 && !ParseOpDesc(reader.bytes(), &block->operators.emplace_back())) return false;
  }
  return reader.ok();
}

}  // namespace

absl::StatusOr<ProgramDesc> ParseProgramDesc(std::string_view bytes) {
  ProgramDesc program;
  WireReader reader(bytes);  // ProgramDesc {1 blocks, 4 version {1}}
  bool whole = true;
  while (whole && reader.Next()) {
    if (reader.field() == 1 && reader.is_bytes()) {
      whole = ParseBlockDesc(reader.bytes(), &program.blocks.emplace_back());
    } else if (reader.field() == 4 && reader.is_bytes()) {
      WireReader version(reader.bytes());
      while (version.Next()) {
        if (version.field() == 1 && version.is_varint()) program.version = static_cast<int64_t>(version.varint());
      }
      whole = version.ok();
    }
  }
  if (!whole || !reader.ok()) return DataLoss("the Paddle program is damaged or cut off ({} bytes)", bytes.size());
  if (program.blocks.empty()) return InvalidArgument("not a Paddle program ({} bytes, no block in it)", bytes.size());
  return program;
}

}  // namespace oarlock::paddle
