// `batching` of an entry of models.yaml, and of model.yaml.
#include "model/batching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "model/manifest.h"
#include "model/models_config.h"
#include "model/scratch_model_test.h"

namespace oarlock {
namespace {

using std::chrono::microseconds;
using ::testing::ElementsAre;

absl::StatusOr<std::optional<BatchingOptions>> Parse(std::string_view batching) {
  auto config =
      ParseModelsConfig(fmt::format("schema: 1\nmodels:\n  - path: a\n    batching: {}\n", batching), "models.yaml");
  if (!config.ok()) return config.status();
  return config->models.at(0).batching;
}

std::string Refusal(std::string_view batching) {
  const auto options = Parse(batching);
  if (options.ok()) return "";
  EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument) << options.status();
  return std::string(MessageOf(options.status()));
}

TEST(BatchingOptions, AreReadFromAnEntry) {
  const auto options =
      Parse("{max_batch_size: 8, max_delay_us: 500, eager: false, buckets: [1, 4, 8], batchable: true}");
  ASSERT_TRUE(options.ok()) << options.status();
  ASSERT_TRUE(options->has_value());
  EXPECT_EQ((*options)->max_batch_size, 8);
  EXPECT_EQ((*options)->delay_max, microseconds(500));
  EXPECT_FALSE((*options)->eager);
  EXPECT_THAT((*options)->buckets, ElementsAre(1, 4, 8));
  EXPECT_TRUE((*options)->batchable);
  EXPECT_TRUE((*options)->enabled());
}

TEST(BatchingOptions, AreOffUnlessAsked) {
  EXPECT_FALSE(BatchingOptions().enabled());
  EXPECT_EQ(**Parse("{}"), BatchingOptions());  // said, and goes before the manifest's
  EXPECT_TRUE(BatchingOptions().eager);
  EXPECT_EQ(BatchingOptions().delay_max.count(), 0);
  const auto config = ParseModelsConfig("{schema: 1, models: [{path: a}]}", "models.yaml");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_FALSE(config->models[0].batching.has_value());
}

TEST(BatchingOptions, RefusalsHaveAPlace) {
  EXPECT_EQ(Refusal("8"), "models.yaml:4:15: 'batching' is '8'; it must be a mapping");
  EXPECT_EQ(Refusal("{max_batchsize: 8}"),
            "models.yaml:4:16: unknown key 'max_batchsize'; did you mean 'max_batch_size'?");
  EXPECT_EQ(Refusal("{max_batch_size: 1025}"),
            "models.yaml:4:32: 'max_batch_size' is '1025'; it must be an integer from 0 to 1024");
  EXPECT_EQ(Refusal("{max_batch_size: -1}"),
            "models.yaml:4:32: 'max_batch_size' is '-1'; it must be an integer from 0 to 1024");
  EXPECT_EQ(Refusal("{max_delay_us: 60000001}"),
            "models.yaml:4:30: 'max_delay_us' is '60000001'; it must be an integer from 0 to 60000000");
  EXPECT_EQ(Refusal("{eager: yes}"), "models.yaml:4:23: 'eager' is 'yes'; it must be true or false");
  EXPECT_EQ(Refusal("{batchable: 1}"), "models.yaml:4:27: 'batchable' is '1'; it must be true or false");
  EXPECT_EQ(Refusal("{max_batch_size: 8, buckets: 4}"),
            "models.yaml:4:44: 'buckets' is '4'; it must be a list of integers");
  EXPECT_EQ(Refusal("{max_batch_size: 8, buckets: [4, four]}"),
            "models.yaml:4:48: 'buckets' holds 'four'; it must hold integers from 1 to 1024");
  EXPECT_EQ(Refusal("{max_batch_size: 8, buckets: [0]}"),
            "models.yaml:4:45: 'buckets' holds '0'; it must hold integers from 1 to 1024");
  for (const auto& [buckets, wrong] : {std::pair("[4, 4]", 4), std::pair("[4, 2, 8]", 2), std::pair("[4, 16]", 16)}) {
    EXPECT_EQ(Refusal(fmt::format("{{max_batch_size: 8, buckets: {}}}", buckets)),
              fmt::format("models.yaml:4:44: 'buckets' holds {}; sizes must ascend, from 1 to 'max_batch_size', which "
                          "is 8",
                          wrong));
  }
  EXPECT_EQ(Refusal("{buckets: [1]}"),
            "models.yaml:4:25: 'buckets' holds 1; sizes must ascend, from 1 to 'max_batch_size', which is 0");
}

TEST(BatchingOptions, TheLimitOnRowsIsTheFilesOwn) {
  EXPECT_TRUE(ParseModelsConfig("{schema: 1, limits: {batch_rows_max: 2000}, models: [{path: a, batching: "
                                "{max_batch_size: 2000}}]}",
                                "models.yaml")
                  .ok());
  Limits limits;
  limits.batch_rows_max = 4;
  BatchingOptions options;
  options.max_batch_size = 5;
  EXPECT_EQ(MessageOf(Check(options, limits)),
            "'max_batch_size' is 5; it must be from 0 (off) to 4 (limit `batch_rows_max`)");
  options.max_batch_size = 4;
  EXPECT_TRUE(Check(options, limits).ok());
  options.delay_max = microseconds(-1);
  EXPECT_EQ(MessageOf(Check(options, limits)), "'max_delay_us' is -1; it must be from 0 to 60000000");
}

TEST(BatchingOptions, RowsArePaddedToTheSmallestBucketThatHoldsThem) {
  BatchingOptions options;
  options.max_batch_size = 10;
  for (int64_t rows = 1; rows <= 10; ++rows) EXPECT_EQ(options.PaddedRows(rows), rows);
  options.buckets = {2, 5};
  const int64_t padded[] = {2, 2, 5, 5, 5, 6, 7, 8, 9, 10};  // above the last they run as they are
  for (int64_t rows = 1; rows <= 10; ++rows) EXPECT_EQ(options.PaddedRows(rows), padded[rows - 1]) << rows;
}

TEST(BatchingOptions, PrintWhatReadsBack) {
  ModelsConfig config;
  ModelConfig& model = config.models.emplace_back();
  model.path = "/a";
  BatchingOptions& options = model.batching.emplace();
  options.max_batch_size = 16;
  options.delay_max = microseconds(1234);
  options.eager = false;
  options.buckets = {3, 16};
  options.batchable = true;
  const auto back = ParseModelsConfig(PrintModelsConfig(config), "models.yaml");
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back->models[0].batching, options);
}

using BatchingManifest = ScratchModel;

TEST_F(BatchingManifest, SaysItToo) {
  const auto path = Put("model.yaml", "schema: 1\nbatching:\n  max_batch_size: 4\n  buckets: [2, 4]\n");
  const auto root = Root::Open(root_);
  ASSERT_TRUE(root.ok()) << root.status();
  const auto manifest = ReadManifest(**root, path, Limits());
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  ASSERT_TRUE(manifest->batching.has_value());
  EXPECT_EQ(manifest->batching->max_batch_size, 4);
  EXPECT_THAT(manifest->batching->buckets, ElementsAre(2, 4));
  Put("model.yaml", "schema: 1\nbatching:\n  max_batch_size: 4\n  buckets: [2, 8]\n");
  EXPECT_EQ(MessageOf(ReadManifest(**root, path, Limits()).status()),
            path.string() + ":4:12: 'buckets' holds 8; sizes must ascend, from 1 to 'max_batch_size', which is 4");
}

}  // namespace
}  // namespace oarlock
