#include "import/paddle/program_desc_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/status.h"
#include "import/paddle/element_type.h"
#include "import/paddle/program_desc.h"

namespace oarlock::paddle {
namespace {

// Written by Paddle 3.3.1, the newest we have seen.
constexpr int64_t kNewestPaddleVersion = 3'003'001;
// Branches and loops inside each other.
constexpr int kBlockDepthMax = 64;
// Paddle's name for "no variable here".
constexpr std::string_view kEmpty = "@EMPTY@";

// VarType numbers of variables that are no tensors of weights, persistable or not.
bool HasNoWeights(int type) { return type == 9 || type == 10 || type == 15 || type == 17; }  // feed, fetch, reader, raw

constexpr int kArray = 13;  // LOD_TENSOR_ARRAY

// Names of one block, and which value each stands for now.
struct Scope {
  const Scope* outer = nullptr;
  const BlockDesc* block = nullptr;
  std::map<std::string, ValueId, std::less<>> values;
};

// A `conditional_block`: it becomes a branch of an `if` when `select_input` says what its results are chosen against.
struct Conditional {
  ValueId condition = kNoValue;
  Block block;
};
struct ConditionalResult {
  size_t conditional = 0;
  ValueId inside = kNoValue;
};

class ProgramDescReader {
 public:
  explicit ProgramDescReader(const ProgramDesc& desc) : desc_(desc), used_(desc.blocks.size(), false) {}

  absl::StatusOr<Program> Read() {
    program_.dialect = Dialect::kProgramDesc;
    program_.version = desc_.version;
    if (desc_.version > kNewestPaddleVersion) {
      program_.warning = fmt::format("the program is of Paddle version {}, newer than {}, the newest known",
                                     desc_.version, kNewestPaddleVersion);
    }
    Scope scope;
    AddParameters(&scope);
    OAR_ASSIGN_OR_RETURN(program_.main, ReadBlock(0, &scope, 0));
    SortByColumn();
    return std::move(program_);
  }

 private:
  void AddParameters(Scope* scope) {
    std::map<std::string, const VarDesc*> found;
    for (const BlockDesc& block : desc_.blocks) {
      for (const VarDesc& variable : block.variables) {
        if (variable.persistable && !HasNoWeights(variable.type)) found.emplace(variable.name, &variable);
      }
    }
    for (const auto& [name, variable] : found) {
      const ValueId value = NewValue(name, variable);
      program_.parameters.push_back(
          {name, DTypeFromCode(variable->dtype_code), variable->dtype_code, variable->dims, value});
      scope->values[name] = value;
    }
  }

  ValueId NewValue(const std::string& name, const VarDesc* variable) {
    Value value;
    value.name = name;
    for (size_t& suffix = name_counts_[name]; !names_.insert(value.name).second;) {
      value.name = fmt::format("{}@{}", name, ++suffix);
    }
    if (variable != nullptr) {
      value.dtype = DTypeFromCode(variable->dtype_code);
      value.rank_known = variable->rank_known;
      value.dims = variable->dims;
    }
    program_.values.push_back(std::move(value));
    return static_cast<ValueId>(program_.values.size() - 1);
  }

  const VarDesc* FindVariable(const Scope& scope, std::string_view name) {
    for (const Scope* at = &scope; at != nullptr; at = at->outer) {
      if (at->block == nullptr) continue;
      auto [index, fresh] = variables_.try_emplace(at->block);
      if (fresh) {
        for (const VarDesc& variable : at->block->variables) index->second.emplace(variable.name, &variable);
      }
      if (const auto found = index->second.find(name); found != index->second.end()) return found->second;
    }
    return nullptr;
  }

  static std::optional<ValueId> Find(const Scope& scope, std::string_view name) {
    for (const Scope* at = &scope; at != nullptr; at = at->outer) {
      if (const auto found = at->values.find(name); found != at->values.end()) return found->second;
    }
    return std::nullopt;
  }

