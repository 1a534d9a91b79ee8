#include "server/protocol/prometheus_text.h"

#include <gtest/gtest-spi.h>

#include "server/protocol/prometheus_grammar_test.h"

namespace oarlock {
namespace {

TEST(PrometheusText, IsWhatTheFormatSays) {
  PrometheusText text;
  text.Family("a_total", "counter", "Things.");
  text.Sample({}, int64_t{3});
  text.Sample({{"x", "1"}, {"y", ""}}, 0.25);
  text.Family("b_seconds", "histogram", "Times.");
  text.Histogram({{"x", "1"}}, std::vector<double>{1e-6, 0.5}, std::vector<int64_t>{1, 0, 2}, 7.5);
  text.Histogram({}, std::vector<double>{1}, std::vector<int64_t>{0, 0}, 0);
  EXPECT_EQ(std::move(text).Take(), R"(# HELP a_total Things.
# TYPE a_total counter
a_total 3
a_total{x="1",y=""} 0.25
# HELP b_seconds Times.
# TYPE b_seconds histogram
b_seconds_bucket{x="1",le="1e-06"} 1
b_seconds_bucket{x="1",le="0.5"} 1
b_seconds_bucket{x="1",le="+Inf"} 3
b_seconds_sum{x="1"} 7.5
b_seconds_count{x="1"} 3
b_seconds_bucket{le="1"} 0
b_seconds_bucket{le="+Inf"} 0
b_seconds_sum 0
b_seconds_count 0
)");
}

TEST(PrometheusText, HostileTextsStayWithinTheirQuotes) {
  PrometheusText text;
  text.Family("a", "gauge", "one\nline \\ \"here\"");
  text.Sample({{"x", "a\"} 1\n# TYPE b counter\nb{\\\""}, {"y", "\xC3\xA4{},=\t"}}, int64_t{-1});
  const std::string made = std::move(text).Take();
  EXPECT_EQ(made,
            "# HELP a one\\nline \\\\ \"here\"\n# TYPE a gauge\n"
            "a{x=\"a\\\"} 1\\n# TYPE b counter\\nb{\\\\\\\"\",y=\"\xC3\xA4{},=\t\"} -1\n");
  EXPECT_EQ(PrometheusGrammar::Read(made).size(), 1);
}

// The checker itself: what it must not let pass.
TEST(PrometheusGrammar, SeesWhatIsWrong) {
  constexpr const char* kWrong[] = {
      "a 1\n",
      "# HELP a A.\na 1\n",
      "# HELP a A.\n# TYPE a gauge\n# HELP a A.\n# TYPE a gauge\n",
      "# HELP a A.\n# TYPE a gauge\na 1\na 1\n",
      "# HELP a A.\n# TYPE a gauge\nb 1\n",
      "# HELP a A.\n# TYPE a gauge\na{x=\"\"\"} 1\n",
      "# HELP a A.\n# TYPE a gauge\na{x=\"\\t\"} 1\n",
      "# HELP a A.\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n",
      "# HELP a A.\n# TYPE a gauge\na{1x=\"1\"} 1\n",
      "# HELP a A.\n# TYPE a gauge\na one\n",
      "# HELP a A.\n# TYPE a counter\na -1\n",
      "# HELP a A.\n# TYPE a gauge\na 1",
      "# HELP a A.\n# TYPE a gauge\n\n",
      "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
      "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
      "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 2\n",
      "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1\n",
  };
  for (const char* text : kWrong) {
    ::testing::TestPartResultArray results;
    {
      const ::testing::ScopedFakeTestPartResultReporter reporter(
          ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
      (void)PrometheusGrammar::Read(text);
    }
    EXPECT_GT(results.size(), 0) << text;
  }
}

}  // namespace
}  // namespace oarlock
