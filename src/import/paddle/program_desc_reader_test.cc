#include "import/paddle/program_desc_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>

#include "base/status.h"

namespace oarlock::paddle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Protobuf's wire format, written by hand: what the reader must take is stated here, not by a library.
std::string Varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string Number(uint32_t field, uint64_t value) { return Varint(field << 3) + Varint(value); }
std::string Bytes(uint32_t field, const std::string& payload) {
  return Varint(field << 3 | 2) + Varint(payload.size()) + payload;
}

std::string TensorVariable(const std::string& name, bool persistable = false, uint64_t type = 7) {
  const std::string tensor = Number(1, 5) + Number(2, static_cast<uint64_t>(-1)) + Number(2, 3);  // FP32 [-1,3]
  return Bytes(3, Bytes(1, name) + Bytes(2, Number(1, type) + Bytes(3, Bytes(1, tensor))) + Number(3, persistable));
}

using Names = std::initializer_list<std::string>;
std::string Arguments(uint32_t field, const std::string& slot, Names names) {
  std::string bytes = Bytes(1, slot);
  for (const std::string& name : names) bytes += Bytes(2, name);
  return Bytes(field, bytes);
}
std::string Op(const std::string& type, const std::string& parts) { return Bytes(4, parts + Bytes(3, type)); }
std::string In(const std::string& slot, Names names) { return Arguments(1, slot, names); }
std::string Out(const std::string& slot, Names names) { return Arguments(2, slot, names); }
std::string IntAttribute(const std::string& name, uint64_t value) {
  return Bytes(4, Bytes(1, name) + Number(2, 0) + Number(3, value));
}
std::string BlockAttribute(uint64_t index) {
  return Bytes(4, Bytes(1, "sub_block") + Number(2, 8) + Number(12, index));
}

std::string Feed(const std::string& name, uint64_t column = 0) {
  return Op("feed", In("X", {"feed"}) + Out("Out", {name}) + IntAttribute("col", column));
}
std::string Fetch(const std::string& name, uint64_t column = 0) {
  return Op("fetch", In("X", {name}) + Out("Out", {"fetch"}) + IntAttribute("col", column));
}
std::string Relu(const std::string& from, const std::string& to) {
  return Op("relu", In("X", {from}) + Out("Out", {to}));
}

std::string Program2(std::initializer_list<std::string> blocks, uint64_t version = 2'006'002) {
  std::string bytes;
  for (const std::string& block : blocks) bytes += Bytes(1, block);
  return bytes + Bytes(4, Number(1, version));
}

void ExpectRefused(const std::string& bytes, absl::StatusCode code, std::string_view part) {
  const auto program = ReadProgramDesc(bytes);
  ASSERT_FALSE(program.ok());
  EXPECT_EQ(program.status().code(), code) << program.status();
  EXPECT_THAT(std::string(MessageOf(program.status())), HasSubstr(std::string(part)));
}

TEST(ProgramDescReader, ColumnsOrderInputsAndOutputs) {
  const auto program = ReadProgramDesc(Program2(
      {TensorVariable("a") + TensorVariable("b") + Feed("b", 1) + Feed("a", 0) + Fetch("b", 1) + Fetch("a", 0)}));
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_THAT(program->inputs, SizeIs(2));
  EXPECT_EQ(program->value(program->inputs[0]).name, "a");
  EXPECT_EQ(program->value(program->inputs[1]).name, "b");
  EXPECT_THAT(program->value(program->inputs[0]).dims, ElementsAre(-1, 3));
  EXPECT_EQ(program->outputs[0].name, "a");
  EXPECT_EQ(program->outputs[1].name, "b");
  EXPECT_THAT(program->main.operators, IsEmpty());
}

TEST(ProgramDescReader, ANewerVersionIsAWarning) {
  const std::string block = TensorVariable("a") + Feed("a") + Fetch("a");
  EXPECT_EQ(ReadProgramDesc(Program2({block}))->warning, "");
  EXPECT_THAT(ReadProgramDesc(Program2({block}, 4'000'000))->warning, HasSubstr("version 4000000, newer than 3003001"));
}

TEST(ProgramDescReader, AVariableThatIsWrittenAgainIsAnotherValue) {
  const auto program =
      ReadProgramDesc(Program2({TensorVariable("a") + Feed("a") + Relu("a", "a") + Relu("a", "a") + Fetch("a")}));
  ASSERT_TRUE(program.ok()) << program.status();
  const auto& operators = program->main.operators;
  EXPECT_EQ(operators[0].inputs[0].values[0], program->inputs[0]);
  EXPECT_EQ(operators[1].inputs[0].values[0], operators[0].outputs[0].values[0]);
  EXPECT_EQ(program->outputs[0].value, operators[1].outputs[0].values[0]);
  EXPECT_EQ(program->outputs[0].name, "a");
  EXPECT_EQ(program->value(operators[0].outputs[0].values[0]).name, "a@1");
}

