// A host program that shares the importer's libprotobuf, and has a message called as one of ONNX: protobuf would end
// it, so that Paddle models are refused, and everything else goes on.
#include "../fixture.h"
#include "onnx.pb.h"

namespace oarlock::capi_test {
namespace {

TEST(SharedProtobuf, IsRefusedInsteadOfEndingTheProcess) {
  const auto runtime = NewRuntime();
  auto options = Sized<oar_load_options>();
  options.cache = OAR_CACHE_NONE;
  oar_predictor predictor{0};
  oar_error* error = nullptr;
  EXPECT_EQ(
      oar_predictor_load(runtime.get(), OARLOCK_SOURCE_DIR "/tests/models/paddle/mlp", &options, &predictor, &error),
      OAR_FAILED_PRECONDITION);
  EXPECT_EQ(predictor.value, 0u);
  const std::string text = Taken(error);
  EXPECT_NE(text.find("'onnx.ModelProto'"), std::string::npos) << text;
  EXPECT_NE(text.find("oarlock convert"), std::string::npos) << text;
  EXPECT_EQ(onnx::ModelProto::descriptor()->FindFieldByName("numbers")->number(), 7) << "the host's own, as before";

  Owned<oar_predictor> other;
  EXPECT_TRUE(Ok(oar_predictor_load, runtime.get(), OARLOCK_SOURCE_DIR "/tests/models/onnx/relu_1x16.onnx", nullptr,
                 other.out()));
}

}  // namespace
}  // namespace oarlock::capi_test