  absl::StatusOr<ValueId> Lookup(const Scope& scope, const OpDesc& op, std::string_view name) {
    auto found = Find(scope, name);
    // An array of tensors is there before anything is written to it. No operator of arrays is converted: that is told
    // with all others.
    if (const VarDesc* variable = FindVariable(scope, name);
        !found && variable != nullptr && variable->type == kArray) {
      found = NewValue(std::string(name), variable);
    }
    if (!found) {
      return InvalidArgument("operator '{}' reads variable '{}', which nothing before it writes", Printable(op.type),
                             Printable(name));
    }
    if (conditional_results_.contains(*found) && op.type != "select_input") {
      return Unimplemented("operator '{}' reads '{}', which a conditional_block writes in one of two cases only",
                           Printable(op.type), Printable(name));
    }
    return *found;
  }

  // `value` is of the type and dims of `other`.
  void Describe(ValueId value, ValueId other) {
    if (value == kNoValue || other == kNoValue) return;
    Value& described = program_.values[static_cast<size_t>(value)];
    const Value& from = program_.value(other);
    described.dtype = from.dtype;
    described.rank_known = from.rank_known;
    described.dims = from.dims;
  }

  ValueId Write(Scope* scope, const std::string& name) {
    return scope->values[name] = NewValue(name, FindVariable(*scope, name));
  }

  absl::StatusOr<const BlockDesc*> TakeBlock(int64_t index, int depth) {
    if (index < 0 || static_cast<size_t>(index) >= desc_.blocks.size()) {
      return InvalidArgument("block {} is asked for; the program has {}", index, desc_.blocks.size());
    }
    if (used_[static_cast<size_t>(index)]) return InvalidArgument("block {} stands in two places", index);
    if (depth > kBlockDepthMax) return InvalidArgument("blocks nest deeper than {}", kBlockDepthMax);
    used_[static_cast<size_t>(index)] = true;
    return &desc_.blocks[static_cast<size_t>(index)];
  }

  absl::StatusOr<Block> ReadBlock(int64_t index, Scope* scope, int depth) {
    Block block;
    OAR_ASSIGN_OR_RETURN(scope->block, TakeBlock(index, depth));
    for (const OpDesc& op : scope->block->operators) {
      if (!op.unknown_attribute.empty()) {
        return Unimplemented("attribute '{}' of operator '{}' has a type that is not known",
                             Printable(op.unknown_attribute), Printable(op.type));
      }
      OAR_RETURN_IF_ERROR(ReadOperator(op, scope, &block, depth));
    }
    return block;
  }

  absl::Status ReadOperator(const OpDesc& op, Scope* scope, Block* block, int depth) {
    if (op.type == "feed") return ReadFeed(op, scope);
    if (op.type == "fetch") return ReadFetch(op, *scope);
    if (op.type == "while") return ReadWhile(op, scope, block, depth);
    if (op.type == "conditional_block") return ReadConditional(op, scope, block, depth);
    if (op.type == "select_input") return ReadSelect(op, scope, block);
    Operator made;
    made.type = op.type;
    made.attributes = op.attributes;
    for (const auto& [name, arguments] : op.inputs) {
      Slot slot{name, {}};
      for (const std::string& argument : arguments) {
        if (argument == kEmpty) continue;
        OAR_ASSIGN_OR_RETURN(const ValueId value, Lookup(*scope, op, argument));
        slot.values.push_back(value);
      }
      made.inputs.push_back(std::move(slot));
    }
    for (const auto& [name, arguments] : op.outputs) {
      Slot slot{name, {}};
      for (const std::string& argument : arguments) {
        slot.values.push_back(argument == kEmpty ? kNoValue : Write(scope, argument));
      }
      made.outputs.push_back(std::move(slot));
    }
    DescribeResults(op, made);
    if ((op.type == "cast" || op.type == "logical_not") && made.inputs.size() == 1 && made.outputs.size() == 1 &&
        made.inputs[0].values.size() == 1 && made.outputs[0].values.size() == 1) {
      (op.type == "cast" ? cast_of_ : not_of_)[made.outputs[0].values[0]] = made.inputs[0].values[0];
    }
    block->operators.push_back(std::move(made));
    return absl::OkStatus();
  }

