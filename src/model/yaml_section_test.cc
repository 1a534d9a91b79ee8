#include "model/yaml_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Refusal(std::string_view text) {
  const auto section = YamlSection::Parse(text, "f.yaml", "manifest");
  if (section.ok()) return "";
  EXPECT_EQ(section.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(MessageOf(section.status()));
}

TEST(YamlSection, AnEmptyFileIsAnEmptyMapping) {
  for (const char* text : {"", "\n\n", "# a comment\n", "---\n", "~\n"}) {
    const auto section = YamlSection::Parse(text, "f.yaml", "manifest");
    ASSERT_TRUE(section.ok()) << section.status();
    EXPECT_FALSE(section->Has("schema"));
  }
}

TEST(YamlSection, AFileOfAnotherKindIsRefused) {
  EXPECT_EQ(Refusal("- a\n- b\n"), "f.yaml:1:1: the file must be a mapping of keys to values");
  EXPECT_EQ(Refusal("\n\nword\n"), "f.yaml:3:1: the file must be a mapping of keys to values");
  EXPECT_EQ(Refusal("schema: 1\n[a]: b\n"), "f.yaml:2:1: a key must be a word");
}

TEST(YamlSection, MalformedTextHasAPlace) {
  EXPECT_THAT(Refusal("schema: 1\npreprocess: {color: gray\n"), StartsWith("f.yaml:"));
  EXPECT_THAT(Refusal("schema: 1\n\tx: 2\n"), StartsWith("f.yaml:2:1: "));
  EXPECT_THAT(Refusal("schema: *nowhere\n"), StartsWith("f.yaml:1:9: "));
}

TEST(YamlSection, TextsAreTakenOneByOne) {
  const auto section = YamlSection::Parse("sha256: [a, 'b c', 3]\nschema: [x, [y]]\n", "f.yaml", "manifest");
  ASSERT_TRUE(section.ok()) << section.status();
  std::string taken;
  const auto take = [&taken](std::string_view text) -> absl::Status {
    if (text == "3") return InvalidArgument("three");
    taken += fmt::format("<{}>", text);
    return absl::OkStatus();
  };
  EXPECT_TRUE(section->ForEachText("batching", take).ok());
  EXPECT_EQ(MessageOf(section->ForEachText("sha256", take)), "f.yaml:1:20: three");
  EXPECT_EQ(MessageOf(section->ForEachText("schema", take)), "f.yaml:2:13: 'schema' must hold texts only");
  EXPECT_EQ(taken, "<a><b c><x>");
}

TEST(YamlSection, AFileOfSecretsIsNotShown) {
  for (const char* text : {"secret: 1\n", "schema: *secret\n", "schema: [secret\n", "schema: @secret\n", "secret\n"}) {
    const auto section = YamlSection::ParseSecret(text, "f.yaml", "manifest");
    ASSERT_FALSE(section.ok()) << text;
    EXPECT_THAT(std::string(MessageOf(section.status())), StartsWith("f.yaml:")) << text;
    EXPECT_THAT(std::string(MessageOf(section.status())), ::testing::Not(HasSubstr("secret"))) << text;
  }
}

TEST(YamlSection, AnOpenQuoteIsAnErrorWhateverFollows) {
  for (const std::string quote : {"'", "\""}) {
    for (const char* rest : {"", "\n", "\n\n", " \n", "\r\n", "\nsha256: a\n", "\n# b\n"}) {
      EXPECT_THAT(Refusal("schema: " + quote + "open" + rest), HasSubstr("illegal EOF in scalar")) << quote << rest;
    }
  }
  EXPECT_EQ(Refusal("schema: 'closed'"), "");
}

TEST(YamlSection, ABlockOfTextKeepsItsEnd) {
  std::string text;
  for (const auto& [yaml, expected] :
       std::vector<std::pair<std::string, std::string>>{{"sha256: |\n  ab\n", "ab\n"},
                                                        {"sha256: |-\n  ab\n", "ab"},
                                                        {"sha256: |+\n  ab\n\n", "ab\n\n"},
                                                        {"sha256: ab", "ab"}}) {
    const auto section = YamlSection::Parse(yaml, "f.yaml", "manifest");
    ASSERT_TRUE(section.ok()) << section.status();
    ASSERT_TRUE(section->Read("sha256", &text).ok());
    EXPECT_EQ(text, expected) << yaml;
  }
}

