#include "server/http/infer_request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// A body as the server holds it: followed by padding, here of bytes that would show if they were read as JSON.
class Body {
 public:
  Body(std::string_view json, std::string_view binary = "")
      : size_(json.size() + binary.size()), bytes_(new std::byte[size_ + kBodyPaddingBytes]) {
    std::memcpy(bytes_.get(), json.data(), json.size());
    if (!binary.empty()) std::memcpy(bytes_.get() + json.size(), binary.data(), binary.size());
    std::memset(bytes_.get() + size_, '}', kBodyPaddingBytes);
  }
  std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }

 private:
  size_t size_;
  std::unique_ptr<std::byte[]> bytes_;
};

std::string ErrorOf(std::string_view json, const Limits& limits = {}, std::string_view binary = "",
                    absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
  const Body body(json, binary);
  const auto request = ParseInferRequest(body.bytes(), json.size(), limits);
  EXPECT_EQ(request.status().code(), code) << Printable(json) << request.status();
  return std::string(request.status().message());
}

std::string Input(std::string_view dtype, std::string_view shape, std::string_view data) {
  return fmt::format(R"({{"inputs":[{{"name":"x","datatype":"{}","shape":{},"data":{}}}]}})", dtype, shape, data);
}

// The elements of the only input.
template <typename T>
std::vector<T> Elements(std::string_view json) {
  const Body body(json);
  const auto request = ParseInferRequest(body.bytes(), json.size(), Limits{});
  EXPECT_TRUE(request.ok()) << json << request.status();
  if (!request.ok()) return {};
  EXPECT_EQ(request->inputs[0].view.dtype, DTypeOf<T>());
  std::vector<T> elements;
  for (const T element : request->inputs[0].view.As<T>()) elements.push_back(element);
  return elements;
}

TEST(InferRequestParser, ReadsEveryKey) {
  const std::string json = R"({
    "id": "r-1", "unknown": {"a": [1, {"b": null}], "c": false}, "parameters": {
      "binary_data_output": true, "timeout": 5000, "priority": 2, "sequence_id": 0, "custom": "text", "n": 1.5,
      "triton_enable_empty_final_response": true},
    "inputs": [{"shape": [2, 1], "data": [[1], [2]], "name": "x", "datatype": "INT32", "parameters": {"own": 1}}],
    "outputs": [{"name": "y", "parameters": {"binary_data": false, "classification": 3}}, {"name": "z", "extra": 0}]
  })";
  const Body body(json);
  const auto request = ParseInferRequest(body.bytes(), json.size(), Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->id, "r-1");
  EXPECT_TRUE(request->binary_data_output);
  EXPECT_EQ(request->timeout_us, 5000);
  EXPECT_EQ(request->priority, 2);
  ASSERT_EQ(request->inputs.size(), 1U);
  EXPECT_EQ(request->inputs[0].name, "x");
  EXPECT_EQ(request->inputs[0].view.shape, (Shape{2, 1}));
  EXPECT_THAT(request->inputs[0].view.As<int32_t>(), ElementsAre(1, 2));
  ASSERT_EQ(request->outputs.size(), 2U);
  EXPECT_EQ(request->outputs[0].name, "y");
  EXPECT_EQ(request->outputs[0].binary_data, false);
  EXPECT_EQ(request->outputs[0].classification, 3);
  EXPECT_EQ(request->outputs[1].name, "z");
  EXPECT_EQ(request->outputs[1].binary_data, std::nullopt);
  EXPECT_EQ(request->outputs[1].classification, 0);
}

TEST(InferRequestParser, CutOffAnywhereItIsRefused) {
  for (
      const std::string_view json :
      {R"({"inputs":[{"name":"s","shape":[2],"datatype":"BYTES","data":["aa","b"]},{"naue":"b","shape":[1],"data":1tru}]})",
       R"({"id":"r","parameters":{"timeout":5},"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]})"}) {
    for (size_t size = 0; size < json.size(); ++size) {
      const Body body{std::string(json.substr(0, size))};
      EXPECT_EQ(ParseInferRequest(body.bytes(), size, Limits{}).status().code(), absl::StatusCode::kInvalidArgument)
          << json.substr(0, size);
    }
  }
}

TEST(InferRequestParser, DefaultsAreThoseOfTheProtocol) {
  const std::string json = Input("FP32", "[1]", "[1]");
  const Body body(json);
  const auto request = ParseInferRequest(body.bytes(), json.size(), Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->id, "");
  EXPECT_FALSE(request->binary_data_output);
  EXPECT_EQ(request->timeout_us, 0);
  EXPECT_EQ(request->priority, 0);
  EXPECT_TRUE(request->outputs.empty());
}

