#include "import/paddle/conversion.h"

#include <cmath>

#include "base/status.h"
#include "import/paddle/converter.h"
#include "import/paddle/element_type.h"
#include "import/paddle/operator_list.h"

namespace oarlock::paddle {
namespace {

// Elements of one Full(): more are made by the graph as it runs.
constexpr size_t kFullElementsMax = 1024;

const Value& Unknown() {
  static const Value unknown;
  return unknown;
}

}  // namespace

Conversion::Conversion(Converter* converter, const Operator& op, std::string_view input_slots,
                       std::string_view output_slots, std::string_view onnx_type)
    : converter_(converter), op_(op), input_slots_(input_slots), output_slots_(output_slots), onnx_type_(onnx_type) {}

void Conversion::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

int Conversion::opset() const { return converter_->opset(); }

// Slots with a name are found by it, the others by the place that operators.def gives the name.
const Slot* FindSlot(const std::vector<Slot>& slots, std::string_view words, std::string_view name) {
  for (const Slot& slot : slots) {
    if (slot.name == name) return &slot;
  }
  for (size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].name.empty() && WordAt(words, i) == name) return &slots[i];
  }
  return nullptr;
}
const Slot* Conversion::FindInput(std::string_view slot) const { return FindSlot(op_.inputs, input_slots_, slot); }
const Slot* Conversion::FindOutput(std::string_view slot) const { return FindSlot(op_.outputs, output_slots_, slot); }

bool Conversion::Has(std::string_view slot) const { return InCount(slot) > 0; }

size_t Conversion::InCount(std::string_view slot) const {
  const Slot* found = FindInput(slot);
  return found == nullptr ? 0 : found->values.size();
}

Name Conversion::In(std::string_view slot) {
  if (!ok()) return {};
  if (InCount(slot) != 1) {
    Fail(InvalidArgument("operand '{}' is {} tensors; it should be one", slot, InCount(slot)));
    return {};
  }
  return InList(slot).front();
}

std::vector<Name> Conversion::InList(std::string_view slot) {
  const Slot* found = FindInput(slot);
  std::vector<Name> names(found == nullptr ? 0 : found->values.size());
  for (size_t i = 0; ok() && i < names.size(); ++i) {
    auto name = converter_->NameOf(found->values[i]);
    if (name.ok()) {
      names[i] = *std::move(name);
    } else {
      Fail(name.status());
    }
  }
  return names;
}

const Value& Conversion::About(std::string_view slot, size_t index) const {
  const Slot* found = FindInput(slot);
  if (found == nullptr || index >= found->values.size() || found->values[index] == kNoValue) return Unknown();
  return converter_->program().value(found->values[index]);
}

const Value& Conversion::AboutResult(std::string_view slot, size_t index) const {
  const Slot* found = FindOutput(slot);
  if (found == nullptr || index >= found->values.size() || found->values[index] == kNoValue) return Unknown();
  return converter_->program().value(found->values[index]);
}

int Conversion::Rank(std::string_view slot) {
  const Value& value = About(slot);
  if (!value.rank_known) Fail(Unimplemented("the rank of operand '{}' is not known", slot));
  return static_cast<int>(value.dims.size());
}

int64_t Conversion::Dim(std::string_view slot, int axis) {
  const Value& value = About(slot);
  const auto rank = static_cast<int>(value.dims.size());
  if (axis < 0) axis += rank;
  if (!value.rank_known || axis < 0 || axis >= rank) return -1;
  const int64_t dim = value.dims[static_cast<size_t>(axis)];
  return dim > 0 ? dim : -1;
}

int64_t Conversion::Axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    Fail(InvalidArgument("axis {} of a tensor of {} dims", axis, rank));
    return 0;
  }
  return axis < 0 ? axis + rank : axis;
}

std::optional<Constant> Conversion::Known(std::string_view slot, size_t index) {
  const Slot* found = FindInput(slot);
  if (found == nullptr || index >= found->values.size()) return std::nullopt;
  return converter_->Known(found->values[index]);
}

bool Conversion::Wants(std::string_view slot) const { return OutCount(slot) > 0; }

size_t Conversion::OutCount(std::string_view slot) const {
  const Slot* found = FindOutput(slot);
  return found == nullptr ? 0 : found->values.size();
}

void Conversion::Set(std::string_view slot, const Name& name) { SetList(slot, {name}); }

