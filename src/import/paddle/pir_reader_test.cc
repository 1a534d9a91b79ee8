#include "import/paddle/pir_reader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/status.h"

namespace oarlock::paddle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kF32 = R"({"#":"0.t_dtensor","D":[{"#":"0.t_f32"},[-1,3],"NCHW",[],0]})";

std::string ProgramOf(std::string_view operators, std::string_view version = "4") {
  return fmt::format(
      R"({{"base_code":{{"magic":"pir","trainable":true,"version":{}}},)"
      R"("program":{{"regions":[{{"#":"region_0","blocks":[{{"#":"block_0","args":[],"ops":[{}]}}]}}]}}}})",
      version, operators);
}

std::string Input(std::string_view name, int id) {
  return fmt::format(
      R"({{"#":"1.data","A":[{{"AT":{{"#":"0.a_str","D":"{}"}},"N":"name"}}],"I":[],"O":[{{"%":{},"TT":{}}}]}})", name,
      id, kF32);
}

std::string Parameter(std::string_view name, int id, std::string_view flags = "[1,0,1]") {
  return fmt::format(R"({{"#":"p","A":[0,1,1,"{}"],"DA":[],"O":{{"%":{},"TT":{}}},"OA":{},"QA":[]}})", name, id, kF32,
                     flags);
}

std::string Relu(int operand, int result, std::string_view attributes = "") {
  return fmt::format(R"({{"#":"1.relu_","A":[{}],"I":[{{"%":{}}}],"O":[{{"%":{},"TT":{}}}]}})", attributes, operand,
                     result, kF32);
}

std::string Fetch(int operand, std::string_view name = "fetch_name_0", int column = 0) {
  return fmt::format(
      R"({{"#":"1.fetch","A":[{{"AT":{{"#":"0.a_str","D":"{}"}},"N":"name"}},{{"AT":{{"#":"0.a_i32","D":{}}},"N":"col"}}],)"
      R"("I":[{{"%":{}}}],"O":[]}})",
      name, column, operand);
}

std::string Attribute(std::string_view name, std::string_view value) {
  return fmt::format(R"({{"AT":{},"N":"{}"}})", value, name);
}

void ExpectRefused(const std::string& json, absl::StatusCode code, std::string_view part) {
  const auto program = ReadPir(json);
  ASSERT_FALSE(program.ok()) << json;
  EXPECT_EQ(program.status().code(), code) << program.status();
  EXPECT_THAT(std::string(MessageOf(program.status())), HasSubstr(std::string(part)));
}

TEST(PirReader, ReadsInputsOperatorsAndOutputs) {
  const auto program = ReadPir(ProgramOf(Input("x", 1) + "," + Relu(1, 2) + "," + Fetch(2)));
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_EQ(program->dialect, Dialect::kPir);
  EXPECT_EQ(program->version, 4);
  EXPECT_EQ(program->warning, "");
  ASSERT_THAT(program->inputs, SizeIs(1));
  const Value& input = program->value(program->inputs[0]);
  EXPECT_EQ(input.name, "x");
  EXPECT_EQ(input.dtype, DType::kF32);
  EXPECT_THAT(input.dims, ElementsAre(-1, 3));
  ASSERT_THAT(program->main.operators, SizeIs(1));
  const Operator& relu = program->main.operators[0];
  EXPECT_EQ(relu.type, "relu");  // without the '_' of its in-place variant
  EXPECT_EQ(relu.inputs[0].values[0], program->inputs[0]);
  ASSERT_THAT(program->outputs, SizeIs(1));
  EXPECT_EQ(program->outputs[0].name, "fetch_name_0");
  EXPECT_EQ(program->outputs[0].value, relu.outputs[0].values[0]);
  EXPECT_EQ(CountOperators(*program).at("relu"), 1u);
}