TEST(InferRequestParser, EveryDatatypeIsReadToItsEdges) {
  EXPECT_THAT(Elements<uint8_t>(Input("UINT8", "[2]", "[0,255]")), ElementsAre(0, 255));
  EXPECT_THAT(Elements<uint16_t>(Input("UINT16", "[1]", "[65535]")), ElementsAre(65535));
  EXPECT_THAT(Elements<uint32_t>(Input("UINT32", "[1]", "[4294967295]")), ElementsAre(4294967295U));
  EXPECT_THAT(Elements<uint64_t>(Input("UINT64", "[1]", "[18446744073709551615]")),
              ElementsAre(18446744073709551615ULL));
  EXPECT_THAT(Elements<int8_t>(Input("INT8", "[2]", "[-128,127]")), ElementsAre(-128, 127));
  EXPECT_THAT(Elements<int16_t>(Input("INT16", "[2]", "[-32768,32767]")), ElementsAre(-32768, 32767));
  EXPECT_THAT(Elements<int32_t>(Input("INT32", "[1]", "[-2147483648]")), ElementsAre(-2147483647 - 1));
  EXPECT_THAT(Elements<int64_t>(Input("INT64", "[2]", "[-9223372036854775808,9223372036854775807]")),
              ElementsAre(std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()));
  EXPECT_THAT(Elements<float>(Input("FP32", "[5]", "[1,-2.5,1e-45,3.4028235e38,1e-400]")),
              ElementsAre(1, -2.5F, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(), 0));
  EXPECT_THAT(Elements<double>(Input("FP64", "[2]", "[0.1,123456789012345678901234567890]")),
              ElementsAre(0.1, 123456789012345678901234567890.0));
  EXPECT_THAT(Elements<bool>(Input("BOOL", "[2]", "[true,false]")), ElementsAre(true, false));
}

// 1 + 2^-24 lies half way between two floats; a hair above it must go up, though the nearest double is the half itself.
TEST(InferRequestParser, FloatsAreRoundedOnce) {
  EXPECT_THAT(Elements<float>(Input("FP32", "[3]",
                                    "[1.00000005960464477539,1.0000000596046447753906250000000001,"
                                    "1.000000059604644775390625]")),
              ElementsAre(1.0F, std::nextafter(1.0F, 2.0F), 1.0F));
}

