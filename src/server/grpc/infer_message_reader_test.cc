// What is read is compared with what protobuf's own library wrote.
#include "server/grpc/infer_message_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/status.h"
#include "oarlock/inference.pb.h"

namespace oarlock {
namespace {

using inference::ModelInferRequest;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string Packed(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

ModelInferRequest Request(const std::vector<float>& values) {
  ModelInferRequest request;
  request.set_model_name("m");
  auto* const input = request.add_inputs();
  input->set_name("x");
  input->set_datatype("FP32");
  input->add_shape(1);
  input->add_shape(static_cast<int64_t>(values.size()));
  request.add_raw_input_contents(Packed(values));
  return request;
}

// The message in pieces that end at `cuts`; each in memory of its own, so that AddressSanitizer sees a step beyond.
class Message {
 public:
  explicit Message(const std::string& bytes, const std::vector<size_t>& cuts = {}) {
    size_t at = 0;
    for (const size_t cut : cuts) {
      Add(bytes.substr(at, cut - at));
      at = cut;
    }
    Add(bytes.substr(at));
  }
  absl::StatusOr<InferMessage> Read(const Limits& limits = {}) const { return ReadInferMessage(pieces_, limits); }

 private:
  void Add(const std::string& part) {
    auto memory = std::make_unique<std::byte[]>(part.size());
    std::memcpy(memory.get(), part.data(), part.size());
    pieces_.push_back({memory.get(), part.size()});
    memory_.push_back(std::move(memory));
  }
  std::vector<std::unique_ptr<std::byte[]>> memory_;
  std::vector<Segment> pieces_;
};

absl::StatusOr<InferMessage> Read(const ModelInferRequest& request, const Limits& limits = {}) {
  return Message(request.SerializeAsString()).Read(limits);
}

std::string BytesOf(const ParsedInput& input) {
  if (input.pieces.empty()) return {reinterpret_cast<const char*>(input.view.data), input.view.size_bytes};
  std::string bytes;
  for (const Segment& piece : input.pieces) {
    bytes.append(reinterpret_cast<const char*>(piece.data), piece.size_bytes);
  }
  return bytes;
}

void ExpectRefused(const ModelInferRequest& request, std::string_view text, const Limits& limits = {}) {
  const auto read = Read(request, limits);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(MessageOf(read.status())), HasSubstr(text));
}

TEST(InferMessageReader, ReadsWhatProtobufWrites) {
  ModelInferRequest request = Request({1, 2, 3});
  request.set_model_version("7");
  request.set_id("an id");
  (*request.mutable_parameters())["timeout"].set_int64_param(1500);
  (*request.mutable_parameters())["priority"].set_uint64_param(2);
  (*request.mutable_parameters())["triton_enable_empty_final_response"].set_bool_param(true);
  (*request.mutable_parameters())["custom"].set_double_param(0.5);
  auto* const output = request.add_outputs();
  output->set_name("y");
  (*output->mutable_parameters())["classification"].set_int64_param(3);
  const Message message(request.SerializeAsString());
  const auto read = message.Read();
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->model_name, "m");
  EXPECT_EQ(read->model_version, "7");
  EXPECT_TRUE(read->wants_final_marker);
  const ParsedInferRequest& parsed = read->request;
  EXPECT_EQ(parsed.id, "an id");
  EXPECT_EQ(parsed.timeout_us, 1500);
  EXPECT_EQ(parsed.priority, 2);
  EXPECT_TRUE(parsed.binary_data_output);
  ASSERT_THAT(parsed.inputs, SizeIs(1));
  EXPECT_EQ(parsed.inputs[0].name, "x");
  EXPECT_EQ(parsed.inputs[0].view.dtype, DType::kF32);
  EXPECT_EQ(parsed.inputs[0].view.shape, Shape({1, 3}));
  EXPECT_EQ(BytesOf(parsed.inputs[0]), Packed({1, 2, 3}));
  ASSERT_THAT(parsed.outputs, SizeIs(1));
  EXPECT_EQ(parsed.outputs[0].name, "y");
  EXPECT_EQ(parsed.outputs[0].classification, 3);
}

TEST(InferMessageReader, CutAnywhereItReadsTheSame) {
  ModelInferRequest request = Request({1, 2, 3});
  request.set_id("id");
  request.add_outputs()->set_name("y");
  (*request.mutable_parameters())["timeout"].set_int64_param(9);
  const std::string bytes = request.SerializeAsString();
  for (size_t first = 0; first <= bytes.size(); ++first) {
    for (size_t second = first; second <= bytes.size(); ++second) {
      const Message message(bytes, {first, second});
      const auto read = message.Read();
      ASSERT_TRUE(read.ok()) << first << " " << second << " " << read.status();
      EXPECT_EQ(read->request.id, "id");
      EXPECT_EQ(read->request.timeout_us, 9);
      EXPECT_EQ(BytesOf(read->request.inputs[0]), Packed({1, 2, 3}));
      EXPECT_EQ(read->request.inputs[0].view.size_bytes, 12U);
      EXPECT_EQ(read->request.outputs[0].name, "y");
    }
  }
}

TEST(InferMessageReader, BytesCutAnywhereAreReadTheSame) {
  ModelInferRequest request;
  request.set_model_name("m");
  auto* const input = request.add_inputs();
  input->set_name("s");
  input->set_datatype("BYTES");
  input->add_shape(3);
  std::string packed;
  for (const std::string_view element : {"first", "", "the third"}) {
    ASSERT_TRUE(AppendBytesElement(element, &packed).ok());
  }
  request.add_raw_input_contents(packed);
  const std::string bytes = request.SerializeAsString();
  for (size_t first = 0; first <= bytes.size(); ++first) {
    for (size_t second = first; second <= bytes.size(); ++second) {
      const Message message(bytes, {first, second});
      const auto read = message.Read();
      ASSERT_TRUE(read.ok()) << first << " " << second << " " << read.status();
      EXPECT_EQ(BytesOf(read->request.inputs[0]), packed);
    }
  }
  request.mutable_raw_input_contents(0)->pop_back();
  const std::string shorter = request.SerializeAsString();
  for (size_t cut = 0; cut <= shorter.size(); ++cut) {
    EXPECT_EQ(Message(shorter, {cut}).Read().status().code(), absl::StatusCode::kInvalidArgument) << cut;
  }
}

TEST(InferMessageReader, ATensorInOnePieceIsShownWhereItLies) {
  const std::string bytes = Request({1, 2}).SerializeAsString();
  const std::vector<Segment> pieces = {{reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}};
  const auto read = ReadInferMessage(pieces, {});
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->request.inputs[0].view.data, reinterpret_cast<const std::byte*>(bytes.data()) + bytes.size() - 8);
  EXPECT_EQ(read->request.inputs[0].owned, nullptr);
}