TEST(ProgramDescReader, WeightsAreThePersistableTensorsInByteOrder) {
  const auto program = ReadProgramDesc(
      Program2({TensorVariable("w_2", true) + TensorVariable("w_10", true) + TensorVariable("feed", true, 9) +
                TensorVariable("fetch", true, 10) + TensorVariable("a") + Feed("a") + Fetch("a")}));
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_THAT(program->parameters, SizeIs(2));
  EXPECT_EQ(program->parameters[0].name, "w_10");
  EXPECT_EQ(program->parameters[1].name, "w_2");
}

// while c: a = relu(a); c = not(a)
TEST(ProgramDescReader, ALoopGetsItsVariablesAsArguments) {
  const std::string body =
      Relu("a", "t") + Op("assign", In("X", {"t"}) + Out("Out", {"a"})) + Op("not", In("X", {"a"}) + Out("Out", {"c"}));
  const std::string loop = Op("while", In("Condition", {"c"}) + In("X", {"a"}) + Out("Out", {"a", "c"}) +
                                           Out("StepScopes", {"s"}) + BlockAttribute(1));
  const auto program = ReadProgramDesc(
      Program2({TensorVariable("a") + TensorVariable("c") + Feed("a") + Feed("c", 1) + loop + Fetch("a"),
                TensorVariable("t") + body}));
  ASSERT_TRUE(program.ok()) << program.status();
  const Operator& op = program->main.operators[0];
  EXPECT_EQ(op.type, "while");
  ASSERT_THAT(op.inputs, SizeIs(2));
  EXPECT_EQ(op.inputs[0].values[0], program->inputs[1]);
  EXPECT_EQ(op.inputs[1].values[0], program->inputs[0]);
  ASSERT_THAT(op.blocks, SizeIs(1));
  const Block& block = op.blocks[0];
  ASSERT_THAT(block.arguments, SizeIs(1));
  EXPECT_EQ(block.operators[0].inputs[0].values[0], block.arguments[0]);
  EXPECT_THAT(block.results,
              ElementsAre(block.operators[2].outputs[0].values[0], block.operators[1].outputs[0].values[0]));
  EXPECT_EQ(program->outputs[0].value, op.outputs[0].values[0]);
}

std::string ConditionalBlock(const std::string& condition, Names results, uint64_t block) {
  return Op("conditional_block", In("Cond", {condition}) + In("Input", {"a"}) + Out("Out", results) +
                                     Out("Scope", {"s"}) + BlockAttribute(block));
}
std::string Branching(const std::string& mask_of) {
  return TensorVariable("a") + TensorVariable("c") + TensorVariable("n") + TensorVariable("m") + TensorVariable("t") +
         TensorVariable("f") + TensorVariable("r") + Feed("a") + Feed("c", 1) + ConditionalBlock("c", {"t"}, 1) +
         Op("logical_not", In("X", {"c"}) + Out("Out", {"n"})) + ConditionalBlock("n", {"f"}, 2) +
         Op("cast", In("X", {mask_of}) + Out("Out", {"m"})) +
         Op("select_input", In("Mask", {"m"}) + In("X", {"f", "t"}) + Out("Out", {"r"})) + Fetch("r");
}

TEST(ProgramDescReader, TwoConditionalBlocksAndASelectionAreAnIf) {
  const auto program =
      ReadProgramDesc(Program2({Branching("c"), Relu("a", "t"), Op("tanh", In("X", {"a"}) + Out("Out", {"f"}))}));
  ASSERT_TRUE(program.ok()) << program.status();
  const Operator& op = program->main.operators.back();
  EXPECT_EQ(op.type, "if");
  EXPECT_EQ(op.inputs[0].values[0], program->inputs[1]);
  ASSERT_THAT(op.blocks, SizeIs(2));
  EXPECT_EQ(op.blocks[0].operators[0].type, "relu");
  EXPECT_EQ(op.blocks[1].operators[0].type, "tanh");
  EXPECT_EQ(op.blocks[0].results[0], op.blocks[0].operators[0].outputs[0].values[0]);
  EXPECT_EQ(program->outputs[0].value, op.outputs[0].values[0]);
}

TEST(ProgramDescReader, ASelectionByAnotherConditionIsRefused) {
  ExpectRefused(Program2({Branching("n"), Relu("a", "t"), Relu("a", "f")}), absl::StatusCode::kUnimplemented,
                "select_input to 'r' chooses by another condition");
}

TEST(ProgramDescReader, AVariableChangedInOneCaseKeepsItsValueInTheOther) {
  const auto program = ReadProgramDesc(Program2({TensorVariable("a") + TensorVariable("c") + Feed("a") + Feed("c", 1) +
                                                     ConditionalBlock("c", {"a"}, 1) + Fetch("a"),
                                                 Relu("a", "a")}));
  ASSERT_TRUE(program.ok()) << program.status();
  const Operator& op = program->main.operators[0];
  EXPECT_EQ(op.type, "if");
  EXPECT_THAT(op.blocks[1].operators, IsEmpty());
  EXPECT_THAT(op.blocks[1].results, ElementsAre(program->inputs[0]));
  EXPECT_EQ(program->outputs[0].value, op.outputs[0].values[0]);
}