TEST(InferRequestParser, StringsBecomeBytesElements) {
  const std::string json = Input("BYTES", "[2,2]", R"(["a", ["", "é\u00e9\n\u0000"], "\ud83d\ude00"])");
  const Body body(json);
  const auto request = ParseInferRequest(body.bytes(), json.size(), Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  const auto elements = BytesElements(request->inputs[0].view.bytes(), 4);
  EXPECT_THAT(*elements, ElementsAre("a", "", std::string_view("éé\n\0", 6), "😀"));
}

TEST(InferRequestParser, NestingNeedNotMatchTheShape) {
  for (const char* data :
       {"[1,2,3,4]", "[[1,2],[3,4]]", "[[[1],[2,3]],4]", " [ 1 , [2,3 ,4 ] ] ", "[[],1,[[]],2,3,4]"}) {
    EXPECT_THAT(Elements<int32_t>(Input("INT32", "[2,2]", data)), ElementsAre(1, 2, 3, 4)) << data;
  }
  EXPECT_THAT(Elements<int32_t>(Input("INT32", "[]", "[5]")), ElementsAre(5));
  EXPECT_THAT(Elements<int32_t>(Input("INT32", "[0,7]", "[]")), ElementsAre());
  EXPECT_THAT(Elements<int32_t>(Input("INT32", "[0]", "[[ ]]")), ElementsAre());
}

TEST(InferRequestParser, WrongElementsAreNamedWithTheirValue) {
  const std::tuple<const char*, const char*, const char*> cases[] = {
      {"INT8", "[1,128]", "element 1 is 128; INT8 takes integers from -128 to 127"},
      {"INT8", "[1,-129]", "element 1 is -129; INT8 takes integers from -128 to 127"},
      {"UINT8", "[-1,1]", "element 0 is -1; UINT8 takes integers from 0 to 255"},
      {"INT32", "[1,1.0]", "element 1 is 1.0; INT32 takes integers from -2147483648 to 2147483647"},
      {"INT32", "[1,1e2]", "element 1 is 1e2; INT32 takes integers from -2147483648 to 2147483647"},
      {"INT32", R"(["7",1])", R"(element 0 is "7"; INT32 takes integers from -2147483648 to 2147483647)"},
      {"INT32", "[1,null]", "element 1 is null; INT32 takes integers from -2147483648 to 2147483647"},
      {"INT32", "[1,true]", "element 1 is true; INT32 takes integers from -2147483648 to 2147483647"},
      {"INT32", "[1,[2,3]", "malformed JSON"},
      {"INT64", "[1,9223372036854775808]",
       "element 1 is 9223372036854775808; INT64 takes integers from -9223372036854775808 to 9223372036854775807"},
      {"UINT64", "[1,18446744073709551616]",
       "element 1 is 18446744073709551616; UINT64 takes integers from 0 to 18446744073709551615"},
      {"FP32", "[1,1e39]", "element 1 is 1e39; that is beyond FP32"},
      {"FP32", "[1,1e400]", "element 1 is 1e400; FP32 takes numbers"},
      {"FP64", "[1,1e400]", "element 1 is 1e400; FP64 takes numbers"},
      {"FP32", R"([1,"NaN"])", R"(element 1 is "NaN"; FP32 takes numbers)"},
      {"FP32", "[1,{}]", "element 1 is an object; FP32 takes numbers"},
      {"FP32", "[1,NaN]", "malformed JSON"},
      {"FP32", "[1,01]", "element 1 is 01; FP32 takes numbers"},
      {"FP32", "[1,+1]", "malformed JSON"},
      {"FP32", "[1,.5]", "malformed JSON"},
      {"BOOL", "[1,true]", "element 0 is 1; a BOOL is true or false"},
      {"BOOL", R"([true,"false"])", R"(element 1 is "false"; a BOOL is true or false)"},
      {"BYTES", R"(["a",5])", "element 1 is 5; BYTES takes strings"},
      {"BYTES", R"(["a",null])", "element 1 is null; BYTES takes strings"},
      {"BYTES", R"(["a","\x"])", "malformed JSON"},
      {"BYTES", R"(["a","\ud800"])", "malformed JSON"},
      {"BYTES", R"(["a","\udc00"])", "malformed JSON"},
      {"BYTES", R"(["a","\ud800\u0041"])", "malformed JSON"},
      {"FP16", "[1,2]", "FP16 cannot be written in JSON; send it as binary data (binary_data_size)"},
      {"BF16", "[1,2]", "BF16 cannot be written in JSON; send it as binary data (binary_data_size)"},
  };
  for (const auto& [dtype, data, message] : cases) {
    EXPECT_THAT(ErrorOf(Input(dtype, "[2]", data)), HasSubstr(message)) << dtype << data;
  }
  EXPECT_EQ(ErrorOf(Input("INT8", "[1]", "[300]")),
            "input 'x': element 0 is 300; INT8 takes integers from -128 to 127");
  // A value from outside is cut down.
  EXPECT_THAT(ErrorOf(Input("INT8", "[1]", "[\"" + std::string(5000, 'a') + "\"]")).size(), testing::Lt(150U));
}

TEST(InferRequestParser, TheNumberOfValuesMustBeThatOfTheShape) {
  EXPECT_EQ(ErrorOf(Input("INT32", "[2]", "[1,2,3]")), "input 'x': shape [2] asks for 2 elements; the data has more");
  EXPECT_EQ(ErrorOf(Input("INT32", "[2,2]", "[[1,2],3, 4.5e0  ")),
            "malformed JSON: an array or an object is not closed");
  EXPECT_EQ(ErrorOf(Input("INT32", "[3]", "[1234, 2345]")), "input 'x': shape [3] asks for 3 elements; the data has 2");
  EXPECT_EQ(ErrorOf(Input("INT32", "[0]", "[1]")), "input 'x': shape [0] asks for 0 elements; the data has more");
  EXPECT_EQ(ErrorOf(Input("INT32", "[1]", "[]")), "input 'x': shape [1] asks for 1 elements; the data has 0");
  EXPECT_EQ(ErrorOf(Input("BYTES", "[2]", R"(["a"])")), "input 'x': shape [2] asks for 2 elements; the data has 1");
  EXPECT_EQ(ErrorOf(Input("BYTES", "[1]", R"(["a","b"])")),
            "input 'x': shape [1] asks for 1 elements; the data has more");
  // 268435456 elements are within the limits; what they would take is not allocated.
  EXPECT_EQ(ErrorOf(Input("FP64", "[268435456]", "[1]")),
            "input 'x': shape [268435456] asks for 268435456 elements; the data has fewer, in 74 bytes");
}

TEST(InferRequestParser, ShapesThatMakeNoSenseAreRefused) {
  std::string many_dims = "[1";
  for (int i = 1; i < 300; ++i) many_dims += ",1";
  const std::pair<std::string, const char*> cases[] = {
      {"[9223372036854775807]", "at most 268435456 are accepted (request_elements_max)"},
      {"[4611686018427387904]", "at most 268435456 are accepted (request_elements_max)"},
      {"[4294967296,4294967296]", "has more elements than 2^63-1"},
      {"[9223372036854775807,2]", "has more elements than 2^63-1"},
      {"[268435457]", "at most 268435456 are accepted (request_elements_max)"},
      {"[-1]", "'shape' is -1; it must be an integer from 0 to 2^63-1"},
      {"[-9223372036854775808]", "it must be an integer from 0 to 2^63-1"},
      {"[18446744073709551616]", "'shape' is 18446744073709551616; it must be an integer from 0 to 2^63-1"},
      {many_dims + "]", "'shape' has more than 8 dims"},
      {"[1e400]", "'shape' is 1e400; it must be an integer from 0 to 2^63-1"},
      {"[\"3\"]", "'shape' is \"3\"; it must be an integer from 0 to 2^63-1"},
      {"[3.5]", "'shape' is 3.5; it must be an integer from 0 to 2^63-1"},
      {"[1.0]", "'shape' is 1.0; it must be an integer from 0 to 2^63-1"},
      {"[null]", "'shape' is null; it must be an integer from 0 to 2^63-1"},
      {"[[1]]", "'shape' is an array; it must be an integer from 0 to 2^63-1"},
      {"1", "'shape' is 1; it must be an array"},
      {"{}", "'shape' is an object; it must be an array"},
      {"null", "'shape' is null; it must be an array"},
  };
  for (const auto& [shape, message] : cases) {
    EXPECT_THAT(ErrorOf(Input("FP32", shape, "[1]")), HasSubstr(message)) << shape.substr(0, 40);
  }
}

TEST(InferRequestParser, WrongKindsOfValuesAreRefused) {
  const std::string x = R"("datatype":"FP32","shape":[1],"data":[1])";
  const std::pair<std::string, const char*> cases[] = {
      {"[]", "the JSON is not an object"},
      {"1", "the JSON is not an object"},
      {"null", "the JSON is not an object"},
      {"", "a JSON object is needed; there is nothing"},
      {"  \n ", "a JSON object is needed; there is nothing"},
      {"{}", "'inputs' is missing or empty; a request has at least one input"},
      {R"({"inputs":[]})", "'inputs' is missing or empty; a request has at least one input"},
      {R"({"inputs":{}})", "'inputs' is an object; it must be an array"},
      {R"({"inputs":null})", "'inputs' is null; it must be an array"},
      {R"({"inputs":[1]})", "inputs[0]: 'input' is 1; it must be an object"},
      {R"({"inputs":[{}]})", "inputs[0]: 'name' is missing"},
      {R"({"inputs":[{"name":"x"}]})", "inputs[0]: 'datatype' is missing"},
      {R"({"inputs":[{"name":"x","datatype":"FP32"}]})", "inputs[0]: 'shape' is missing"},
      {R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1]}]})",
       "input 'x' has none of 'data', 'binary_data_size' and 'shared_memory_region'; exactly one is needed"},
      {R"({"inputs":[{"name":5,)" + x + "}]}", "inputs[0]: 'name' is 5; it must be a string"},
      {R"({"inputs":[{"name":"",)" + x + "}]}", "inputs[0]: 'name' is empty"},
      {R"({"inputs":[{"name":"x","datatype":32,"shape":[1],"data":[1]}]})",
       "inputs[0]: 'datatype' is 32; it must be a string"},
      {Input("FLOAT\\u0000", "[1]", "[1]"), "inputs[0]: 'datatype' is 'FLOAT?'; it must be one of BOOL, UINT8, "},
      {Input("fp32", "[1]", "[1]"), "inputs[0]: 'datatype' is 'fp32'; it must be one of BOOL, UINT8, "},
      {Input("FP32", "[1]", "1"), "inputs[0]: 'data' is 1; it must be an array"},
      {Input("FP32", "[1]", "null"), "inputs[0]: 'data' is null; it must be an array"},
      {Input("FP32", "[1]", "{}"), "inputs[0]: 'data' is an object; it must be an array"},
      {R"({"inputs":[{"name":"x",)" + x + R"(,"parameters":[]}]})",
       "inputs[0]: 'parameters' is an array; it must be an object"},
      {R"({"inputs":[{"name":"x",)" + x + R"(,"parameters":{"p":null}}]})",
       "inputs[0]: 'p' is null; it must be a string, a number or a boolean"},
      {R"({"id":1,"inputs":[]})", "'id' is 1; it must be a string"},
      {R"({"parameters":1})", "'parameters' is 1; it must be an object"},
      {R"({"parameters":{"p":[1]}})", "'p' is an array; it must be a string, a number or a boolean"},
      {R"({"parameters":{"triton_x":{}}})", "'triton_x' is an object; it must be a string, a number or a boolean"},
      {R"({"parameters":{"timeout":-1}})", "'timeout' is -1; it must be an integer from 0 to 2^63-1"},
      {R"({"parameters":{"timeout":"5"}})", "'timeout' is \"5\"; it must be an integer from 0 to 2^63-1"},
      {R"({"parameters":{"timeout":1.5}})", "'timeout' is 1.5; it must be an integer from 0 to 2^63-1"},
      {R"({"parameters":{"timeout":9223372036854775808}})",
       "'timeout' is 9223372036854775808; it must be an integer from 0 to 2^63-1"},
      {R"({"parameters":{"priority":-1}})", "'priority' is -1; it must be an integer from 0 to 2^63-1"},
      {R"({"parameters":{"binary_data_output":1}})", "'binary_data_output' is 1; it must be true or false"},
      {R"({"outputs":{}})", "'outputs' is an object; it must be an array"},
      {R"({"outputs":[{}]})", "outputs[0]: 'name' is missing"},
      {R"({"outputs":["y"]})", "outputs[0]: 'output' is \"y\"; it must be an object"},
      {R"({"outputs":[{"name":"y","parameters":{"binary_data":"yes"}}]})",
       "outputs[0]: 'binary_data' is \"yes\"; it must be true or false"},
      {R"({"outputs":[{"name":"y","parameters":{"classification":-1}}]})",
       "outputs[0]: 'classification' is -1; it must be an integer from 0 to 2^63-1"},
      {R"({"outputs":[{"name":"y","parameters":{"classification":1.5}}]})",
       "outputs[0]: 'classification' is 1.5; it must be an integer from 0 to 2^63-1"},
  };
  for (const auto& [json, message] : cases) EXPECT_THAT(ErrorOf(json), StartsWith(message)) << json;
}

