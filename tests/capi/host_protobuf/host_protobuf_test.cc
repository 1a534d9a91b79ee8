// A host program that carries a protobuf of its own, with messages called as those of ONNX, Paddle and KServe: the
// library, whose importer brings another protobuf with it, gives right numbers, and the host's messages are still its
// own.
#include <cmath>
#include <fstream>
#include <iterator>

#include "../fixture.h"
#include "framework.pb.h"
#include "inference.pb.h"
#include "onnx.pb.h"

namespace oarlock::capi_test {
namespace {

void ExpectOwnMessages() {
  onnx::ModelProto model;
  model.set_note("not a model");
  model.add_numbers(-1);
  model.mutable_graph()->set_blob(std::string("\0\1", 2));
  std::string bytes;
  ASSERT_TRUE(model.SerializeToString(&bytes));
  onnx::ModelProto back;
  ASSERT_TRUE(back.ParseFromString(bytes));
  EXPECT_EQ(back.note(), "not a model");
  ASSERT_EQ(back.numbers_size(), 1);
  EXPECT_EQ(back.numbers(0), -1);
  EXPECT_EQ(back.graph().blob(), std::string("\0\1", 2));
  EXPECT_EQ(onnx::ModelProto::descriptor()->field_count(), 3) << "the host's own, by reflection";
  EXPECT_EQ(onnx::ModelProto::descriptor()->FindFieldByName("numbers")->number(), 7);

  paddle::framework::proto::ProgramDesc program;
  EXPECT_FALSE(program.ParseFromString("")) << "its title is required";
  program.set_title("no program");
  ASSERT_TRUE(program.SerializeToString(&bytes));
  paddle::framework::proto::ProgramDesc program_back;
  ASSERT_TRUE(program_back.ParseFromString(bytes));
  EXPECT_EQ(program_back.title(), "no program");

  const google::protobuf::DescriptorPool* const pool = google::protobuf::DescriptorPool::generated_pool();
  EXPECT_EQ(pool->FindMessageTypeByName("onnx.ModelProto"), onnx::ModelProto::descriptor());
  EXPECT_EQ(pool->FindMessageTypeByName("inference.ModelInferRequest"), inference::ModelInferRequest::descriptor());
  EXPECT_EQ(pool->FindMessageTypeByName("onnx.NodeProto"), nullptr) << "that is the importer's";
}

// The numbers of a .npy file: a header whose size stands at byte 8, then floats.
std::vector<float> NumbersOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.size() < 10) return {};
  const size_t begin =
      10 + static_cast<unsigned char>(bytes[8]) + 256 * static_cast<size_t>(static_cast<unsigned char>(bytes[9]));
  std::vector<float> numbers((bytes.size() - begin) / sizeof(float));
  std::memcpy(numbers.data(), bytes.data() + begin, numbers.size() * sizeof(float));
  return numbers;
}

TEST(HostProtobuf, MeetsTheImportersAndBothAreRight) {
  ExpectOwnMessages();
  const std::string model = OARLOCK_SOURCE_DIR "/tests/models/paddle/mlp";
  const auto runtime = NewRuntime();
  auto options = Sized<oar_load_options>();
  options.cache = OAR_CACHE_NONE;  // so that the importer is asked each time
  Owned<oar_predictor> predictor;
  ASSERT_TRUE(Ok(oar_predictor_load, runtime.get(), model.c_str(), &options, predictor.out()));
  auto description = Sized<oar_model_description>();
  ASSERT_TRUE(Ok(oar_predictor_describe, predictor.get(), &description));
  ASSERT_EQ(description.is_converted, 1) << "the importer was not asked, so nothing is tested";
  ExpectOwnMessages();

  const std::vector<float> wanted = NumbersOf(model + "/out.0.npy");
  const std::vector<float> numbers = NumbersOf(model + "/in.x.npy");
  ASSERT_FALSE(wanted.empty());
  auto port = Sized<oar_port>();
  ASSERT_TRUE(Ok(oar_predictor_input, predictor.get(), size_t{0}, &port));
  const int64_t columns = port.dims[1];
  const auto x = Of<float>({static_cast<int64_t>(numbers.size()) / columns, columns}, numbers);
  Owned<oar_tensor> y;
  const oar_tensor input = x.get();
  ASSERT_TRUE(Ok(oar_predictor_infer, predictor.get(), nullptr, &input, size_t{1}, y.out(), size_t{1}));
  const std::vector<float> results = Elements<float>(y.get());
  ASSERT_EQ(results.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(results[i], wanted[i], 1e-5) << i;
  ExpectOwnMessages();
}

}  // namespace
}  // namespace oarlock::capi_test