  // A variable has one description, whatever is assigned to it later.
  void DescribeResults(const OpDesc& op, const Operator& made) {
    if (made.outputs.size() != 1 || made.outputs[0].values.size() != 1) return;
    const ValueId result = made.outputs[0].values[0];
    if (op.type == "assign" && made.inputs.size() == 1 && made.inputs[0].values.size() == 1) {
      Describe(result, made.inputs[0].values[0]);
    }
    const auto dtype = op.attributes.find("dtype");
    if (op.type != "assign_value" || dtype == op.attributes.end() || result == kNoValue) return;
    if (const auto* code = std::get_if<int64_t>(&dtype->second)) {
      program_.values[static_cast<size_t>(result)].dtype = DTypeFromCode(static_cast<int>(*code));
    }
  }

  static const std::vector<std::string>* Arguments(const OpDesc::Arguments& slots, std::string_view name) {
    for (const auto& [slot, arguments] : slots) {
      if (slot == name) return &arguments;
    }
    return nullptr;
  }

  static absl::StatusOr<std::string> OnlyArgument(const OpDesc& op, const OpDesc::Arguments& slots,
                                                  std::string_view name) {
    const auto* arguments = Arguments(slots, name);
    if (arguments == nullptr || arguments->size() != 1) {
      return InvalidArgument("operator '{}' has {} variables in '{}'; it takes one", Printable(op.type),
                             arguments == nullptr ? 0 : arguments->size(), name);
    }
    return arguments->front();
  }

  static int64_t Column(const OpDesc& op) {
    const auto found = op.attributes.find("col");
    const auto* column = found == op.attributes.end() ? nullptr : std::get_if<int64_t>(&found->second);
    return column == nullptr ? 0 : *column;
  }

  absl::Status ReadFeed(const OpDesc& op, Scope* scope) {
    OAR_ASSIGN_OR_RETURN(const std::string name, OnlyArgument(op, op.outputs, "Out"));
    if (Find(*scope, name)) return InvalidArgument("input '{}' is there twice", Printable(name));
    inputs_.emplace_back(Column(op), Write(scope, name));
    return absl::OkStatus();
  }

  absl::Status ReadFetch(const OpDesc& op, const Scope& scope) {
    OAR_ASSIGN_OR_RETURN(const std::string name, OnlyArgument(op, op.inputs, "X"));
    OAR_ASSIGN_OR_RETURN(const ValueId value, Lookup(scope, op, name));
    outputs_.emplace_back(Column(op), Output{name, value});
    return absl::OkStatus();
  }

  // The order of the operators is not that of the columns.
  void SortByColumn() {
    const auto by_column = [](const auto& a, const auto& b) { return a.first < b.first; };
    std::stable_sort(inputs_.begin(), inputs_.end(), by_column);
    std::stable_sort(outputs_.begin(), outputs_.end(), by_column);
    for (const auto& [column, value] : inputs_) program_.inputs.push_back(value);
    for (auto& [column, output] : outputs_) program_.outputs.push_back(std::move(output));
  }

  // Variables of the scope outside that the block writes: what a loop carries. In the order of the first write.
  std::vector<std::string> WrittenOutside(const BlockDesc& block, const Scope& scope) {
    std::set<std::string_view> own;
    for (const VarDesc& variable : block.variables) own.insert(variable.name);
    std::vector<std::string> names;
    for (const OpDesc& op : block.operators) {
      for (const auto& [slot, arguments] : op.outputs) {
        for (const std::string& argument : arguments) {
          if (own.contains(argument) || !FindVariable(scope, argument)) continue;
          if (HasNoWeights(FindVariable(scope, argument)->type) || !TensorLike(*FindVariable(scope, argument)))
            continue;
          if (std::find(names.begin(), names.end(), argument) == names.end()) names.push_back(argument);
        }
      }
    }
    return names;
  }

  // Step scopes and the like are written too.
  static bool TensorLike(const VarDesc& variable) { return variable.type == 7 || variable.type < 0; }

