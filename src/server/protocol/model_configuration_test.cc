#include "server/protocol/model_configuration.h"

#include <gmock/gmock.h>

#include "runtime/repository_fixture_test.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ModelConfigurationTest : public RepositoryTest {
 protected:
  // Of the model at `path`, served as `model` says.
  ModelConfiguration Of(ModelConfig model, std::optional<uint64_t> version = {}) {
    MustApply(RepositoryTest::Of({std::move(model)}));
    const Service service(repository_.get(), Limits());
    const auto metadata = service.Metadata("m", version);
    EXPECT_TRUE(metadata.ok()) << metadata.status();
    return metadata.ok() ? ModelConfigurationOf(*metadata) : ModelConfiguration();
  }
};

TEST_F(ModelConfigurationTest, WithoutBatchingDimsAreThoseOfTheModel) {
  Put("m.fake", "input a INT64 3\ninput b FP32 -1,2\noutput p INT64 3\noutput q FP32 -1,2\n");
  ModelConfig model = Model("m.fake");
  model.executions = 2;
  const ModelConfiguration made = Of(model);
  EXPECT_EQ(made.name, "m");
  EXPECT_EQ(made.platform, "fake_fake");
  EXPECT_EQ(made.backend, "fake");
  EXPECT_THAT(made.versions, ElementsAre(1));
  EXPECT_EQ(made.max_batch_size, 0);
  EXPECT_EQ(made.dynamic_batching, std::nullopt);
  EXPECT_EQ(made.executions, 2);
  ASSERT_EQ(made.inputs.size(), 2u);
  EXPECT_EQ(made.inputs[0].name, "a");
  EXPECT_EQ(made.inputs[0].dtype, DType::kI64);
  EXPECT_THAT(made.inputs[0].dims, ElementsAre(3));
  EXPECT_THAT(made.inputs[1].dims, ElementsAre(-1, 2));
  ASSERT_EQ(made.outputs.size(), 2u);
  EXPECT_EQ(made.outputs[1].name, "q");
  EXPECT_THAT(made.outputs[1].dims, ElementsAre(-1, 2));
}

TEST_F(ModelConfigurationTest, WithBatchingTheFirstDimIsTheBatchs) {
  Put("m.fake", "input x FP32 -1,4\ninput n INT64 -1\noutput y FP32 -1,4\noutput o INT64 -1\n");
  ModelConfig model = Model("m.fake");
  model.batching.emplace();
  model.batching->max_batch_size = 8;
  model.batching->buckets = {2, 8};
  model.batching->delay_max = std::chrono::microseconds(300);
  const ModelConfiguration made = Of(model);
  EXPECT_EQ(made.max_batch_size, 8);
  EXPECT_THAT(made.inputs[0].dims, ElementsAre(4));
  EXPECT_THAT(made.inputs[1].dims, IsEmpty());
  EXPECT_THAT(made.outputs[0].dims, ElementsAre(4));
  EXPECT_THAT(made.outputs[1].dims, IsEmpty());
  ASSERT_TRUE(made.dynamic_batching);
  EXPECT_THAT(made.dynamic_batching->preferred_batch_sizes, ElementsAre(2, 8));
  EXPECT_EQ(made.dynamic_batching->queue_delay_max.count(), 300);
}

TEST_F(ModelConfigurationTest, NamesTheVersionsThatAreServed) {
  for (const int version : {1, 2, 10}) Put(fmt::format("m/{}/net.fake", version), Add(version));
  EXPECT_THAT(Of(Model("m")).versions, ElementsAre(10));
  EXPECT_THAT(Of(Routed("m", {{1, 1}, {2, 1}}), 2).versions, ElementsAre(1, 2));
}

TEST(ConfigurationTypeName, IsTritons) {
  EXPECT_EQ(ConfigurationTypeName(DType::kF32), "TYPE_FP32");
  EXPECT_EQ(ConfigurationTypeName(DType::kBool), "TYPE_BOOL");
  EXPECT_EQ(ConfigurationTypeName(DType::kU8), "TYPE_UINT8");
  EXPECT_EQ(ConfigurationTypeName(DType::kBF16), "TYPE_BF16");
  EXPECT_EQ(ConfigurationTypeName(DType::kBytes), "TYPE_STRING");
}

}  // namespace
}  // namespace oarlock
