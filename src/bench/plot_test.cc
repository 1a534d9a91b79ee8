#include "bench/plot.h"

#include <gmock/gmock.h>

#include "bench/measured_test.h"

namespace oarlock {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The elements that are open where the text ends; what closes and was not open is told as "</NAME>".
std::vector<std::string> OpenElements(std::string_view svg) {
  std::vector<std::string> open;
  for (size_t at = svg.find('<'); at != std::string_view::npos; at = svg.find('<', at + 1)) {
    const size_t end = svg.find('>', at);
    if (end == std::string_view::npos) return {"<"};
    const std::string_view tag = svg.substr(at + 1, end - at - 1);
    const std::string name(tag.substr(0, tag.find_first_of(" /", 1)));
    if (tag.starts_with('/')) {
      if (open.empty() || "/" + open.back() != name) return {"<" + name + ">"};
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
  }
  return open;
}

int Count(std::string_view text, std::string_view part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(LatencyPlot, IsWellFormedAndNamesEachTarget) {
  Comparison comparison;
  comparison.measured = {MadeUp("a & <b>", 1), MadeUp("slow", 300)};
  const std::string svg = LatencyPlot(comparison, "ours < theirs");
  EXPECT_TRUE(OpenElements(svg).empty());
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, HasSubstr(">a &amp; &lt;b&gt;</text>"));
  EXPECT_THAT(svg, HasSubstr(">slow</text>"));
  EXPECT_THAT(svg, HasSubstr("<title>ours &lt; theirs</title>"));
  EXPECT_EQ(Count(svg, "<polyline"), 2);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(LatencyPlot, AxisGoesFromOnePowerOfTenToAnother) {
  Comparison comparison;
  comparison.measured = {MadeUp("fast", 1), MadeUp("slow", 300)};  // 1 us to 30,000 us
  const std::string svg = LatencyPlot(comparison, "t");
  for (const char* mark : {">1</text>", ">2</text>", ">10</text>", ">1000</text>", ">50000</text>", ">100000</text>"}) {
    EXPECT_EQ(Count(svg, mark), 1) << mark;
  }
  EXPECT_THAT(svg, Not(HasSubstr(">0.5</text>")));
  EXPECT_THAT(svg, Not(HasSubstr(">200000</text>")));
}

TEST(LatencyPlot, OfOneLatencyHasAnAxis) {
  Comparison comparison;
  comparison.measured = {MadeUp("one", 1)};
  comparison.measured[0].blocks[0].latencies_ns = {0};
  comparison.measured[0].blocks[1].latencies_ns.clear();
  const std::string svg = LatencyPlot(comparison, "t");
  EXPECT_TRUE(OpenElements(svg).empty());
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_EQ(Count(svg, "<polyline"), 1);
}

TEST(LatencyPlot, LeavesOutWhatTellsNoLatencies) {
  Comparison comparison;
  comparison.measured = {WithoutLatencies("program"), MadeUp("model", 1)};
  const std::string svg = LatencyPlot(comparison, "t");
  EXPECT_EQ(Count(svg, "<polyline"), 1);
  EXPECT_THAT(svg, Not(HasSubstr("program")));
  comparison.measured.pop_back();
  EXPECT_EQ(LatencyPlot(comparison, "t"), "");
}

}  // namespace
}  // namespace oarlock