TEST(InferMessageReader, AFieldOfNothingAtTheEndIsRead) {
  const std::string bytes = Request({1, 2, 3}).SerializeAsString();
  using namespace std::string_literals;
  for (const std::string& field : {"\x0a\x00"s, "\x12\x00"s, "\x1a\x00"s, "\x22\x00"s, "\xa2\x06\x00"s}) {
    const auto read = Message(bytes + field).Read();
    EXPECT_EQ(read.status().code(), field[0] == 0x0a ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kOk);
  }
}

TEST(InferMessageReader, TruncatedItIsRefused) {
  const std::string bytes = Request({1, 2, 3}).SerializeAsString();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(Message(bytes.substr(0, size)).Read().status().code(), absl::StatusCode::kInvalidArgument) << size;
  }
}

TEST(InferMessageReader, ChangedAnywhereItNeverReadsBeyond) {
  std::mt19937 random(1);  // NOLINT: the same each time
  ModelInferRequest request = Request({1, 2, 3});
  auto* const typed = request.add_inputs();
  typed->set_name("t");
  typed->set_datatype("INT32");
  typed->add_shape(2);
  typed->mutable_contents()->add_int_contents(-1);
  typed->mutable_contents()->add_int_contents(70'000);
  (*request.mutable_parameters())["timeout"].set_int64_param(9);
  const std::string bytes = request.SerializeAsString();
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string changed = bytes;
    for (int i = 0; i < 1 + round % 3; ++i) changed[random() % changed.size()] = static_cast<char>(random());
    const Message message(changed, {random() % (changed.size() + 1)});
    const auto read = message.Read();
    taken += read.ok() ? 1 : 0;
    if (!read.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(read.status()) || absl::IsUnimplemented(read.status())) << read.status();
      continue;
    }
    for (const ParsedInput& input : read->request.inputs) EXPECT_EQ(BytesOf(input).size(), input.view.size_bytes);
  }
  EXPECT_LT(taken, 2'000) << "as it was, it has raw contents beside 'contents'; few changes undo that";
}