TEST(PirReader, ANewerVersionIsAWarning) {
  const auto program = ReadPir(ProgramOf(Input("x", 1) + "," + Fetch(1), "5"));
  ASSERT_TRUE(program.ok()) << program.status();
  EXPECT_THAT(program->warning, HasSubstr("version 5, newer than 4"));
}

TEST(PirReader, ParametersStandInTheOrderOfTheirRecords) {
  const auto program = ReadPir(ProgramOf(Parameter("conv_2.w", 1) + "," + Parameter("conv_10.w", 2) + "," +
                                         Parameter("state__non_persistable", 3, "[0,1,0]") + "," +
                                         Parameter("old__non_persistable", 4, "[]") + "," + Fetch(1)));
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_THAT(program->parameters, SizeIs(2));  // those that are not persistable have no record
  EXPECT_EQ(program->parameters[0].name, "conv_10.w");
  EXPECT_EQ(program->parameters[1].name, "conv_2.w");
  EXPECT_EQ(program->parameters[0].dtype_code, 5);
  EXPECT_THAT(program->parameters[0].dims, ElementsAre(-1, 3));
}

TEST(PirReader, OutputsStandInTheOrderOfTheirColumns) {
  const auto program =
      ReadPir(ProgramOf(Input("x", 1) + "," + Relu(1, 2) + "," + Fetch(2, "b", 1) + "," + Fetch(1, "a", 0)));
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_THAT(program->outputs, SizeIs(2));
  EXPECT_EQ(program->outputs[0].name, "a");
  EXPECT_EQ(program->outputs[1].name, "b");
}