TEST(InferRequestParser, MalformedJsonIsRefused) {
  const std::string good = R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})";
  ASSERT_THAT(Elements<float>(good), ElementsAre(1));
  // Every proper prefix.
  for (size_t size = 0; size < good.size(); ++size) ErrorOf(good.substr(0, size));
  const std::string others[] = {
      good + "x",
      good + "}",
      good + "{}",
      good + ",",
      good + "\"",
      good + std::string(1, '\0'),
      "[" + good,
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1],}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1,],"data":[1]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1,]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[,1]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1}]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[[1}]]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1:2]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[2],"data":[1 2]}]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]},]})",
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}}})",
      R"({"inputs":[{"name":"x" "datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"inputs":[{"name","x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({inputs:[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({'inputs':[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":nul,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":nullx,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":truee,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":1x,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":-,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":[1}],"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":{"b"},"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"a":"\q","inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"({"\q":1,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      R"(/* */{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})",
      "{\"a\":\"line\nbreak\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}",
      "{\"a\":\"\xC3\x28\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}",
      "{\"inputs\":[{\"name\":\"\xED\xA0\x80\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}",
  };
  for (const std::string& json : others) ErrorOf(json);
  EXPECT_EQ(ErrorOf(good + "{}"), "malformed JSON: something follows its end");
  EXPECT_EQ(ErrorOf("{\"id\":\"\xFF\"}"), "the JSON is not UTF-8");
}

TEST(InferRequestParser, KeysStandOnce) {
  const std::string x = R"({"name":"x","datatype":"FP32","shape":[1],"data":[1]})";
  EXPECT_EQ(ErrorOf(R"({"inputs":[)" + x + R"(],"inputs":[)" + x + "]}"),
            "the key 'inputs' stands twice in one object");
  EXPECT_EQ(ErrorOf(R"({"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1],"data":[2]}]})"),
            "inputs[0]: the key 'data' stands twice in one object");
  EXPECT_EQ(ErrorOf(R"({"u":1,"\u0075":2,"inputs":[)" + x + "]}"), "the key 'u' stands twice in one object");
  EXPECT_EQ(ErrorOf(R"({"u":{"v":{"w":1,"w":1}}})"), "the key 'w' stands twice in one object");
  EXPECT_EQ(ErrorOf(R"({"parameters":{"timeout":1,"timeout":1}})"), "the key 'timeout' stands twice in one object");
}

