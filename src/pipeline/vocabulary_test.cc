#include "pipeline/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oarlock {
namespace {

using ::testing::ElementsAre;

TEST(Vocabulary, SplitsACharsetAtCodePoints) {
  EXPECT_THAT(*SplitCharset("aé 中😀"), ElementsAre("a", "é", " ", "中", "😀"));
  EXPECT_TRUE(SplitCharset("")->empty());
}

TEST(Vocabulary, RefusesWhatIsNotUtf8WithItsOffset) {
  const std::pair<std::string_view, size_t> cases[] = {
      {"\x80", 0},              // a continuation on its own
      {"a\xC3", 1},             // cut short
      {"ab\xC3(", 2},           // no continuation
      {"\xC0\xAF", 0},          // overlong '/'
      {"\xE0\x9F\xBF", 0},      // overlong
      {"\xED\xA0\x80", 0},      // surrogate
      {"\xF0\x8F\xBF\xBF", 0},  // overlong
      {"\xF4\x90\x80\x80", 0},  // above U+10FFFF
      {"\xFF", 0},
      {"\xE4\xB8", 0},
  };
  for (const auto& [text, offset] : cases) {
    const auto characters = SplitCharset(text);
    ASSERT_EQ(characters.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(characters.status().message()), testing::EndsWith("at offset " + std::to_string(offset)));
  }
  EXPECT_EQ(SplitCharset("ab\xC3(").status().message(), "the charset is not UTF-8: byte 0xc3 at offset 2");
}

TEST(Vocabulary, AcceptsTheEdgesOfUtf8) {
  for (const char* edge : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_THAT(*SplitCharset(edge), ElementsAre(edge));
  }
}

TEST(Vocabulary, ReadsALabelALine) {
  EXPECT_THAT(*ParseLabels("cat\ndog"), ElementsAre("cat", "dog"));
  EXPECT_THAT(*ParseLabels("cat\r\ndog\r\n"), ElementsAre("cat", "dog"));
  EXPECT_THAT(*ParseLabels("cat\n\nsea lion\n"), ElementsAre("cat", "", "sea lion"));
  EXPECT_THAT(*ParseLabels("\xEF\xBB\xBFçat\n"), ElementsAre("çat"));
  EXPECT_THAT(*ParseLabels("\n"), ElementsAre(""));
  EXPECT_TRUE(ParseLabels("")->empty());
  EXPECT_EQ(ParseLabels("cat\nd\xFFg\n").status().message(), "line 2 of the labels is not UTF-8");
}

}  // namespace
}  // namespace oarlock