TEST(InferMessageReader, TypedContentsBecomeMemory) {
  ModelInferRequest request;
  request.set_model_name("m");
  const auto add = [&request](const char* name, const char* type, int64_t count) {
    auto* const input = request.add_inputs();
    input->set_name(name);
    input->set_datatype(type);
    input->add_shape(count);
    return input->mutable_contents();
  };
  auto* const flags = add("b", "BOOL", 2);
  flags->add_bool_contents(true);
  flags->add_bool_contents(false);
  auto* const i8 = add("i8", "INT8", 2);
  i8->add_int_contents(-128);
  i8->add_int_contents(127);
  auto* const u16 = add("u16", "UINT16", 1);
  u16->add_uint_contents(65'535);
  add("i64", "INT64", 1)->add_int64_contents(-5);
  add("u64", "UINT64", 1)->add_uint64_contents(UINT64_MAX);
  add("f", "FP32", 1)->add_fp32_contents(0.25F);
  add("d", "FP64", 1)->add_fp64_contents(-0.5);
  add("s", "BYTES", 1)->add_bytes_contents("ab");
  const auto read = Read(request);
  ASSERT_TRUE(read.ok()) << read.status();
  std::vector<std::string> bytes;
  for (const ParsedInput& input : read->request.inputs) bytes.push_back(BytesOf(input));
  using namespace std::string_literals;
  EXPECT_THAT(bytes, ElementsAre("\x01\x00"s, "\x80\x7f"s, "\xff\xff"s, "\xfb\xff\xff\xff\xff\xff\xff\xff"s,
                                 "\xff\xff\xff\xff\xff\xff\xff\xff"s, "\x00\x00\x80\x3e"s,
                                 "\x00\x00\x00\x00\x00\x00\xe0\xbf"s, "\x02\x00\x00\x00"s + "ab"));
}

TEST(InferMessageReader, TypedContentsThatDoNotFitAreRefused) {
  const auto with = [](const char* type, int64_t count, auto fill) {
    ModelInferRequest request;
    request.set_model_name("m");
    auto* const input = request.add_inputs();
    input->set_name("x");
    input->set_datatype(type);
    input->add_shape(count);
    fill(input->mutable_contents());
    return request;
  };
  ExpectRefused(with("INT8", 1, [](auto* to) { to->add_int_contents(128); }), "is 128, which is no INT8");
  ExpectRefused(with("UINT8", 1, [](auto* to) { to->add_uint_contents(256); }), "is 256, which is no UINT8");
  ExpectRefused(with("FP32", 2, [](auto* to) { to->add_fp32_contents(1); }), "another number of elements");
  ExpectRefused(with("FP32", 1, [](auto* to) { to->add_fp64_contents(1); }), "FP32 is in field 6");
  ExpectRefused(with("BYTES", 2, [](auto* to) { to->add_bytes_contents("a"); }), "another number of elements");
  ExpectRefused(with("FP16", 1, [](auto* to) { to->add_fp32_contents(1); }), "send it raw");
  ExpectRefused(with("INT64", int64_t{1} << 28, [](auto* to) { to->add_int64_contents(1); }),
                "another number of elements");
}

TEST(InferMessageReader, SharedMemoryTakesTheEntrysPlace) {
  ModelInferRequest request;
  request.set_model_name("m");
  for (const char* name : {"shared", "raw"}) {
    auto* const input = request.add_inputs();
    input->set_name(name);
    input->set_datatype("FP32");
    input->add_shape(1);
  }
  request.add_raw_input_contents(Packed({1}));
  auto& parameters = *request.mutable_inputs(0)->mutable_parameters();
  parameters["shared_memory_region"].set_string_param("r");
  parameters["shared_memory_byte_size"].set_int64_param(4);
  parameters["shared_memory_offset"].set_int64_param(8);
  auto* const output = request.add_outputs();
  output->set_name("y");
  (*output->mutable_parameters())["shared_memory_region"].set_string_param("s");
  const Message message(request.SerializeAsString());
  const auto read = message.Read();
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->request.inputs[0].shared_memory.has_value());
  EXPECT_EQ(read->request.inputs[0].shared_memory->region, "r");
  EXPECT_EQ(read->request.inputs[0].shared_memory->size_bytes, 4U);
  EXPECT_EQ(read->request.inputs[0].shared_memory->offset, 8U);
  EXPECT_EQ(BytesOf(read->request.inputs[1]).size(), 4U);
  ASSERT_TRUE(read->request.outputs[0].shared_memory.has_value());
  EXPECT_EQ(read->request.outputs[0].shared_memory->region, "s");
  EXPECT_EQ(read->request.outputs[0].shared_memory->size_bytes, std::nullopt);
  parameters["shared_memory_offset"].set_int64_param(-1);
  ExpectRefused(request, "'shared_memory_offset' must be an integer");
  parameters["shared_memory_offset"].set_int64_param(0);
  request.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1);
  ExpectRefused(request, "'contents' besides 'shared_memory_region'");
}