TEST(InferRequestParser, DeepNestingIsAQuickError) {
  constexpr size_t kDeep = 250'000;
  const std::string open(kDeep, '[');
  const std::string closed = open + std::string(kDeep, ']');
  std::string objects;
  for (size_t i = 0; i < kDeep; ++i) objects += "{\"a\":";
  objects += "1" + std::string(kDeep, '}');
  const std::string tail = R"(,"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]})";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(ErrorOf(open), "the JSON is not an object");
  EXPECT_EQ(ErrorOf(closed), "the JSON is not an object");
  const std::string too_deep = "the JSON nests too deep (json_depth_max)";
  EXPECT_EQ(ErrorOf(objects), too_deep);
  EXPECT_EQ(ErrorOf("{\"a\":" + closed + tail), too_deep);
  EXPECT_EQ(ErrorOf("{\"a\":" + objects + tail), too_deep);
  EXPECT_EQ(ErrorOf(Input("FP32", "[1]", closed)), "input 'x': " + too_deep);
  EXPECT_EQ(ErrorOf(Input("FP32", closed, "[1]")),
            "inputs[0]: 'shape' is an array; it must be an integer from 0 to 2^63-1");
  ErrorOf(Input("FP32", "[1]", open));
  ErrorOf(Input("FP32", open, "[1]"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(InferRequestParser, DepthIsCountedFromTheOutside) {
  Limits limits;
  limits.json_depth_max = 6;
  // The body, `inputs`, the input and `data` are four.
  const std::string fits = Input("FP32", "[1]", "[[[1]]]");
  const Body body(fits);
  EXPECT_TRUE(ParseInferRequest(body.bytes(), fits.size(), limits).ok());
  EXPECT_EQ(ErrorOf(Input("FP32", "[1]", "[[[[1]]]]"), limits), "input 'x': the JSON nests too deep (json_depth_max)");
  EXPECT_EQ(ErrorOf(R"({"a":[[[[[[1]]]]]]})", limits), "the JSON nests too deep (json_depth_max)");
}

TEST(InferRequestParser, NamesAndCountsAreLimited) {
  Limits limits;
  limits.request_tensors_max = 2;
  limits.name_bytes_max = 16;
  const auto input = [](int i) {
    return fmt::format(R"({{"name":"x{}","datatype":"FP32","shape":[1],"data":[1]}})", i);
  };
  EXPECT_EQ(ErrorOf(fmt::format(R"({{"inputs":[{},{},{}]}})", input(0), input(1), input(2)), limits),
            "more than 2 inputs in one request (request_tensors_max)");
  EXPECT_EQ(ErrorOf(R"({"outputs":[{"name":"a"},{"name":"b"},{"name":"c"}]})", limits),
            "more than 2 outputs in one request (request_tensors_max)");
  EXPECT_EQ(ErrorOf(R"({"inputs":[{"name":"12345678901234567"}]})", limits),
            "inputs[0]: 'name' has 17 bytes; at most 16 are accepted (name_bytes_max)");
  EXPECT_EQ(ErrorOf(R"({"id":"12345678901234567"})", limits),
            "'id' has 17 bytes; at most 16 are accepted (name_bytes_max)");
  EXPECT_EQ(ErrorOf(fmt::format(R"({{"inputs":[{},{}]}})", input(0), input(0))), "input 'x0' is given twice");
  EXPECT_EQ(ErrorOf(fmt::format(R"({{"inputs":[{}],"outputs":[{{"name":"y"}},{{"name":"y"}}]}})", input(0))),
            "output 'y' is asked for twice");
}

TEST(InferRequestParser, AMillionOutputsAreRefused) {
  std::string json = R"({"outputs":[{"name":"y"})";
  for (int i = 0; i < 1'000'000; ++i) json += R"(,{"name":"y"})";
  EXPECT_EQ(ErrorOf(json + "]}"), "more than 256 outputs in one request (request_tensors_max)");
}

TEST(InferRequestParser, WhatIsNotServedSaysSo) {
  const auto unimplemented = [](std::string_view json) {
    return ErrorOf(json, {}, "", absl::StatusCode::kUnimplemented);
  };
  EXPECT_EQ(unimplemented(R"({"parameters":{"sequence_id":7}})"), "sequences are not supported (sequence_id 7)");
  EXPECT_EQ(unimplemented(R"({"parameters":{"sequence_id":"s"}})"), "sequences are not supported (sequence_id \"s\")");
}

TEST(InferRequestParser, PartsOfSharedMemoryAreTakenAsTheyAreSaid) {
  const std::string_view json =
      R"({"inputs":[{"name":"x","datatype":"FP32","shape":[2,3],"parameters":)"
      R"({"shared_memory_region":"r","shared_memory_byte_size":24,"shared_memory_offset":8,"own":1}}],)"
      R"("outputs":[{"name":"y","parameters":{"shared_memory_byte_size":9223372036854775807,"binary_data":true}},)"
      R"({"name":"z"}]})";
  const Body body(json);
  const auto request = ParseInferRequest(body.bytes(), json.size(), Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  const ParsedInput& input = request->inputs[0];
  ASSERT_TRUE(input.shared_memory);
  EXPECT_EQ(input.shared_memory->region, "r");
  EXPECT_EQ(input.shared_memory->size_bytes, 24u);
  EXPECT_EQ(input.shared_memory->offset, 8u);
  EXPECT_EQ(input.view.dtype, DType::kF32);
  EXPECT_EQ(input.view.shape, (Shape{2, 3}));
  EXPECT_EQ(input.view.data, nullptr);
  ASSERT_TRUE(request->outputs[0].shared_memory);
  EXPECT_EQ(request->outputs[0].shared_memory->region, "");
  EXPECT_EQ(request->outputs[0].shared_memory->size_bytes, uint64_t{1} * INT64_MAX);
  EXPECT_EQ(request->outputs[0].binary_data, true);
  EXPECT_FALSE(request->outputs[1].shared_memory);
}

TEST(InferRequestParser, PartsOfSharedMemoryThatAreNoneAreRefused) {
  const auto error = [](std::string_view parameters, std::string_view more = "") {
    const std::string json = fmt::format(
        R"({{"inputs":[{{"name":"x","datatype":"FP32","shape":[1],"parameters":{{{}}}{}}}]}})", parameters, more);
    return ErrorOf(json);
  };
  EXPECT_EQ(error(R"("shared_memory_region":7)"), "inputs[0]: 'shared_memory_region' is 7; it must be a string");
  EXPECT_EQ(error(R"("shared_memory_byte_size":18446744073709551584)"),
            "inputs[0]: 'shared_memory_byte_size' is 18446744073709551584; it must be an integer from 0 to 2^63-1");
  EXPECT_EQ(error(R"("shared_memory_offset":-1)"),
            "inputs[0]: 'shared_memory_offset' is -1; it must be an integer from 0 to 2^63-1");
  EXPECT_EQ(error(R"("shared_memory_size":1)"), "inputs[0]: there is no parameter 'shared_memory_size'");
  EXPECT_THAT(error(R"("shared_memory_region":"r")", R"(,"data":[1])"), HasSubstr("more than one of"));
  EXPECT_THAT(error(R"("shared_memory_offset":1,"binary_data_size":4)"), HasSubstr("more than one of"));
  EXPECT_THAT(ErrorOf(fmt::format(R"({{"outputs":[{{"name":"y","parameters":{{"shared_memory_region":"{}"}}}}]}})",
                                  std::string(600, 'r'))),
              HasSubstr("'shared_memory_region' has 600 bytes; at most 512"));
}

constexpr std::string_view kBinaryJson =
    R"({"inputs":[{"name":"a","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}},)"
    R"({"name":"j","datatype":"INT8","shape":[1],"data":[3]},)"
    R"({"name":"b","datatype":"UINT8","shape":[3],"parameters":{"binary_data_size":3}}]})";

