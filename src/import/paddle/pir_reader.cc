#include "import/paddle/pir_reader.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/status.h"
#include "import/paddle/element_type.h"
#include "import/paddle/pir_json.h"

namespace oarlock::paddle {
namespace {

// Written by Paddle 3.3.1, the newest we have seen.
constexpr int64_t kNewestPirVersion = 4;
// Brackets inside each other. A branch in a branch takes about eight.
constexpr size_t kBracketDepthMax = 512;
constexpr size_t kListValuesMax = 65'536;
constexpr std::string_view kNotPersistable = "__non_persistable";

class PirReader {
 public:
  absl::StatusOr<Program> Read(const dom::element& root) {
    program_.dialect = Dialect::kPir;
    OAR_RETURN_IF_ERROR(ReadBaseCode(root));
    dom::element program;
    if (root["program"].get(program) != simdjson::SUCCESS) return InvalidArgument("there is no 'program' in it");
    OAR_ASSIGN_OR_RETURN(const std::vector<dom::element> blocks, BlocksOf(program));
    if (blocks.size() != 1) return InvalidArgument("the program has {} regions; it should have one", blocks.size());
    OAR_ASSIGN_OR_RETURN(program_.main, ReadBlock(blocks[0]));
    std::sort(program_.parameters.begin(), program_.parameters.end(),
              [](const Parameter& a, const Parameter& b) { return a.name < b.name; });
    std::stable_sort(outputs_.begin(), outputs_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& [column, output] : outputs_) program_.outputs.push_back(std::move(output));
    return std::move(program_);
  }

 private:
  absl::Status ReadBaseCode(const dom::element& root) {
    dom::element code;
    if (root["base_code"].get(code) != simdjson::SUCCESS || TextOf(code, "magic") != "pir") {
      return InvalidArgument("not a Paddle 3 program: its 'base_code' does not say 'pir'");
    }
    if (code["version"].get(program_.version) != simdjson::SUCCESS) {
      return InvalidArgument("the program's 'base_code' has no version that is a number");
    }
    if (program_.version > kNewestPirVersion) {
      program_.warning = fmt::format("the program is of PIR version {}, newer than {}, the newest known",
                                     program_.version, kNewestPirVersion);
    }
    return absl::OkStatus();
  }

  // The blocks of `regions`, one each.
  absl::StatusOr<std::vector<dom::element>> BlocksOf(const dom::element& owner) {
    bool there = false;
    std::vector<dom::element> found;
    for (const dom::element region : ArrayOf(owner, "regions", &there)) {
      const std::vector<dom::element> blocks = ArrayOf(region, "blocks", &there);
      if (!there || blocks.size() != 1) {
        return Unimplemented("a region of {} blocks; one is known", there ? blocks.size() : 0);
      }
      found.push_back(blocks[0]);
    }
    return found;
  }

  absl::StatusOr<Block> ReadBlock(const dom::element& json) {
    Block block;
    bool there = false;
    for (const dom::element argument : ArrayOf(json, "args", &there)) {
      int64_t id = 0;
      if (argument["#"].get(id) != simdjson::SUCCESS) return InvalidArgument("an argument of a block has no number");
      OAR_ASSIGN_OR_RETURN(const ValueId value, Define(id, argument));
      block.arguments.push_back(value);
    }
    const std::vector<dom::element> operators = ArrayOf(json, "ops", &there);
    if (!there) return InvalidArgument("a block has no 'ops'");
    for (const dom::element op : operators) OAR_RETURN_IF_ERROR(ReadOperator(op, &block));
    return block;
  }

  // {"#": "0.t_dtensor", "D": [element type, dims, layout, lod, offset]}
  absl::Status ReadType(const dom::element& type, Value* value, int* dtype_code) {
    const std::string_view kind = Split(TextOf(type, "#")).name;
    if (kind != "t_dtensor") return absl::OkStatus();  // a list, or nothing: no tensor to know something of
    dom::array parts;
    if (type["D"].get(parts) != simdjson::SUCCESS || parts.size() < 2) {
      return InvalidArgument("the type of value {} is no tensor's", value->name);
    }
    const std::string_view element = Split(TextOf(parts.at(0).value(), "#")).name;
    *dtype_code = CodeFromPirName(element);
    if (*dtype_code < 0) return Unimplemented("value {} has elements of type '{}'", value->name, Printable(element));
    value->dtype = DTypeFromCode(*dtype_code);
    auto dims = IntegersOf(parts.at(1).value());
    if (!dims || dims->size() > kDimsMax) return InvalidArgument("the dims of value {} are none", value->name);
    value->rank_known = true;
    value->dims = *std::move(dims);
    return absl::OkStatus();
  }

