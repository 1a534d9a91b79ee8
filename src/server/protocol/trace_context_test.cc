#include "server/protocol/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace oarlock {
namespace {

using ::testing::MatchesRegex;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";
constexpr char kWhole[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, IsReadAsTheStandardSays) {
  const auto context = ParseTraceparent(kWhole);
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_id, kTrace);
  EXPECT_EQ(context->span_id, kSpan);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(context->Text(), kWhole);
}

TEST(TraceContext, OfTheFlagsOnlySampledCounts) {
  constexpr std::pair<const char*, bool> kFlags[] = {{"00", false}, {"01", true}, {"02", false}, {"03", true},
                                                     {"0e", false}, {"0f", true}, {"fe", false}, {"ff", true}};
  for (const auto& [flags, sampled] : kFlags) {
    const auto context = ParseTraceparent(std::string(kWhole, sizeof kWhole - 3) + flags);
    ASSERT_TRUE(context.has_value()) << flags;
    EXPECT_EQ(context->sampled, sampled) << flags;
    EXPECT_THAT(context->Text(), ::testing::EndsWith(sampled ? "-01" : "-00"));
  }
}

TEST(TraceContext, AnythingElseIsNone) {
  const std::string whole = kWhole;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char c : {'g', 'A', ' ', '\0', '/', ':', '`', '_'}) {
      std::string changed = whole;
      changed[at] = c;
      EXPECT_FALSE(ParseTraceparent(changed).has_value()) << changed;
    }
    EXPECT_FALSE(ParseTraceparent(whole.substr(0, at)).has_value()) << at;
  }
  for (const char* text : {"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                           "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
                           " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                           "004bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01--"}) {
    EXPECT_FALSE(ParseTraceparent(text).has_value()) << text;
  }
  // A header that comes twice.
  EXPECT_FALSE(ParseTraceparent(whole + ", " + whole).has_value());
}

TEST(TraceContext, ASpanOfOursIsInTheCallersTrace) {
  const TraceContext span = SpanOf(kWhole);
  EXPECT_EQ(span.trace_id, kTrace);
  EXPECT_NE(span.span_id, kSpan);
  EXPECT_TRUE(span.sampled);
  EXPECT_THAT(span.Text(), MatchesRegex("00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01"));
}

TEST(TraceContext, WithoutACallersTraceItIsANewOne) {
  for (const char* text : {"", "nonsense", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"}) {
    const TraceContext span = SpanOf(text);
    EXPECT_TRUE(ParseTraceparent(span.Text()).has_value()) << span.Text();
    EXPECT_FALSE(span.sampled);
    EXPECT_NE(span.trace_id, SpanOf(text).trace_id);
  }
}

TEST(TraceContext, NoTwoSpansAreAlike) {
  std::vector<std::vector<std::string>> made(4);
  std::vector<std::thread> threads;
  for (auto& texts : made) {
    threads.emplace_back([&texts] {
      for (int i = 0; i < 1000; ++i) texts.push_back(SpanOf("").Text());
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> all;
  for (const auto& texts : made) all.insert(texts.begin(), texts.end());
  EXPECT_EQ(all.size(), 4000);
}

}  // namespace
}  // namespace oarlock