void Conversion::SetList(std::string_view slot, const std::vector<Name>& names) {
  const Slot* found = FindOutput(slot);
  if (!ok() || found == nullptr) return;
  if (found->values.size() != names.size()) {
    Fail(InvalidArgument("result '{}' is {} tensors; it should be {}", slot, found->values.size(), names.size()));
    return;
  }
  for (size_t i = 0; i < names.size(); ++i) converter_->Bind(found->values[i], names[i]);
}

void Conversion::SetSame(std::string_view slot, std::string_view operand) {
  const auto known = Known(operand);
  if (!known) return Set(slot, In(operand));
  const Slot* found = FindOutput(slot);
  if (!ok() || found == nullptr || found->values.size() != 1) return;
  converter_->BindConstant(found->values[0], *known);
}

void Conversion::SetConstant(std::string_view slot, DType dtype, std::span<const int64_t> dims, std::string bytes) {
  const Slot* found = FindOutput(slot);
  if (!ok() || found == nullptr || found->values.size() != 1) return;
  converter_->BindConstant(found->values[0],
                           {dtype, std::vector<int64_t>(dims.begin(), dims.end()), converter_->Own(std::move(bytes))});
}

const Attribute* Conversion::Find(std::string_view names) const {
  while (!names.empty()) {
    const size_t end = names.find('|');
    const auto found = op_.attributes.find(names.substr(0, end));
    if (found != op_.attributes.end()) return &found->second;
    if (end == std::string_view::npos) break;
    names.remove_prefix(end + 1);
  }
  return nullptr;
}

void Conversion::WrongType(std::string_view name, std::string_view wanted) {
  Fail(InvalidArgument("attribute '{}' is no {}", name, wanted));
}

int64_t Conversion::Int(std::string_view name, int64_t otherwise) {
  const Attribute* found = Find(name);
  if (found == nullptr) return otherwise;
  if (const auto* integer = std::get_if<int64_t>(found)) return *integer;
  if (const auto* flag = std::get_if<bool>(found)) return *flag ? 1 : 0;
  if (const auto* real = std::get_if<double>(found); real != nullptr && std::nearbyint(*real) == *real) {
    return ClampedInt(*real);
  }
  WrongType(name, "integer");
  return otherwise;
}

double Conversion::Float(std::string_view name, double otherwise) {
  const Attribute* found = Find(name);
  if (found == nullptr) return otherwise;
  if (const auto* real = std::get_if<double>(found)) return *real;
  if (const auto* integer = std::get_if<int64_t>(found)) return static_cast<double>(*integer);
  WrongType(name, "number");
  return otherwise;
}

bool Conversion::Bool(std::string_view name, bool otherwise) {
  const Attribute* found = Find(name);
  if (found == nullptr) return otherwise;
  if (const auto* flag = std::get_if<bool>(found)) return *flag;
  if (const auto* integer = std::get_if<int64_t>(found)) return *integer != 0;
  WrongType(name, "boolean");
  return otherwise;
}

std::string Conversion::String(std::string_view name, std::string_view otherwise) {
  const Attribute* found = Find(name);
  if (found == nullptr) return std::string(otherwise);
  if (const auto* text = std::get_if<std::string>(found)) return *text;
  WrongType(name, "text");
  return std::string(otherwise);
}

std::vector<int64_t> Conversion::IntList(std::string_view name) {
  const Attribute* found = Find(name);
  if (found == nullptr) return {};
  if (const auto* integers = std::get_if<std::vector<int64_t>>(found)) return *integers;
  if (const auto* integer = std::get_if<int64_t>(found)) return {*integer};
  if (const auto* reals = std::get_if<std::vector<double>>(found); reals != nullptr && reals->empty()) return {};
  WrongType(name, "list of integers");
  return {};
}

std::vector<double> Conversion::FloatList(std::string_view name) {
  const Attribute* found = Find(name);
  if (found == nullptr) return {};
  if (const auto* reals = std::get_if<std::vector<double>>(found)) return *reals;
  if (const auto* integers = std::get_if<std::vector<int64_t>>(found)) return {integers->begin(), integers->end()};
  if (const auto* real = std::get_if<double>(found)) return {*real};
  WrongType(name, "list of numbers");
  return {};
}