TEST(PirReader, NumbersAreReadWhateverTheirType) {
  const std::string attributes =
      Attribute("alpha", R"({"#":"0.a_f32","D":0.5})") + "," + Attribute("beta", R"({"#":"0.a_f64","D":2})") + "," +
      Attribute("low", R"({"#":"0.a_f64","VD":"-INF"})") + "," + Attribute("nothing", R"({"#":"0.a_f32","VD":"NaN"})") +
      "," + Attribute("axis", R"({"#":"0.a_i32","D":-1})") + "," + Attribute("keep", R"({"#":"0.a_bool","D":true})") +
      "," + Attribute("shape", R"({"#":"1.a_intarray","D":[-1,16]})") + "," +
      Attribute("dtype", R"({"#":"1.a_dtype","D":"float32"})") + "," +
      Attribute("scalar", R"({"#":"1.a_scalar","D":["float32",1.5]})") + "," +
      Attribute("pads", R"({"#":"0.a_array","D":[{"#":"0.a_i32","D":1},{"#":"0.a_i64","D":2}]})") + "," +
      Attribute("scales", R"({"#":"0.a_array","D":[{"#":"0.a_f64","D":2},{"#":"0.a_f32","VD":"INF"}]})") + "," +
      Attribute("none", R"({"#":"0.a_array","D":[]})") + "," + Attribute("place", R"({"#":"1.a_place","D":[1,0,""]})");
  const auto program = ReadPir(ProgramOf(Input("x", 1) + "," + Relu(1, 2, attributes) + "," + Fetch(2)));
  ASSERT_TRUE(program.ok()) << program.status();
  const auto& read = program->main.operators[0].attributes;
  EXPECT_EQ(std::get<double>(read.at("alpha")), 0.5);
  EXPECT_EQ(std::get<double>(read.at("beta")), 2.0);
  EXPECT_EQ(std::get<double>(read.at("low")), -INFINITY);
  EXPECT_TRUE(std::isnan(std::get<double>(read.at("nothing"))));
  EXPECT_EQ(std::get<int64_t>(read.at("axis")), -1);
  EXPECT_TRUE(std::get<bool>(read.at("keep")));
  EXPECT_THAT(std::get<std::vector<int64_t>>(read.at("shape")), ElementsAre(-1, 16));
  EXPECT_EQ(std::get<std::string>(read.at("dtype")), "float32");
  EXPECT_EQ(std::get<double>(read.at("scalar")), 1.5);
  EXPECT_THAT(std::get<std::vector<int64_t>>(read.at("pads")), ElementsAre(1, 2));
  EXPECT_THAT(std::get<std::vector<double>>(read.at("scales")), ElementsAre(2, INFINITY));
  EXPECT_THAT(std::get<std::vector<int64_t>>(read.at("none")), IsEmpty());
  EXPECT_FALSE(read.contains("place"));
}

TEST(PirReader, ListsAreSlotsOfSeveralValues) {
  const std::string combine = fmt::format(
      R"({{"#":"0.combine","A":[],"I":[{{"%":1}},{{"%":2}}],"O":[{{"%":3,"TT":{{"#":"0.t_vec","D":[{0},{0}]}}}}]}})",
      kF32);
  const std::string halves = fmt::format(
      R"({{"#":"1.split_with_num","A":[],"I":[{{"%":3}},{{"%":0}}],"O":[{{"%":4,"TT":{{"#":"0.t_vec","D":[{0},{0}]}}}}]}})",
      kF32);
  const std::string split =
      fmt::format(R"({{"#":"0.split","A":[],"I":[{{"%":4}}],"O":[{{"%":5,"TT":{0}}},{{"%":6,"TT":{0}}}]}})", kF32);
  const auto program = ReadPir(
      ProgramOf(Input("a", 1) + "," + Input("b", 2) + "," + combine + "," + halves + "," + split + "," + Fetch(6)));
  ASSERT_TRUE(program.ok()) << program.status();
  ASSERT_THAT(program->main.operators, SizeIs(1));  // lists are no operators
  const Operator& op = program->main.operators[0];
  EXPECT_THAT(op.inputs[0].values, ElementsAre(program->inputs[0], program->inputs[1]));
  EXPECT_THAT(op.inputs[1].values, IsEmpty());  // number 0: absent
  ASSERT_THAT(op.outputs[0].values, SizeIs(2));
  EXPECT_EQ(program->outputs[0].value, op.outputs[0].values[1]);
}

TEST(PirReader, LoopsHaveArgumentsAndResults) {
  const std::string loop = fmt::format(
      R"({{"#":"1.while","A":[],"I":[{{"%":1}},{{"%":2}}],"O":[{{"%":9,"TT":{0}}}],"regions":[{{"#":"r","blocks":[)"
      R"({{"#":"b","args":[{{"#":-1,"TT":{0}}}],"ops":[{{"#":"1.relu","A":[],"I":[{{"%":-1}}],"O":[{{"%":5,"TT":{0}}}]}},)"
      R"({{"#":"2.yield","A":[],"I":[{{"%":1}},{{"%":5}}],"O":[]}}]}}]}}]}})",
      kF32);
  const auto program = ReadPir(ProgramOf(Input("c", 1) + "," + Input("x", 2) + "," + loop + "," + Fetch(9)));
  ASSERT_TRUE(program.ok()) << program.status();
  const Operator& op = program->main.operators[0];
  ASSERT_THAT(op.blocks, SizeIs(1));
  EXPECT_THAT(op.blocks[0].arguments, SizeIs(1));
  EXPECT_THAT(op.blocks[0].results, ElementsAre(program->inputs[0], op.blocks[0].operators[0].outputs[0].values[0]));
  EXPECT_EQ(CountOperators(*program).at("relu"), 1u);
}

TEST(PirReader, WhatIsNoProgramIsRefused) {
  ExpectRefused("", absl::StatusCode::kDataLoss, "is no whole JSON");
  ExpectRefused(R"({"base_code":)", absl::StatusCode::kDataLoss, "is no whole JSON");
  ExpectRefused("[]", absl::StatusCode::kInvalidArgument, "'base_code' does not say 'pir'");
  ExpectRefused(R"({"base_code":{"magic":"onnx","version":1}})", absl::StatusCode::kInvalidArgument,
                "does not say 'pir'");
  ExpectRefused(ProgramOf("", R"("four")"), absl::StatusCode::kInvalidArgument, "no version that is a number");
  ExpectRefused(R"({"base_code":{"magic":"pir","version":1}})", absl::StatusCode::kInvalidArgument, "no 'program'");
  ExpectRefused(R"({"base_code":{"magic":"pir","version":1},"program":{"regions":[]}})",
                absl::StatusCode::kInvalidArgument, "0 regions");
}

TEST(PirReader, EveryTruncationIsRefused) {
  const std::string whole = ProgramOf(Input("x", 1) + "," + Relu(1, 2) + "," + Fetch(2));
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(ReadPir(whole.substr(0, size)).status().code(), absl::StatusCode::kDataLoss) << size;
  }
}

TEST(PirReader, QuarterOfAMillionBracketsAreRefused) {
  ExpectRefused(std::string(250'000, '['), absl::StatusCode::kDataLoss, "is no whole JSON");
  ExpectRefused(ProgramOf(std::string(250'000, '[') + std::string(250'000, ']')), absl::StatusCode::kInvalidArgument,
                "nests deeper than 512");
}

TEST(PirReader, DanglingAndCyclicValuesAreRefused) {
  ExpectRefused(ProgramOf(Relu(7, 2)), absl::StatusCode::kInvalidArgument,
                "operator '1.relu_' reads value %7, which nothing before it writes");
  ExpectRefused(ProgramOf(Relu(2, 1) + "," + Relu(1, 2)), absl::StatusCode::kInvalidArgument, "reads value %2");
  ExpectRefused(ProgramOf(Relu(1, 1)), absl::StatusCode::kInvalidArgument, "reads value %1");
}

TEST(PirReader, WhatIsThereTwiceIsRefused) {
  ExpectRefused(ProgramOf(Input("x", 1) + "," + Input("y", 1)), absl::StatusCode::kInvalidArgument,
                "value %1 is written twice");
  ExpectRefused(ProgramOf(Input("x", 1) + "," + Input("x", 2)), absl::StatusCode::kInvalidArgument,
                "'x' is there twice");
  ExpectRefused(ProgramOf(Parameter("w", 1) + "," + Parameter("w", 2)), absl::StatusCode::kInvalidArgument,
                "'w' is there twice");
  ExpectRefused(ProgramOf(Input("x", 0)), absl::StatusCode::kInvalidArgument, "number 0");
}

TEST(PirReader, UnknownConstructsAreNamed) {
  ExpectRefused(ProgramOf(Input("x", 1) + "," + Relu(1, 2, Attribute("mood", R"({"#":"0.a_mood","D":1})"))),
                absl::StatusCode::kUnimplemented, "attribute 'mood' of operator 'relu' is of type 'a_mood'");
  ExpectRefused(ProgramOf(Input("x", 1) + "," + Relu(1, 2, Attribute("axis", R"({"#":"0.a_i32","D":"one"})"))),
                absl::StatusCode::kUnimplemented, "attribute 'axis'");
  const std::string odd = R"({"#":"1.data","A":[{"AT":{"#":"0.a_str","D":"x"},"N":"name"}],"I":[],)"
                          R"("O":[{"%":1,"TT":{"#":"0.t_dtensor","D":[{"#":"0.t_f4"},[1],"NCHW",[],0]}}]})";
  ExpectRefused(ProgramOf(odd), absl::StatusCode::kUnimplemented, "value x has elements of type 't_f4'");
  // An operator of another dialect is one that nobody can convert: that is found, and told with all others, later.
  const auto custom = ReadPir(ProgramOf(R"({"#":"3.my_op","A":[],"I":[],"O":[]})"));
  ASSERT_TRUE(custom.ok()) << custom.status();
  EXPECT_EQ(custom->main.operators[0].type, "3.my_op");
}

}  // namespace
}  // namespace oarlock::paddle