TEST(ProgramDescReader, WhatAConditionalBlockAloneWritesCannotBeRead) {
  ExpectRefused(Program2({TensorVariable("a") + TensorVariable("c") + TensorVariable("t") + Feed("a") + Feed("c", 1) +
                              ConditionalBlock("c", {"t"}, 1) + Fetch("t"),
                          Relu("a", "t")}),
                absl::StatusCode::kUnimplemented, "'fetch' reads 't', which a conditional_block writes in one of two");
}

TEST(ProgramDescReader, DanglingVariablesAreNamed) {
  ExpectRefused(Program2({TensorVariable("a") + Relu("a", "b")}), absl::StatusCode::kInvalidArgument,
                "operator 'relu' reads variable 'a', which nothing before it writes");
  ExpectRefused(Program2({TensorVariable("a") + Feed("a") + Feed("a")}), absl::StatusCode::kInvalidArgument,
                "input 'a' is there twice");
}

TEST(ProgramDescReader, ABlockInsideItselfIsRefused) {
  const std::string block = TensorVariable("a") + TensorVariable("c") + Feed("a") + Feed("c", 1);
  ExpectRefused(Program2({block + ConditionalBlock("c", {"a"}, 0)}), absl::StatusCode::kInvalidArgument,
                "block 0 stands in two places");
  ExpectRefused(Program2({block + ConditionalBlock("c", {"a"}, 1), ConditionalBlock("c", {"a"}, 1)}),
                absl::StatusCode::kInvalidArgument, "block 1 stands in two places");
  ExpectRefused(Program2({block + ConditionalBlock("c", {"a"}, 7)}), absl::StatusCode::kInvalidArgument,
                "block 7 is asked for; the program has 1");
}

TEST(ProgramDescReader, AnAttributeOfAnUnknownTypeIsNamed) {
  const std::string odd = Bytes(4, Bytes(1, "mood") + Number(2, 99) + Number(3, 1));
  ExpectRefused(Program2({TensorVariable("a") + Feed("a") + Op("relu", In("X", {"a"}) + Out("Out", {"a"}) + odd)}),
                absl::StatusCode::kUnimplemented, "attribute 'mood' of operator 'relu'");
}

TEST(ProgramDescReader, AttributesAreReadWhateverTheirWidth) {
  const auto fixed = [](auto value) { return std::string(reinterpret_cast<const char*>(&value), sizeof value); };
  const std::string attributes =
      Bytes(4, Bytes(1, "f") + Number(2, 1) + Varint(4 << 3 | 5) + fixed(0.5F)) +
      Bytes(4, Bytes(1, "d") + Number(2, 15) + Varint(19 << 3 | 1) + fixed(2.5)) +
      Bytes(4, Bytes(1, "unpacked") + Number(2, 3) + Number(6, 1) + Number(6, static_cast<uint64_t>(-1))) +
      Bytes(4, Bytes(1, "packed") + Number(2, 11) + Bytes(15, Varint(7) + Varint(8))) +
      Bytes(4, Bytes(1, "floats") + Number(2, 4) + Bytes(7, fixed(1.0F) + fixed(2.0F))) +
      Bytes(4, Bytes(1, "flag") + Number(2, 6) + Number(10, 1)) +
      Bytes(4, Bytes(1, "text") + Number(2, 2) + Bytes(5, "x")) +
      Bytes(4, Bytes(1, "scalars") + Number(2, 17) + Bytes(21, Number(1, 3) + Varint(4 << 3 | 1) + fixed(1.5)) +
                   Bytes(21, Number(1, 2) + Number(3, 4)));
  const auto program = ReadProgramDesc(
      Program2({TensorVariable("a") + Feed("a") + Op("odd", In("X", {"a"}) + Out("Out", {"a"}) + attributes)}));
  ASSERT_TRUE(program.ok()) << program.status();
  const auto& read = program->main.operators[0].attributes;
  EXPECT_EQ(std::get<double>(read.at("f")), 0.5);
  EXPECT_EQ(std::get<double>(read.at("d")), 2.5);
  EXPECT_THAT(std::get<std::vector<int64_t>>(read.at("unpacked")), ElementsAre(1, -1));
  EXPECT_THAT(std::get<std::vector<int64_t>>(read.at("packed")), ElementsAre(7, 8));
  EXPECT_THAT(std::get<std::vector<double>>(read.at("floats")), ElementsAre(1, 2));
  EXPECT_TRUE(std::get<bool>(read.at("flag")));
  EXPECT_EQ(std::get<std::string>(read.at("text")), "x");
  EXPECT_THAT(std::get<std::vector<double>>(read.at("scalars")), ElementsAre(1.5, 4));
}

}  // namespace
}  // namespace oarlock::paddle