TEST(InferMessageReader, WhatIsMissingOrTwiceIsNamed) {
  ModelInferRequest request = Request({1});
  request.clear_model_name();
  ExpectRefused(request, "'model_name' is missing");
  request = Request({1});
  request.clear_inputs();
  ExpectRefused(request, "'inputs' is empty");
  request = Request({1});
  request.clear_raw_input_contents();
  ExpectRefused(request, "input 'x' has no data");
  request = Request({1});
  request.add_raw_input_contents("more");
  ExpectRefused(request, "2 raw_input_contents for 1 inputs");
  request = Request({1});
  *request.add_inputs() = request.inputs(0);
  request.add_raw_input_contents(request.raw_input_contents(0));
  ExpectRefused(request, "input 'x' is given twice");
  request = Request({1});
  request.add_outputs()->set_name("y");
  request.add_outputs()->set_name("y");
  ExpectRefused(request, "output 'y' is asked for twice");
  request = Request({1});
  request.mutable_inputs(0)->set_datatype("FP33");
  ExpectRefused(request, "'datatype' is 'FP33'");
  request = Request({1});
  request.mutable_raw_input_contents(0)->pop_back();
  ExpectRefused(request, "input 'x'");
}

TEST(InferMessageReader, ShapesThatAreNoneAreRefused) {
  const auto with = [](const std::vector<int64_t>& dims) {
    ModelInferRequest request = Request({1});
    request.mutable_inputs(0)->clear_shape();
    for (const int64_t dim : dims) request.mutable_inputs(0)->add_shape(dim);
    return request;
  };
  ExpectRefused(with({-1}), "'shape' has -1");
  ExpectRefused(with({INT64_MIN}), "'shape' has -9223372036854775808");
  ExpectRefused(with({int64_t{1} << 32, int64_t{1} << 32}), "input 'x'");
  ExpectRefused(with({INT64_MAX}), "request_elements_max");
  ExpectRefused(with(std::vector<int64_t>(300, 1)), "more than 8 dims");
  ExpectRefused(with({2}), "input 'x'");
}

TEST(InferMessageReader, LimitsHold) {
  Limits limits;
  limits.request_tensors_max = 2;
  limits.name_bytes_max = 16;
  ModelInferRequest request = Request({1});
  for (int i = 0; i < 2; ++i) request.add_raw_input_contents("");
  ExpectRefused(request, "more than 2 raw_input_contents", limits);
  request = Request({1});
  for (int i = 0; i < 3; ++i) request.add_outputs()->set_name(std::string(1, static_cast<char>('a' + i)));
  ExpectRefused(request, "more than 2 outputs", limits);
  request = Request({1});
  request.set_id(std::string(17, 'i'));
  ExpectRefused(request, "'id' has 17 bytes", limits);
}

TEST(InferMessageReader, AParameterOfTheWrongKindIsNamed) {
  ModelInferRequest request = Request({1});
  (*request.mutable_parameters())["timeout"].set_string_param("soon");
  ExpectRefused(request, "'timeout' must be an integer");
  (*request.mutable_parameters())["timeout"].set_int64_param(-1);
  ExpectRefused(request, "'timeout' must be an integer");
  request.clear_parameters();
  (*request.mutable_parameters())["sequence_id"].set_int64_param(0);
  EXPECT_TRUE(Read(request).ok());
  (*request.mutable_parameters())["sequence_id"].set_string_param("s");
  EXPECT_EQ(Read(request).status().code(), absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace oarlock
