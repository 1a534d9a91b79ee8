#include "server/grpc/reflection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "oarlock/reflection.pb.h"

namespace oarlock {
namespace {

using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

ServerReflectionResponse Ask(const ServerReflectionRequest& request) {
  const auto answer = AnswerReflection(request.SerializeAsString());
  EXPECT_TRUE(answer.ok()) << answer.status();
  ServerReflectionResponse response;
  EXPECT_TRUE(answer.ok() && response.ParseFromString(*answer));
  EXPECT_EQ(response.original_request().SerializeAsString(), request.SerializeAsString());
  return response;
}

TEST(Reflection, ListsWhatIsServed) {
  ServerReflectionRequest request;
  request.set_list_services("*");
  std::vector<std::string> names;
  const ServerReflectionResponse response = Ask(request);
  for (const auto& service : response.list_services_response().service()) names.push_back(service.name());
  EXPECT_THAT(names, UnorderedElementsAre("inference.GRPCInferenceService", "grpc.health.v1.Health",
                                          "grpc.reflection.v1alpha.ServerReflection"));
}

TEST(Reflection, FindsTheFileOfASymbol) {
  for (const char* symbol :
       {"inference.GRPCInferenceService", "inference.GRPCInferenceService.ModelInfer", "inference.ModelInferRequest",
        "inference.ModelInferRequest.InferInputTensor", "inference.DataType", "inference.ModelInstanceGroup.Kind"}) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(symbol);
    const ServerReflectionResponse response = Ask(request);
    ASSERT_THAT(response.file_descriptor_response().file_descriptor_proto(), SizeIs(1)) << symbol;
    EXPECT_THAT(response.file_descriptor_response().file_descriptor_proto(0), HasSubstr("oarlock/inference.proto"));
  }
}

TEST(Reflection, FindsAFileByItsName) {
  ServerReflectionRequest request;
  request.set_file_by_filename("oarlock/health.proto");
  EXPECT_THAT(Ask(request).file_descriptor_response().file_descriptor_proto(), SizeIs(1));
}

TEST(Reflection, SaysWhatThereIsNot) {
  ServerReflectionRequest request;
  request.set_file_containing_symbol("inference.Nothing");
  EXPECT_EQ(Ask(request).error_response().error_code(), static_cast<int>(absl::StatusCode::kNotFound));
  request.set_all_extension_numbers_of_type("inference.ModelConfig");
  EXPECT_EQ(Ask(request).error_response().error_code(), static_cast<int>(absl::StatusCode::kUnimplemented));
  EXPECT_EQ(AnswerReflection("\xff").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace oarlock
