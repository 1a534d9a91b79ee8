#include "server/protocol/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/repository_fixture_test.h"
#include "server/protocol/prometheus_grammar_test.h"

namespace oarlock {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

class MetricsTest : public RepositoryTest {
 protected:
  Samples Read(const ServerFigures& figures = {}) {
    return PrometheusGrammar::Read(MetricsText(repository_->Models(), figures));
  }
  void Ask(std::string_view model, int rows, std::optional<uint64_t> version = {}) {
    const std::vector<float> x(static_cast<size_t>(4 * rows));
    InferenceResponse response;
    const auto picked = repository_->Pick(model, version, {});
    ASSERT_TRUE(picked.ok()) << picked.status();
    InferenceRequest request = Request(x);
    (void)picked->Infer(request, &response);
  }
};

TEST_F(MetricsTest, AServerWithoutModelsHasMetrics) {
  ServerFigures figures;
  figures.http_connections = 3;
  figures.http_requests = {{200, 7}, {404, 1}};
  figures.log_records_written = 5;
  figures.log_records_dropped = 2;
  figures.process = {
      .resident_bytes = 4096, .cpu_seconds = 1.5, .start_seconds = 1.7e9, .open_files = 9, .open_files_max = 1024};
  const Samples samples = Read(figures);
  EXPECT_EQ(samples.at("oarlock_http_connections"), 3);
  EXPECT_EQ(samples.at("oarlock_http_requests_total{code=\"200\"}"), 7);
  EXPECT_EQ(samples.at("oarlock_http_requests_total{code=\"404\"}"), 1);
  EXPECT_EQ(samples.at("oarlock_access_log_records_total"), 5);
  EXPECT_EQ(samples.at("oarlock_access_log_dropped_total"), 2);
  EXPECT_EQ(samples.at("process_resident_memory_bytes"), 4096);
  EXPECT_EQ(samples.at("process_cpu_seconds_total"), 1.5);
  EXPECT_EQ(samples.at("process_start_time_seconds"), 1.7e9);
  EXPECT_EQ(samples.at("process_open_fds"), 9);
  EXPECT_EQ(samples.at("process_max_fds"), 1024);
  EXPECT_EQ(samples.at("oarlock_build_info{version=\"" OARLOCK_VERSION "\"}"), 1);
}

TEST_F(MetricsTest, CountsAreThoseOfTheStatistics) {
  Put("m/1/m.fake", Add(1));
  Put("m/2/m.fake", Add(2) + "fail_run 4 UNAVAILABLE out of luck\n");
  MustApply(Of({Routed("m", {{1, 1}, {2, 0}})}));
  for (int i = 0; i < 3; ++i) Ask("m", 1);
  for (int i = 0; i < 8; ++i) Ask("m", 1, 2);
  const auto model = PredictorOf("m", 1)->model();
  const ModelStatistics statistics = model->statistics();
  const Samples samples = Read();
  const auto at = [&samples](std::string_view name, std::string_view more = "", std::string_view version = "1") {
    return samples.at(fmt::format("{}{{model=\"m\",version=\"{}\"{}}}", name, version, more));
  };
  EXPECT_EQ(at("nv_inference_request_success"), 3);
  EXPECT_EQ(at("nv_inference_count"), 3);
  EXPECT_EQ(at("nv_inference_exec_count"), 3);
  EXPECT_EQ(at("nv_inference_request_success", "", "2"), 6);
  EXPECT_EQ(at("nv_inference_request_failure", ",reason=\"BACKEND\"", "2"), 2);
  EXPECT_EQ(at("nv_inference_compute_infer_duration_us"), statistics.times.compute.count() / 1000);
  EXPECT_EQ(at("nv_inference_request_duration_us"), statistics.times.total().count() / 1000);
  EXPECT_EQ(at("nv_inference_pending_request_count"), 0);
  EXPECT_EQ(at("oarlock_executions"), 1);
  EXPECT_EQ(at("oarlock_compute_seconds_count"), 3);
  EXPECT_EQ(at("oarlock_compute_seconds_bucket", ",le=\"33.554432\""), 3);
  EXPECT_NEAR(at("oarlock_compute_seconds_sum"), static_cast<double>(statistics.times.compute.count()) / 1e9, 1e-12);
  EXPECT_EQ(at("oarlock_batch_rows_bucket", ",le=\"1\""), 3);
  EXPECT_EQ(at("oarlock_batch_rows_sum"), 3);
  for (const char* reason : {"REJECTED", "CANCELED", "BACKEND", "OTHER"}) {
    EXPECT_EQ(at("nv_inference_request_failure", fmt::format(",reason=\"{}\"", reason)), 0);
  }
  EXPECT_EQ(samples.at(
                fmt::format("oarlock_model_info{{model=\"m\",version=\"1\",engine=\"fake\",format=\"{}\",hash=\"{}\"}}",
                            NameOf(model->format), model->identity)),
            1);
  EXPECT_THAT(model->identity, Not(::testing::IsEmpty()));
}

TEST_F(MetricsTest, FailuresAreToldApart) {
  Put("m/m.fake", Add(1));
  Limits limits;
  limits.queue_requests_max = 1;
  repository_ = std::make_unique<Repository>(&stepped_, limits);
  MustApply(Of({Model("m")}));
  const auto picked = repository_->Pick("m", {}, {});
  ASSERT_TRUE(picked.ok());
  const std::vector<float> x(4);
  // The one execution is held, so the first waits, the second finds the queue full, and the first is cancelled.
  InferenceResponse held;
  ASSERT_TRUE(picked->Infer(Request(x), &held).ok());
  ASSERT_TRUE(held.holds_execution());
  const auto id = picked->InferAsync(Request(x), [](absl::Status, InferenceResponse) {});
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(Read().at("nv_inference_pending_request_count{model=\"m\",version=\"1\"}"), 1);
  EXPECT_FALSE(picked->InferAsync(Request(x), [](absl::Status, InferenceResponse) {}).ok());
  EXPECT_TRUE(picked->Cancel(*id));
  const Samples samples = Read();
  EXPECT_EQ(samples.at("nv_inference_request_failure{model=\"m\",version=\"1\",reason=\"REJECTED\"}"), 1);
  EXPECT_EQ(samples.at("nv_inference_request_failure{model=\"m\",version=\"1\",reason=\"CANCELED\"}"), 1);
  EXPECT_EQ(samples.at("nv_inference_request_failure{model=\"m\",version=\"1\",reason=\"BACKEND\"}"), 0);
  EXPECT_EQ(samples.at("oarlock_requests_dropped_total{model=\"m\",version=\"1\",reason=\"queue_full\"}"), 1);
  EXPECT_EQ(samples.at("oarlock_requests_dropped_total{model=\"m\",version=\"1\",reason=\"cancelled\"}"), 1);
  EXPECT_EQ(samples.at("nv_inference_pending_request_count{model=\"m\",version=\"1\"}"), 0);
}

TEST_F(MetricsTest, HostileNamesStayLabels) {
  Put("m/m.fake", Add(1));
  ModelConfig config = Model("m");
  config.name = "a\"} 1 \\{x=\"\xC3\xA4\"}, b";
  MustApply(Of({config}));
  Ask(config.name, 1);
  const Samples samples = Read();
  EXPECT_EQ(samples.at("nv_inference_request_success{model=\"a\\\"} 1 \\\\{x=\\\"\xC3\xA4\\\"}, b\",version=\"1\"}"),
            1);
}

}  // namespace
}  // namespace oarlock