  ValueId Add(Value value) {
    program_.values.push_back(std::move(value));
    return static_cast<ValueId>(program_.values.size() - 1);
  }

  absl::StatusOr<ValueId> Define(int64_t id, const dom::element& described) {
    int ignored = -1;
    return Define(id, described, fmt::format("%{}", id), &ignored);
  }

  absl::StatusOr<ValueId> Define(int64_t id, const dom::element& described, std::string name, int* dtype_code) {
    if (id == 0) return InvalidArgument("a value has number 0, which stands for none");
    if (values_.contains(id) || lists_.contains(id)) return InvalidArgument("value %{} is written twice", id);
    Value value;
    value.name = std::move(name);
    dom::element type;
    if (described["TT"].get(type) == simdjson::SUCCESS) OAR_RETURN_IF_ERROR(ReadType(type, &value, dtype_code));
    return values_[id] = Add(std::move(value));
  }

  // A list of tensors: "t_vec" with the types of its elements.
  static std::optional<dom::array> ListType(const dom::element& described) {
    dom::element type;
    dom::array elements;
    if (described["TT"].get(type) != simdjson::SUCCESS || Split(TextOf(type, "#")).name != "t_vec") return std::nullopt;
    if (type["D"].get(elements) != simdjson::SUCCESS) return std::nullopt;
    return elements;
  }

  absl::StatusOr<Slot> Operand(const dom::element& operand, std::string_view op) {
    int64_t id = 0;
    if (operand["%"].get(id) != simdjson::SUCCESS) {
      return InvalidArgument("an operand of '{}' has no number", Printable(op));
    }
    Slot slot;
    if (id == 0) return slot;  // absent
    if (const auto list = lists_.find(id); list != lists_.end()) {
      slot.values = list->second;
      return slot;
    }
    const auto found = values_.find(id);
    if (found == values_.end()) {
      return InvalidArgument("operator '{}' reads value %{}, which nothing before it writes", Printable(op), id);
    }
    slot.values.push_back(found->second);
    return slot;
  }

  absl::StatusOr<std::vector<Slot>> Operands(const dom::element& json, std::string_view op) {
    std::vector<Slot> slots;
    bool there = false;
    for (const dom::element operand : ArrayOf(json, "I", &there)) {
      OAR_ASSIGN_OR_RETURN(Slot slot, Operand(operand, op));
      slots.push_back(std::move(slot));
    }
    return slots;
  }

  absl::StatusOr<int64_t> ResultNumber(const dom::element& result, std::string_view op) {
    int64_t id = 0;
    if (result["%"].get(id) != simdjson::SUCCESS) {
      return InvalidArgument("a result of '{}' has no number", Printable(op));
    }
    return id;
  }

  absl::StatusOr<Slot> Result(const dom::element& result, std::string_view op) {
    OAR_ASSIGN_OR_RETURN(const int64_t id, ResultNumber(result, op));
    Slot slot;
    const auto elements = ListType(result);
    if (!elements) {
      OAR_ASSIGN_OR_RETURN(const ValueId value, Define(id, result));
      slot.values.push_back(value);
      return slot;
    }
    if (values_.contains(id) || lists_.contains(id)) return InvalidArgument("value %{} is written twice", id);
    if (elements->size() > kListValuesMax) {
      return InvalidArgument("value %{} is a list of {} tensors; {} are known to be enough", id, elements->size(),
                             kListValuesMax);
    }
    for (const dom::element type : *elements) {
      Value value;
      value.name = fmt::format("%{}.{}", id, slot.values.size());
      int ignored = -1;
      OAR_RETURN_IF_ERROR(ReadType(type, &value, &ignored));
      slot.values.push_back(Add(std::move(value)));
    }
    lists_[id] = slot.values;
    return slot;
  }

  absl::Status ReadAttributes(const dom::element& json, Operator* op) {
    bool there = false;
    for (const dom::element each : ArrayOf(json, "A", &there)) {
      const std::string_view name = TextOf(each, "N");
      dom::element attribute;
      if (name.empty() || each["AT"].get(attribute) != simdjson::SUCCESS) {
        return InvalidArgument("an attribute of '{}' has no name or no value", Printable(op->type));
      }
      if (name == "struct_name" || name == "op_role" || name == "op_dist_attr") continue;
      const std::string_view type = Split(TextOf(attribute, "#")).name;
      if (IsIgnoredAttribute(type)) continue;
      auto value = AttributeOf(attribute, type);
      if (!value) {
        return Unimplemented("attribute '{}' of operator '{}' is of type '{}' with a value that is not known",
                             Printable(name), Printable(op->type), Printable(type));
      }
      op->attributes.insert_or_assign(std::string(name), *std::move(value));
    }
    return absl::OkStatus();
  }