  // The condition is a variable that the body writes again; PIR has it as the body's first result.
  absl::Status ReadWhile(const OpDesc& op, Scope* scope, Block* block, int depth) {
    OAR_ASSIGN_OR_RETURN(const std::string condition, OnlyArgument(op, op.inputs, "Condition"));
    Operator made;
    made.type = "while";
    OAR_ASSIGN_OR_RETURN(const ValueId first, Lookup(*scope, op, condition));
    made.inputs.push_back({"", {first}});
    if (op.sub_block < 0 || static_cast<size_t>(op.sub_block) >= desc_.blocks.size()) {
      return InvalidArgument("block {} is asked for; the program has {}", op.sub_block, desc_.blocks.size());
    }
    std::vector<std::string> carried = WrittenOutside(desc_.blocks[static_cast<size_t>(op.sub_block)], *scope);
    std::erase(carried, condition);
    Scope inside;
    inside.outer = scope;
    Block body;
    for (const std::string& name : carried) {
      if (!Find(*scope, name)) {
        return Unimplemented("variable '{}' is written in a loop and has no value before it", Printable(name));
      }
      OAR_ASSIGN_OR_RETURN(const ValueId value, Lookup(*scope, op, name));
      made.inputs.push_back({"", {value}});
      body.arguments.push_back(inside.values[name] = NewValue(name, FindVariable(*scope, name)));
    }
    OAR_ASSIGN_OR_RETURN(Block read, ReadBlock(op.sub_block, &inside, depth + 1));
    body.operators = std::move(read.operators);
    OAR_ASSIGN_OR_RETURN(const ValueId next, Lookup(inside, op, condition));
    body.results.push_back(next);
    for (const std::string& name : carried) {
      OAR_ASSIGN_OR_RETURN(const ValueId value, Lookup(inside, op, name));
      body.results.push_back(value);
      const ValueId last = Write(scope, name);
      // Of what the body writes: what was there before may have been a number that stands for nothing.
      program_.values[static_cast<size_t>(last)].dtype = program_.value(value).dtype;
      program_.values[static_cast<size_t>(body.arguments[made.outputs.size()])].dtype = program_.value(value).dtype;
      made.outputs.push_back({"", {last}});
    }
    scope->values.erase(condition);  // false from now on, and nobody asks
    made.blocks.push_back(std::move(body));
    block->operators.push_back(std::move(made));
    return absl::OkStatus();
  }

  absl::Status ReadConditional(const OpDesc& op, Scope* scope, Block* block, int depth) {
    OAR_ASSIGN_OR_RETURN(const std::string name, OnlyArgument(op, op.inputs, "Cond"));
    Conditional conditional;
    OAR_ASSIGN_OR_RETURN(conditional.condition, Lookup(*scope, op, name));
    Scope inside;
    inside.outer = scope;
    OAR_ASSIGN_OR_RETURN(conditional.block, ReadBlock(op.sub_block, &inside, depth + 1));
    const auto* written = Arguments(op.outputs, "Out");
    // A variable that had a value keeps it in the other case.
    Operator kept;
    kept.type = "if";
    Block keeping;
    std::vector<std::string> pending;
    for (const std::string& variable : written == nullptr ? std::vector<std::string>() : *written) {
      if (variable == kEmpty || !inside.values.contains(variable)) continue;
      if (const auto before = Find(*scope, variable)) {
        conditional.block.results.push_back(inside.values.at(variable));
        keeping.results.push_back(*before);
        kept.outputs.push_back({"", {Write(scope, variable)}});
      } else {
        pending.push_back(variable);
      }
    }
    for (const std::string& variable : pending) {
      if (!kept.outputs.empty()) break;  // the block is taken; who reads these is told that nothing writes them
      conditional_results_[Write(scope, variable)] = {conditionals_.size(), inside.values.at(variable)};
    }
    if (!kept.outputs.empty()) {
      kept.inputs.push_back({"", {conditional.condition}});
      kept.blocks.push_back(std::move(conditional.block));
      kept.blocks.push_back(std::move(keeping));
      block->operators.push_back(std::move(kept));
    }
    conditionals_.push_back(std::move(conditional));
    return absl::OkStatus();
  }