DType Conversion::DTypeAttribute(std::string_view name, DType otherwise) {
  const Attribute* found = Find(name);
  if (found == nullptr) return otherwise;
  int code = -1;
  if (const auto* integer = std::get_if<int64_t>(found)) code = static_cast<int>(*integer);
  if (const auto* text = std::get_if<std::string>(found)) {
    if (text->starts_with("Undefined")) return otherwise;  // as the operand's
    code = CodeFromPirName(*text);
  }
  if (code < 0) return otherwise;  // ProgramDesc's -1: as the operand's
  const DType dtype = DTypeFromCode(code);
  if (dtype == DType::kInvalid) Fail(Unimplemented("attribute '{}' is element type {}", name, NameOfCode(code)));
  return dtype;
}

std::string_view Conversion::SlotOf(std::string_view slots, std::string_view attribute) const {
  for (std::string_view names : {slots, attribute}) {
    while (!names.empty()) {
      const size_t end = names.find('|');
      if (Has(names.substr(0, end))) return names.substr(0, end);
      names.remove_prefix(end == std::string_view::npos ? names.size() : end + 1);
    }
  }
  return {};
}

std::vector<int64_t> Conversion::KnownInts(std::string_view slots, std::string_view attribute) {
  auto known = TryInts(slots, attribute);
  if (known) return *std::move(known);
  Fail(Unimplemented("operand '{}' is computed while the model runs; ONNX needs it known", SlotOf(slots, attribute)));
  return {};
}

std::optional<std::vector<int64_t>> Conversion::TryInts(std::string_view slots, std::string_view attribute) {
  const std::string_view slot = SlotOf(slots, attribute);
  if (slot.empty()) return IntList(attribute);
  std::vector<int64_t> values;
  for (size_t i = 0; i < InCount(slot); ++i) {
    const auto known = Known(slot, i);
    if (!known) return std::nullopt;
    const std::vector<int64_t> part = known->Ints();
    values.insert(values.end(), part.begin(), part.end());
  }
  return values;
}

Name Conversion::Ints(std::string_view slots, std::string_view attribute) {
  if (const auto known = TryInts(slots, attribute)) return IntVector(*known);
  const std::string_view slot = SlotOf(slots, attribute);
  std::vector<Name> parts = InList(slot);
  for (size_t i = 0; i < parts.size(); ++i) {
    const Value& about = About(slot, i);
    if (about.dtype != DType::kI64) parts[i] = Cast(parts[i], DType::kI64);
    if (!about.rank_known || about.dims.size() != 1) parts[i] = Reshape(parts[i], {-1});
  }
  return parts.size() == 1 ? parts[0] : Concat(parts, 0);
}

double Conversion::KnownNumber(std::string_view slots, std::string_view attribute, double otherwise) {
  const std::string_view slot = SlotOf(slots, attribute);
  if (slot.empty()) return Float(attribute, otherwise);
  const auto known = Known(slot);
  const std::vector<double> values = known ? known->Doubles() : std::vector<double>();
  if (values.size() == 1) return values[0];
  Fail(Unimplemented("operand '{}' is computed while the model runs; ONNX needs it known", slot));
  return otherwise;
}

int64_t Conversion::KnownInt(std::string_view slots, std::string_view attribute, int64_t otherwise) {
  const std::string_view slot = SlotOf(slots, attribute);
  if (slot.empty()) return Int(attribute, otherwise);
  const std::vector<int64_t> values = KnownInts(slots, attribute);
  if (values.size() == 1) return values[0];
  Fail(InvalidArgument("operand '{}' is {} numbers; it should be one", slot, values.size()));
  return otherwise;
}