  absl::Status ReadOperator(const dom::element& json, Block* block) {
    const std::string_view id = TextOf(json, "#");
    if (id == "p") return ReadParameter(json);
    QualifiedName name = Split(id);
    if (name.dialect == "0") {
      if (name.name == "combine") return ReadCombine(json);
      if (name.name == "split") return ReadSplit(json);
      if (name.name == "slice") return ReadListElement(json);
      if (name.name == "parameter") return ReadParameter(json);
    }
    if (name.dialect == "2" && name.name == "yield") return ReadYield(json, block);
    if (name.name.ends_with('_')) name.name.remove_suffix(1);
    Operator op;
    op.type = name.dialect == "1" ? std::string(name.name) : std::string(id);
    OAR_RETURN_IF_ERROR(ReadAttributes(json, &op));
    OAR_ASSIGN_OR_RETURN(op.inputs, Operands(json, id));
    if (op.type == "data" || op.type == "feed") return ReadInput(json, op);
    if (op.type == "fetch") return ReadFetch(op);
    OAR_ASSIGN_OR_RETURN(const std::vector<dom::element> regions, BlocksOf(json));
    for (const dom::element& region : regions) {
      OAR_ASSIGN_OR_RETURN(Block inside, ReadBlock(region));
      op.blocks.push_back(std::move(inside));
    }
    bool there = false;
    for (const dom::element result : ArrayOf(json, "O", &there)) {
      OAR_ASSIGN_OR_RETURN(Slot slot, Result(result, id));
      op.outputs.push_back(std::move(slot));
    }
    block->operators.push_back(std::move(op));
    return absl::OkStatus();
  }

  // {"#": "p", "A": [is_distributed, is_parameter, need_clip, name], "O": value, "OA": [persistable, ...]}
  absl::Status ReadParameter(const dom::element& json) {
    bool there = false;
    const std::vector<dom::element> attributes = ArrayOf(json, "A", &there);
    std::string_view name;
    if (!there || attributes.size() < 4 || attributes[3].get(name) != simdjson::SUCCESS || name.empty()) {
      return InvalidArgument("a parameter has no name");
    }
    if (!names_.insert(std::string(name)).second) return InvalidArgument("'{}' is there twice", Printable(name));
    dom::element result;
    if (json["O"].get(result) != simdjson::SUCCESS)
      return InvalidArgument("parameter '{}' has no value", Printable(name));
    OAR_ASSIGN_OR_RETURN(const int64_t id, ResultNumber(result, name));
    Parameter parameter;
    parameter.name = std::string(name);
    OAR_ASSIGN_OR_RETURN(parameter.value, Define(id, result, parameter.name, &parameter.dtype_code));
    parameter.dtype = DTypeFromCode(parameter.dtype_code);
    parameter.dims = program_.value(parameter.value).dims;
    // One that is not persistable has no record in the weights.
    int64_t persistable = name.ends_with(kNotPersistable) ? 0 : 1;
    const std::vector<dom::element> flags = ArrayOf(json, "OA", &there);
    if (!flags.empty() && flags[0].get(persistable) != simdjson::SUCCESS) {
      return InvalidArgument("parameter '{}' does not say whether it is persistable", Printable(name));
    }
    if (persistable != 0) program_.parameters.push_back(std::move(parameter));
    return absl::OkStatus();
  }

  absl::Status ReadCombine(const dom::element& json) {
    OAR_ASSIGN_OR_RETURN(const std::vector<Slot> operands, Operands(json, "combine"));
    dom::array results;
    if (json["O"].get(results) != simdjson::SUCCESS || results.size() != 1) {
      return InvalidArgument("a 'combine' should have one result");
    }
    OAR_ASSIGN_OR_RETURN(const int64_t id, ResultNumber(results.at(0).value(), "combine"));
    if (values_.contains(id) || lists_.contains(id)) return InvalidArgument("value %{} is written twice", id);
    std::vector<ValueId>& list = lists_[id];
    for (const Slot& operand : operands) {
      // A list in a list does not occur, and could be made to grow without bound.
      if (operand.values.size() != 1) return InvalidArgument("'combine' %{} takes a list, or nothing", id);
      list.push_back(operand.values[0]);
    }
    return absl::OkStatus();
  }