TEST(InferRequestParser, BinaryInputsAreViewsOfTheBody) {
  const std::string binary("\0\0\x80\x3F\0\0\0\x40xyz", 11);
  const Body body(kBinaryJson, binary);
  const auto request = ParseInferRequest(body.bytes(), kBinaryJson.size(), Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  ASSERT_EQ(request->inputs.size(), 3U);
  const ParsedInput& a = request->inputs[0];
  EXPECT_EQ(a.view.data, body.bytes().data() + kBinaryJson.size());
  EXPECT_EQ(a.owned, nullptr);
  float values[2];
  std::memcpy(values, a.view.data, a.view.size_bytes);
  EXPECT_THAT(values, ElementsAre(1, 2));
  EXPECT_NE(request->inputs[1].owned, nullptr);
  EXPECT_THAT(request->inputs[1].view.As<int8_t>(), ElementsAre(3));
  EXPECT_EQ(request->inputs[2].view.data, a.view.data + 8);
  EXPECT_THAT(request->inputs[2].view.As<uint8_t>(), ElementsAre('x', 'y', 'z'));
}

TEST(InferRequestParser, BinarySizesMustAddUp) {
  EXPECT_EQ(ErrorOf(kBinaryJson, {}, std::string(10, 'x')),
            "input 'b' says 3 bytes of binary data; 2 are left after the JSON and the inputs before it");
  EXPECT_EQ(ErrorOf(kBinaryJson, {}, std::string(12, 'x')),
            "1 bytes are left after the binary data that the inputs speak of (binary_data_size)");
  EXPECT_EQ(ErrorOf(kBinaryJson),
            "input 'a' says 8 bytes of binary data; 0 are left after the JSON and the inputs "
            "before it");
  EXPECT_EQ(ErrorOf(Input("INT8", "[1]", "[1]"), {}, "x"),
            "1 bytes are left after the binary data that the inputs speak of (binary_data_size)");
}

std::string BinaryInput(std::string_view dtype, std::string_view shape, std::string_view size) {
  return fmt::format(
      R"({{"inputs":[{{"name":"x","datatype":"{}","shape":{},"parameters":{{"binary_data_size":{}}}}}]}})", dtype,
      shape, size);
}

TEST(InferRequestParser, BinarySizesMustFitTheShape) {
  EXPECT_EQ(ErrorOf(BinaryInput("FP32", "[2]", "7"), {}, "1234567"),
            "input 'x' of FP32 [2] takes 8 bytes; 7 were given");
  EXPECT_EQ(ErrorOf(BinaryInput("FP16", "[0]", "2"), {}, "12"), "input 'x' of FP16 [0] takes 0 bytes; 2 were given");
  EXPECT_EQ(ErrorOf(BinaryInput("BYTES", "[1]", "3"), {}, "abc"),
            "input 'x': BYTES element 0: 3 bytes are left, its length alone takes 4");
  EXPECT_EQ(ErrorOf(BinaryInput("BYTES", "[1]", "5"), {}, "\xFF\xFF\xFF\xFF."),
            "input 'x': BYTES element 0 says 4294967295 bytes; 1 are left");
  EXPECT_EQ(ErrorOf(BinaryInput("BYTES", "[2]", "4"), {}, std::string(4, '\0')),
            "input 'x': BYTES data holds 1 elements; the shape asks for 2");
  for (const char* size : {"-1", "1.5", "\"8\"", "null", "9223372036854775808", "true", "[8]"}) {
    EXPECT_THAT(ErrorOf(BinaryInput("FP32", "[2]", size), {}, "12345678"),
                HasSubstr("it must be an integer from 0 to 2^63-1"))
        << size;
  }
  EXPECT_EQ(ErrorOf(BinaryInput("FP32", "[2]", "9223372036854775807"), {}, "12345678"),
            "input 'x' says 9223372036854775807 bytes of binary data; 8 are left after the JSON and the inputs before "
            "it");
  EXPECT_EQ(
      ErrorOf(R"({"inputs":[{"name":"x","datatype":"INT8","shape":[1],"data":[1],)"
              R"("parameters":{"binary_data_size":1}}]})",
              {}, "x"),
      "input 'x' has more than one of 'data', 'binary_data_size' and 'shared_memory_region'; exactly one is needed");
}

TEST(InferRequestParser, HalfPrecisionComesAsBinary) {
  const std::string json = BinaryInput("BF16", "[2]", "4");
  const Body body(json, "abcd");
  const auto request = ParseInferRequest(body.bytes(), json.size(), Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(request->inputs[0].view.dtype, DType::kBF16);
  EXPECT_EQ(request->inputs[0].view.size_bytes, 4U);
}

TEST(InferRequestParser, AHeaderLongerThanTheBodyIsRefused) {
  const Body body("{}");
  EXPECT_EQ(ParseInferRequest(body.bytes(), 3, Limits{}).status().message(),
            "Inference-Header-Content-Length is 3; the body has 2 bytes");
  EXPECT_FALSE(ParseInferRequest(body.bytes(), std::numeric_limits<size_t>::max(), Limits{}).ok());
}

absl::StatusOr<ParsedInferRequest> Raw(std::string_view bytes, DType dtype, const Shape& port_shape) {
  return ParseRawInferRequest(std::as_bytes(std::span(bytes)), "x", dtype, port_shape, Limits{});
}

TEST(RawInferRequest, TheDynamicDimFollowsFromTheSize) {
  const std::string bytes(24, 'x');
  const std::tuple<DType, Shape, Shape> cases[] = {
      {DType::kF32, {-1}, {6}},      {DType::kF32, {-1, 3}, {2, 3}},        {DType::kF32, {2, -1}, {2, 3}},
      {DType::kF32, {2, 3}, {2, 3}}, {DType::kF32, {-1, -1, 2}, {1, 3, 2}}, {DType::kF16, {-1, 3, -1}, {1, 3, 4}},
      {DType::kU8, {1, 24}, {1, 24}}};
  for (const auto& [dtype, port, shape] : cases) {
    const auto request = Raw(bytes, dtype, port);
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_EQ(request->inputs[0].view.shape, shape) << port.ToString();
    EXPECT_EQ(request->inputs[0].view.data, reinterpret_cast<const std::byte*>(bytes.data()));
    EXPECT_EQ(request->inputs[0].name, "x");
    EXPECT_TRUE(request->binary_data_output);
    EXPECT_TRUE(request->outputs.empty());
  }
  EXPECT_EQ(Raw("", DType::kF32, {-1, 3})->inputs[0].view.shape, (Shape{0, 3}));
}

TEST(RawInferRequest, ABytesInputGetsTheBodyAsOneElement) {
  for (const Shape& port : {Shape{-1}, Shape{1}, Shape{-1, 1}, Shape{-1, -1}}) {
    const auto request = Raw("a picture", DType::kBytes, port);
    ASSERT_TRUE(request.ok()) << request.status();
    const TensorView& view = request->inputs[0].view;
    EXPECT_EQ(view.shape, port.rank() == 1 ? Shape{1} : (Shape{1, 1}));
    EXPECT_THAT(*BytesElements(view.bytes(), 1), ElementsAre("a picture"));
    EXPECT_NE(request->inputs[0].owned, nullptr);
  }
  EXPECT_THAT(*BytesElements(Raw("", DType::kBytes, {-1})->inputs[0].view.bytes(), 1), ElementsAre(""));
}

TEST(RawInferRequest, WhatDoesNotFitIsRefused) {
  EXPECT_EQ(Raw("1234567", DType::kF32, {-1}).status().message(),
            "a raw body of 7 bytes is no whole number of 4 bytes, as FP32 [-1] needs");
  EXPECT_EQ(Raw("1234", DType::kF32, {2}).status().message(), "input 'x' of FP32 [2] takes 8 bytes; 4 were given");
  EXPECT_EQ(Raw("1234", DType::kF32, {-1, -1, -1}).status().message(),
            "a raw body suits at most one dynamic dim besides the first; the input has [-1,-1,-1]");
  EXPECT_EQ(Raw("1234", DType::kF32, {2, -1, -1}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Raw("1234", DType::kF32, {0, -1}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Raw("1234", DType::kF32, {int64_t{1} << 62, -1}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Raw("a", DType::kBytes, {2}).status().message(), "a raw body is one BYTES element; the input has [2]");
  Limits limits;
  limits.request_elements_max = 3;
  EXPECT_EQ(ParseRawInferRequest(std::as_bytes(std::span("1234", 4)), "x", DType::kU8, {-1}, limits).status().message(),
            "a raw body of 4 elements; at most 3 are accepted (request_elements_max)");
}

}  // namespace
}  // namespace oarlock