Name Conversion::IntVector(std::span<const int64_t> values) {
  const auto count = static_cast<int64_t>(values.size());
  return Bytes(DType::kI64, std::span(&count, 1),
               std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}
Name Conversion::IntScalar(int64_t value) {
  return Bytes(DType::kI64, {}, std::string(reinterpret_cast<const char*>(&value), sizeof value));
}
Name Conversion::Scalar(DType dtype, double value) { return Full(dtype, {}, value); }

Name Conversion::Full(DType dtype, std::span<const int64_t> dims, double value) {
  size_t count = 1;
  for (const int64_t dim : dims) {
    if (dim < 0 || __builtin_mul_overflow(count, static_cast<size_t>(dim), &count)) {
      Fail(InvalidArgument("a constant has dims that cannot be"));
      return {};
    }
  }
  const std::string element = ElementBytes(dtype, value);
  if (element.empty()) Fail(Unimplemented("a constant of elements that ONNX has no type for"));
  if (!ok()) return {};
  if (count > kFullElementsMax) return Node("Expand", {Scalar(dtype, value), IntVector(dims)});
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += element;
  return Bytes(dtype, dims, std::move(bytes));
}

Name Conversion::Floats(std::span<const float> values, std::span<const int64_t> dims) {
  return Bytes(DType::kF32, dims, std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
}

Name Conversion::Bytes(DType dtype, std::span<const int64_t> dims, std::string bytes) {
  if (!ok()) return {};
  return converter_->AddConstant(
      {dtype, std::vector<int64_t>(dims.begin(), dims.end()), converter_->Own(std::move(bytes))});
}

Name Conversion::Node(std::string_view onnx_type, std::initializer_list<Name> inputs,
                      std::initializer_list<NodeAttribute> attributes) {
  return Nodes(onnx_type, std::span(inputs.begin(), inputs.size()), std::span(attributes.begin(), attributes.size()), 1)
      .front();
}

std::vector<Name> Conversion::Nodes(std::string_view onnx_type, std::span<const Name> inputs,
                                    std::span<const NodeAttribute> attributes, size_t result_count) {
  if (!ok()) return std::vector<Name>(std::max<size_t>(1, result_count));
  onnx::NodeProto* node = converter_->AddNode(onnx_type, result_count);
  for (const Name& input : inputs) node->add_input(input);
  for (const NodeAttribute& attribute : attributes) {
    onnx::AttributeProto* made = node->add_attribute();
    made->set_name(std::string(attribute.name));
    if (const auto* integer = std::get_if<int64_t>(&attribute.value)) {
      made->set_type(onnx::AttributeProto::INT);
      made->set_i(*integer);
    } else if (const auto* real = std::get_if<float>(&attribute.value)) {
      made->set_type(onnx::AttributeProto::FLOAT);
      made->set_f(*real);
    } else if (const auto* text = std::get_if<std::string>(&attribute.value)) {
      made->set_type(onnx::AttributeProto::STRING);
      made->set_s(*text);
    } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&attribute.value)) {
      made->set_type(onnx::AttributeProto::INTS);
      for (const int64_t value : *integers) made->add_ints(value);
    } else if (const auto* reals = std::get_if<std::vector<float>>(&attribute.value)) {
      made->set_type(onnx::AttributeProto::FLOATS);
      for (const float value : *reals) made->add_floats(value);
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&attribute.value)) {
      made->set_type(onnx::AttributeProto::STRINGS);
      for (const std::string& value : *texts) made->add_strings(value);
    }
  }
  return {node->output().begin(), node->output().end()};
}

Name Conversion::Cast(const Name& value, DType dtype) {
  if (OnnxTypeOf(dtype) == 0) Fail(Unimplemented("elements that ONNX has no type for"));
  return Node("Cast", {value}, {{"to", int64_t{OnnxTypeOf(dtype)}}});
}
Name Conversion::Squeeze(const Name& value, std::initializer_list<int64_t> axes) {
  return Node("Squeeze", {value, IntVector(axes)});
}
Name Conversion::Unsqueeze(const Name& value, std::initializer_list<int64_t> axes) {
  return Node("Unsqueeze", {value, IntVector(axes)});
}
Name Conversion::Reshape(const Name& value, std::initializer_list<int64_t> dims) {
  return Node("Reshape", {value, IntVector(dims)});
}
Name Conversion::Transpose(const Name& value, std::vector<int64_t> permutation) {
  return Node("Transpose", {value}, {{"perm", std::move(permutation)}});
}
Name Conversion::Concat(std::span<const Name> values, int64_t axis) {
  const NodeAttribute attribute{"axis", axis};
  return Nodes("Concat", values, std::span(&attribute, 1), 1).front();
}
Name Conversion::Gather(const Name& value, const Name& indices, int64_t axis) {
  return Node("Gather", {value, indices}, {{"axis", axis}});
}
Name Conversion::ShapeOf(const Name& value) { return Node("Shape", {value}); }
Name Conversion::DimOf(const Name& value, int64_t axis) {
  return Node("Gather", {ShapeOf(value), IntVector({axis})}, {{"axis", int64_t{0}}});
}

Name Conversion::Counted(const Name& count) { return Node("Range", {IntScalar(0), count, IntScalar(1)}); }
Name Conversion::InAs(std::string_view slot, DType dtype) {
  return DTypeOf(slot) == dtype ? In(slot) : Cast(In(slot), dtype);
}

}  // namespace oarlock::paddle