  // Gives the elements of a list their own numbers.
  absl::Status ReadSplit(const dom::element& json) {
    OAR_ASSIGN_OR_RETURN(const std::vector<Slot> operands, Operands(json, "split"));
    bool there = false;
    const std::vector<dom::element> results = ArrayOf(json, "O", &there);
    if (operands.size() != 1 || !there || results.size() != operands[0].values.size()) {
      return InvalidArgument("a 'split' has {} results for a list of {}", there ? results.size() : 0,
                             operands.size() == 1 ? operands[0].values.size() : 0);
    }
    size_t index = 0;
    for (const dom::element result : results) OAR_RETURN_IF_ERROR(Alias(result, operands[0].values[index++]));
    return absl::OkStatus();
  }

  absl::Status ReadListElement(const dom::element& json) {
    Operator op;
    op.type = "slice";
    OAR_RETURN_IF_ERROR(ReadAttributes(json, &op));
    OAR_ASSIGN_OR_RETURN(const std::vector<Slot> operands, Operands(json, "slice"));
    dom::array results;
    const auto index = op.attributes.find("index");
    const int64_t* at = index == op.attributes.end() ? nullptr : std::get_if<int64_t>(&index->second);
    if (operands.size() != 1 || at == nullptr || *at < 0 || static_cast<size_t>(*at) >= operands[0].values.size() ||
        json["O"].get(results) != simdjson::SUCCESS || results.size() != 1) {
      return InvalidArgument("an element of a list is asked for that it does not have");
    }
    return Alias(results.at(0).value(), operands[0].values[static_cast<size_t>(*at)]);
  }

  absl::Status Alias(const dom::element& result, ValueId value) {
    OAR_ASSIGN_OR_RETURN(const int64_t id, ResultNumber(result, "split"));
    if (values_.contains(id) || lists_.contains(id)) return InvalidArgument("value %{} is written twice", id);
    values_[id] = value;
    return absl::OkStatus();
  }

  absl::Status ReadYield(const dom::element& json, Block* block) {
    OAR_ASSIGN_OR_RETURN(const std::vector<Slot> operands, Operands(json, "yield"));
    for (const Slot& operand : operands) {
      if (operand.values.size() != 1) return Unimplemented("a block that gives back a list, or nothing");
      block->results.push_back(operand.values[0]);
    }
    return absl::OkStatus();
  }

  static std::string TextAttribute(const Operator& op, std::string_view name) {
    const auto found = op.attributes.find(name);
    const auto* text = found == op.attributes.end() ? nullptr : std::get_if<std::string>(&found->second);
    return text == nullptr ? std::string() : *text;
  }

  absl::Status ReadInput(const dom::element& json, const Operator& op) {
    const std::string name = TextAttribute(op, "name");
    dom::array results;
    if (name.empty() || json["O"].get(results) != simdjson::SUCCESS || results.size() != 1) {
      return InvalidArgument("an input has no name, or not one value");
    }
    if (!names_.insert(name).second) return InvalidArgument("'{}' is there twice", Printable(name));
    OAR_ASSIGN_OR_RETURN(const int64_t id, ResultNumber(results.at(0).value(), name));
    int ignored = -1;
    OAR_ASSIGN_OR_RETURN(const ValueId value, Define(id, results.at(0).value(), name, &ignored));
    program_.inputs.push_back(value);
    return absl::OkStatus();
  }

  absl::Status ReadFetch(const Operator& op) {
    const std::string name = TextAttribute(op, "name");
    const auto found = op.attributes.find("col");
    const auto* column = found == op.attributes.end() ? nullptr : std::get_if<int64_t>(&found->second);
    if (name.empty() || op.inputs.size() != 1 || op.inputs[0].values.size() != 1) {
      return InvalidArgument("an output has no name, or not one value");
    }
    outputs_.emplace_back(column == nullptr ? 0 : *column, Output{name, op.inputs[0].values[0]});
    return absl::OkStatus();
  }

  Program program_;
  std::map<int64_t, ValueId> values_;
  std::map<int64_t, std::vector<ValueId>> lists_;
  std::set<std::string> names_;  // of inputs and parameters
  std::vector<std::pair<int64_t, Output>> outputs_;
};

}  // namespace

absl::StatusOr<Program> ReadPir(std::string_view json) {
  dom::parser parser;
  if (parser.allocate(json.size(), kBracketDepthMax) != simdjson::SUCCESS) {
    return ResourceExhausted("a Paddle 3 program of {} bytes takes more memory than there is", json.size());
  }
  dom::element root;
  if (const auto error = parser.parse(json.data(), json.size()).get(root); error != simdjson::SUCCESS) {
    if (error == simdjson::DEPTH_ERROR) {
      return InvalidArgument("the Paddle 3 program nests deeper than {} brackets", kBracketDepthMax);
    }
    return DataLoss("the Paddle 3 program ({} bytes) is no whole JSON: {}", json.size(),
                    simdjson::error_message(error));
  }
  return PirReader().Read(root);
}

}  // namespace oarlock::paddle