TEST(YamlSection, AKeyStandsOnce) {
  EXPECT_EQ(Refusal("schema: 1\nsha256: a\nschema: 1\n"), "f.yaml:3:1: key 'schema' stands twice");
}

TEST(YamlSection, NothingAfterTheFirstDocumentIsOverlooked) {
  EXPECT_EQ(Refusal("schema: 1\n---\nsha265: a\n"), "f.yaml:3:1: a second document; the file must hold one");
  EXPECT_EQ(Refusal("---\nschema: 1\n...\n"), "");
}

TEST(YamlSection, AByteThatIsNoTextIsRefused) {
  // The YAML library takes 0x04 for the end of the text.
  EXPECT_EQ(Refusal("schema: 1\nsha\x04: a\n"), "f.yaml:2:4: byte 0x04 is no text");
  EXPECT_EQ(Refusal(std::string_view("schema: 1\n\0", 11)), "f.yaml:2:1: byte 0x00 is no text");
  EXPECT_EQ(Refusal("schema: *a\x1B[31m\n"), "f.yaml:1:11: byte 0x1b is no text");
  EXPECT_EQ(Refusal("schema: 1\r\n# tab\there\r\n"), "");
}

TEST(YamlSection, DeepNestingIsAnErrorNotAnOverflow) {
  EXPECT_THAT(Refusal("schema: " + std::string(100'000, '[')), StartsWith("f.yaml"));
  EXPECT_THAT(Refusal("schema: " + std::string(100'000, '{')), StartsWith("f.yaml"));
  std::string nested;
  for (int depth = 0; depth < 3'000; ++depth) nested += std::string(static_cast<size_t>(depth), ' ') + "a:\n";
  EXPECT_THAT(Refusal(nested), StartsWith("f.yaml"));
}

TEST(YamlSection, AliasesCostNothingAndMayNotLoop) {
  std::string text = "sha256: &a0 [x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 40; ++level) {
    text += fmt::format("k{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", level, level - 1);
  }
  EXPECT_THAT(Refusal(text), HasSubstr("unknown key 'k1'"));
  const auto loop = YamlSection::Parse("schema: &a [*a]\n", "f.yaml", "manifest");
  EXPECT_FALSE(loop.ok() && loop->CheckSchema().ok());
}

TEST(YamlSection, AbsentKeysLeaveTheValueAlone) {
  const auto section = YamlSection::Parse("schema: 1\n", "f.yaml", "manifest");
  ASSERT_TRUE(section.ok());
  std::string text = "before";
  int64_t integer = 7;
  float number = 2.5F;
  bool flag = true;
  std::vector<float> numbers = {1, 2};
  EXPECT_TRUE(section->Read("sha256", &text).ok());
  EXPECT_TRUE(section->Read("preprocess", 0, 9, &integer).ok());
  EXPECT_TRUE(section->Read("preprocess", &number).ok());
  EXPECT_TRUE(section->Read("preprocess", &flag).ok());
  EXPECT_TRUE(section->Read("preprocess", &numbers).ok());
  EXPECT_EQ(text, "before");
  EXPECT_EQ(integer, 7);
  EXPECT_EQ(number, 2.5F);
  EXPECT_TRUE(flag);
  EXPECT_EQ(numbers.size(), 2u);
}

TEST(YamlSection, AnErrorLeavesTheValueAlone) {
  const auto section = YamlSection::Parse("schema: x\nsha256: [1, x]\n", "f.yaml", "manifest");
  ASSERT_TRUE(section.ok());
  int64_t integer = 7;
  std::vector<float> numbers = {1, 2};
  EXPECT_FALSE(section->Read("schema", 0, 9, &integer).ok());
  EXPECT_FALSE(section->Read("sha256", &numbers).ok());
  EXPECT_EQ(integer, 7);
  EXPECT_EQ(numbers.size(), 2u);
}

}  // namespace
}  // namespace oarlock