  // Out = Mask ? X[1] : X[0]. Mask is a condition, cast to a number; each X is a result of the branch for its case.
  absl::Status ReadSelect(const OpDesc& op, Scope* scope, Block* block) {
    OAR_ASSIGN_OR_RETURN(const std::string mask_name, OnlyArgument(op, op.inputs, "Mask"));
    OAR_ASSIGN_OR_RETURN(const std::string out, OnlyArgument(op, op.outputs, "Out"));
    OAR_ASSIGN_OR_RETURN(const ValueId mask, Lookup(*scope, op, mask_name));
    const auto* choices = Arguments(op.inputs, "X");
    if (choices == nullptr || choices->size() != 2 || !cast_of_.contains(mask)) {
      return Unimplemented("select_input to '{}' does not choose between two values by a condition", Printable(out));
    }
    const ValueId condition = cast_of_.at(mask);
    std::array<ValueId, 2> results{};
    std::array<std::optional<size_t>, 2> branches;  // else, then
    for (size_t i = 0; i < 2; ++i) {
      OAR_ASSIGN_OR_RETURN(results[i], Lookup(*scope, op, (*choices)[i]));
      const auto found = conditional_results_.find(results[i]);
      if (found == conditional_results_.end()) continue;
      const Conditional& branch = conditionals_[found->second.conditional];
      const bool of_this_case = i == 1
                                    ? branch.condition == condition
                                    : not_of_.contains(branch.condition) && not_of_.at(branch.condition) == condition;
      if (!of_this_case) {
        return Unimplemented("select_input to '{}' chooses by another condition than its branches ran by",
                             Printable(out));
      }
      branches[i] = found->second.conditional;
      results[i] = found->second.inside;
    }
    Operator* joined = FindOrAddIf(condition, branches, block);
    joined->blocks[0].results.push_back(results[1]);
    joined->blocks[1].results.push_back(results[0]);
    joined->outputs.push_back({"", {Write(scope, out)}});
    return absl::OkStatus();
  }

  // Several results of the same two branches belong to one `if`.
  Operator* FindOrAddIf(ValueId condition, const std::array<std::optional<size_t>, 2>& branches, Block* block) {
    const auto key = std::make_pair(branches[0], branches[1]);
    const bool shared = branches[0] || branches[1];
    if (const auto found = ifs_.find(key); shared && found != ifs_.end()) return &block->operators[found->second];
    Operator made;
    made.type = "if";
    made.inputs.push_back({"", {condition}});
    for (const size_t which : {size_t{1}, size_t{0}}) {
      made.blocks.push_back(branches[which] ? std::move(conditionals_[*branches[which]].block) : Block());
    }
    if (shared) ifs_[key] = block->operators.size();
    block->operators.push_back(std::move(made));
    return &block->operators.back();
  }

  const ProgramDesc& desc_;
  std::vector<bool> used_;
  Program program_;
  std::map<const BlockDesc*, std::map<std::string, const VarDesc*, std::less<>>> variables_;
  std::set<std::string> names_;
  std::map<std::string, size_t> name_counts_;
  std::vector<std::pair<int64_t, ValueId>> inputs_;
  std::vector<std::pair<int64_t, Output>> outputs_;
  std::map<ValueId, ValueId> cast_of_;
  std::map<ValueId, ValueId> not_of_;
  std::vector<Conditional> conditionals_;
  std::map<ValueId, ConditionalResult> conditional_results_;
  // Branches (else, then) -> index of their `if` in its block.
  std::map<std::pair<std::optional<size_t>, std::optional<size_t>>, size_t> ifs_;
};

}  // namespace

absl::StatusOr<Program> ReadProgramDesc(std::string_view bytes) {
  OAR_ASSIGN_OR_RETURN(const ProgramDesc desc, ParseProgramDesc(bytes));
  return ProgramDescReader(desc).Read();
}

}  // namespace oarlock::paddle
