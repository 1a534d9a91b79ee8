// What is written is read back by protobuf's own library.
#include "server/grpc/infer_message_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oarlock/inference.pb.h"

namespace oarlock {
namespace {

using inference::ModelInferResponse;
using inference::ModelStreamInferResponse;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Joined(const MessageBytes& message) {
  std::string joined;
  size_t at = 0;
  for (const MessageBytes::Cut& cut : message.cuts) {
    joined += message.text.substr(at, cut.at - at);
    joined.append(reinterpret_cast<const char*>(cut.bytes.data()), cut.bytes.size());
    at = cut.at;
  }
  return joined + message.text.substr(at);
}

class InferMessageWriter : public testing::Test {
 protected:
  void Add(std::string_view name, DType dtype, const Shape& shape, const std::string& bytes) {
    outputs_.push_back({name, {dtype, shape, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()}, true});
  }
  InferResponseMessage Response() const { return {"m", "3", "id", false, outputs_}; }

  const std::string small_ = std::string(8, 'a');
  const std::string large_ = std::string(100'000, 'b');
  const std::string none_;
  std::vector<ResponseOutput> outputs_;
};

TEST_F(InferMessageWriter, ProtobufReadsItBack) {
  Add("small", DType::kF32, {1, 2}, small_);
  Add("large", DType::kU8, {100'000}, large_);
  Add("none", DType::kI64, {0, 4}, none_);
  Add("scalar", DType::kF64, {}, small_);
  const MessageBytes message = WriteInferMessage(Response());
  ASSERT_THAT(message.cuts, SizeIs(1)) << "only the large one is not copied";
  EXPECT_EQ(static_cast<const void*>(message.cuts[0].bytes.data()), large_.data());
  ModelInferResponse read;
  ASSERT_TRUE(read.ParseFromString(Joined(message)));
  EXPECT_EQ(read.model_name(), "m");
  EXPECT_EQ(read.model_version(), "3");
  EXPECT_EQ(read.id(), "id");
  EXPECT_THAT(read.parameters(), IsEmpty());
  ASSERT_THAT(read.outputs(), SizeIs(4));
  EXPECT_EQ(read.outputs(0).name(), "small");
  EXPECT_EQ(read.outputs(0).datatype(), "FP32");
  EXPECT_THAT(read.outputs(0).shape(), ElementsAre(1, 2));
  EXPECT_THAT(read.outputs(2).shape(), ElementsAre(0, 4));
  EXPECT_THAT(read.outputs(3).shape(), IsEmpty());
  EXPECT_FALSE(read.outputs(0).has_contents());
  EXPECT_THAT(read.raw_output_contents(), ElementsAre(small_, large_, none_, small_));
}

TEST_F(InferMessageWriter, InAStreamItStandsWithinAnotherMessage) {
  Add("large", DType::kU8, {100'000}, large_);
  Add("small", DType::kF32, {2}, small_);
  InferResponseMessage response = Response();
  response.final_marker = true;
  ModelStreamInferResponse read;
  ASSERT_TRUE(read.ParseFromString(Joined(WriteStreamMessage(response))));
  EXPECT_EQ(read.error_message(), "");
  EXPECT_THAT(read.infer_response().raw_output_contents(), ElementsAre(large_, small_));
  EXPECT_TRUE(read.infer_response().parameters().at("triton_final_response").bool_param());
}

TEST_F(InferMessageWriter, AnErrorInAStreamNamesItsRequest) {
  ModelStreamInferResponse read;
  ASSERT_TRUE(read.ParseFromString(Joined(WriteStreamError("no such model", "7"))));
  EXPECT_EQ(read.error_message(), "no such model");
  EXPECT_EQ(read.infer_response().id(), "7");
  EXPECT_THAT(read.infer_response().outputs(), IsEmpty());
}

}  // namespace
}  // namespace oarlock
