#include "server/http/infer_response_writer.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "server/http/infer_request_parser.h"

namespace oarlock {
namespace {

template <typename T>
TensorView View(const std::vector<T>& values, Shape shape) {
  return {DTypeOf<T>(), shape, reinterpret_cast<const std::byte*>(values.data()), values.size() * sizeof(T)};
}

// What stands in "data" of an answer with one JSON output.
std::string DataOf(const TensorView& view) {
  const ResponseOutput output{"y", view, false};
  const auto written = WriteInferResponse({"m", "1", "", {&output, 1}});
  EXPECT_TRUE(written.ok()) << written.status();
  if (!written.ok()) return "";
  const size_t begin = written->json.find("\"data\":") + 7;
  return written->json.substr(begin, written->json.size() - begin - 3);
}

std::string ErrorOf(const TensorView& view) {
  const ResponseOutput output{"y", view, false};
  const auto written = WriteInferResponse({"m", "1", "", {&output, 1}});
  EXPECT_EQ(written.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(written.status().message());
}

TEST(InferResponseWriter, JsonOutputsHaveNoParameters) {
  const std::vector<int32_t> values = {1, -2};
  const ResponseOutput output{"y", View(values, {1, 2}), false};
  const auto written = WriteInferResponse({"m", "3", "", {&output, 1}});
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->json, R"({"model_name":"m","model_version":"3","outputs":[)"
                           R"({"name":"y","datatype":"INT32","shape":[1,2],"data":[1,-2]}]})");
  EXPECT_FALSE(written->has_binary());
}

TEST(InferResponseWriter, BinaryOutputsAreNotCopied) {
  const std::vector<float> first = {1, 2};
  const std::vector<int64_t> second = {7};
  const std::vector<float> third;
  const ResponseOutput outputs[] = {
      {"a", View(first, {2}), true}, {"b", View(second, {1}), false}, {"c", View(third, {0, 4}), true}};
  const auto written = WriteInferResponse({"m", "1", "re\"q", outputs});
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->json, R"({"model_name":"m","model_version":"1","id":"re\"q","outputs":[)"
                           R"({"name":"a","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}},)"
                           R"({"name":"b","datatype":"INT64","shape":[1],"data":[7]},)"
                           R"({"name":"c","datatype":"FP32","shape":[0,4],"parameters":{"binary_data_size":0}}]})");
  ASSERT_EQ(written->binary.size(), 2U);
  EXPECT_EQ(written->binary[0].data(), reinterpret_cast<const std::byte*>(first.data()));
  EXPECT_EQ(written->binary[0].size(), 8U);
  EXPECT_EQ(written->binary[1].size(), 0U);
}

TEST(InferResponseWriter, OutputsInSharedMemoryHaveNeitherDataNorParameters) {
  const std::vector<float> values = {1};
  const ResponseOutput outputs[] = {{"a", {DType::kBytes, {2, 3}}, false, true}, {"b", View(values, {1}), true}};
  const auto written = WriteInferResponse({"m", "1", "", outputs});
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->json, R"({"model_name":"m","model_version":"1","outputs":[)"
                           R"({"name":"a","datatype":"BYTES","shape":[2,3]},)"
                           R"({"name":"b","datatype":"FP32","shape":[1],"parameters":{"binary_data_size":4}}]})");
  EXPECT_EQ(written->binary.size(), 1U);
}

TEST(InferResponseWriter, EveryDatatypeIsWritten) {
  EXPECT_EQ(DataOf(View<uint8_t>({0, 255}, {2})), "[0,255]");
  EXPECT_EQ(DataOf(View<uint16_t>({65535}, {1})), "[65535]");
  EXPECT_EQ(DataOf(View<uint32_t>({4294967295U}, {1})), "[4294967295]");
  EXPECT_EQ(DataOf(View<uint64_t>({18446744073709551615ULL}, {1})), "[18446744073709551615]");
  EXPECT_EQ(DataOf(View<int8_t>({-128, 127}, {2})), "[-128,127]");
  EXPECT_EQ(DataOf(View<int16_t>({-32768}, {1})), "[-32768]");
  EXPECT_EQ(DataOf(View<int32_t>({-2147483647 - 1}, {1})), "[-2147483648]");
  EXPECT_EQ(DataOf(View<int64_t>({std::numeric_limits<int64_t>::min()}, {1})), "[-9223372036854775808]");
  EXPECT_EQ(DataOf(View<float>({0.1F, -0.0F, 1, 16777216, 1e-45F, 3.4028235e38F}, {6})),
            "[0.1,-0,1,16777216,1e-45,3.4028235e+38]");
  EXPECT_EQ(DataOf(View<double>({0.1, 1e300}, {2})), "[0.1,1e+300]");
  const std::vector<uint8_t> bools = {0, 1, 2};
  TensorView view = View(bools, {3});
  view.dtype = DType::kBool;
  EXPECT_EQ(DataOf(view), "[false,true,true]");
  const auto strings = Tensor::FromStrings(std::vector<std::string>{"a\"", "", "é\n"});
  EXPECT_EQ(DataOf(strings->view()), R"(["a\"","","é\n"])");
  EXPECT_EQ(DataOf(View<float>({}, {0, 3})), "[]");
}

TEST(InferResponseWriter, ReadsUnalignedMemory) {
  const float value = 2.5F;
  std::vector<std::byte> bytes(5);
  std::memcpy(bytes.data() + 1, &value, 4);
  EXPECT_EQ(DataOf({DType::kF32, {1}, bytes.data() + 1, 4}), "[2.5]");
}

TEST(InferResponseWriter, WhatJsonCannotSayIsAnErrorThatTellsTheWayOut) {
  EXPECT_EQ(ErrorOf(View<float>({1, NAN}, {2})),
            "output 'y' has nan at element 1, which JSON cannot say; ask for it with binary_data");
  EXPECT_EQ(ErrorOf(View<double>({-INFINITY}, {1})),
            "output 'y' has -inf at element 0, which JSON cannot say; ask for it with binary_data");
  const std::vector<uint16_t> halves = {0};
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    TensorView view = View(halves, {1});
    view.dtype = dtype;
    EXPECT_EQ(ErrorOf(view),
              "output 'y' is " + std::string(NameOf(dtype)) + ", which JSON cannot say; ask for it with binary_data");
    const ResponseOutput output{"y", view, true};
    EXPECT_TRUE(WriteInferResponse({"m", "1", "", {&output, 1}}).ok());
  }
  const auto strings = Tensor::FromStrings(std::vector<std::string>{"ok", "\xFF"});
  EXPECT_EQ(ErrorOf(strings->view()),
            "output 'y' has bytes that are not UTF-8 at element 1, which JSON cannot say; ask for it with binary_data");
}

TEST(InferResponseWriter, AViewThatIsNotWholeIsAnError) {
  const std::vector<float> values = {1, 2};
  EXPECT_EQ(ErrorOf(View(values, {3})), "output 'y' of FP32 [3] takes 12 bytes; 8 were given");
}

// Written by the server, read back as a client's request: the same bits.
TEST(InferResponseWriter, FloatsSurviveTheRoundTrip) {
  std::minstd_rand random(11);
  std::vector<float> values;
  while (values.size() < 20'000) {
    const auto value = std::bit_cast<float>(static_cast<uint32_t>(random() << 1 ^ random() << 17));
    if (std::isfinite(value)) values.push_back(value);
  }
  const std::string data = DataOf(View(values, {20'000}));
  std::string body = R"({"inputs":[{"name":"x","datatype":"FP32","shape":[20000],"data":)" + data + "}]}";
  const size_t size = body.size();
  body.append(kBodyPaddingBytes, ' ');
  const auto request = ParseInferRequest(std::as_bytes(std::span(body)).first(size), size, Limits{});
  ASSERT_TRUE(request.ok()) << request.status();
  EXPECT_EQ(std::memcmp(request->inputs[0].view.data, values.data(), values.size() * sizeof(float)), 0);
}

}  // namespace
}  // namespace oarlock
