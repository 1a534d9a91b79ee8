#include "server/protocol/access_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kOne(16, '1');
const std::string kTwo(512, '2');

AccessKeys Keys(const std::string& text, const Limits& limits = Limits()) {
  auto keys = AccessKeys::Parse(text, "keys.yaml", limits);
  EXPECT_TRUE(keys.ok()) << keys.status();
  return keys.ok() ? *std::move(keys) : AccessKeys();
}

std::string Refusal(const std::string& text, const Limits& limits = Limits()) {
  const auto keys = AccessKeys::Parse(text, "keys.yaml", limits);
  EXPECT_FALSE(keys.ok()) << text;
  return keys.ok() ? "" : std::string(MessageOf(keys.status()));
}

std::string Allowed(const AccessKeys& keys, std::string_view key) {
  std::string text;
  for (const AccessGroup group : {AccessGroup::kInfer, AccessGroup::kRead, AccessGroup::kControl}) {
    if (keys.Allows(group, key)) text += fmt::format("{} ", NameOf(group));
  }
  return text;
}

TEST(AccessKeys, AllowWhatTheirGroupsSayAndNothingElse) {
  const AccessKeys keys =
      Keys(fmt::format("infer: [{0}, '{1}']\nread:\n  - {0}\n  - 'k#:*&!{{}}[]\"\\|~^+/=._-0'\n", kOne, kTwo));
  EXPECT_EQ(keys.size(), 3);
  EXPECT_EQ(Allowed(keys, kOne), "infer read ");
  EXPECT_EQ(Allowed(keys, kTwo), "infer ");
  EXPECT_EQ(Allowed(keys, "k#:*&!{}[]\"\\|~^+/=._-0"), "read ");
  EXPECT_EQ(Allowed(Keys("control: [" + kOne + "]"), kOne), "control ");
}

TEST(AccessKeys, NothingButTheWholeKeyIsOne) {
  const AccessKeys keys = Keys("infer: [abcdefghijklmnop]\nread: [abcdefghijklmnop]\ncontrol: [abcdefghijklmnop]\n");
  EXPECT_EQ(Allowed(keys, "abcdefghijklmnop"), "infer read control ");
  for (const std::string& other : {std::string(), std::string("abcdefghijklmno"), std::string("abcdefghijklmnopq"),
                                   std::string("Abcdefghijklmnop"), std::string("abcdefghijklmnop\0", 17),
                                   std::string(" abcdefghijklmnop"), std::string(100'000, 'a')}) {
    EXPECT_EQ(Allowed(keys, other), "") << other.size();
  }
}

TEST(AccessKeys, WhatIsNoKeyIsRefusedAtItsPlaceAndNotShown) {
  EXPECT_EQ(Refusal("infer: ['']\n"), "keys.yaml:1:9: a key of 0 bytes; it must have 16 to 512");
  EXPECT_EQ(Refusal("read:\n- " + kOne + "\n- fifteen_bytes__\n"),
            "keys.yaml:3:3: a key of 15 bytes; it must have 16 to 512");
  EXPECT_EQ(Refusal("control: [" + kTwo + "2]\n"), "keys.yaml:1:11: a key of 513 bytes; it must have 16 to 512");
  for (const char* text :
       {"sixteen_bytes_k\xC3\xA4y", "with a space in it", "with_a_comma_in,it", "\"with_a_tab_in\\tit\"",
        "\"with_a_zero_in\\0it\"", "\"with_a_line_end_\\n\"", "\"with_a_delete__\\x7f\""}) {
    const std::string refusal = Refusal(fmt::format("infer:\n  - {}\n", text));
    EXPECT_EQ(refusal, "keys.yaml:2:5: a key may hold visible ASCII characters only, and no comma") << text;
  }
}

TEST(AccessKeys, WhatIsNoListOfKeysIsRefusedAndNotShown) {
  EXPECT_EQ(Refusal("infer: sEcReT-sEcReT-sEcReT\n"), "keys.yaml:1:8: 'infer' must be a list of texts");
  EXPECT_EQ(Refusal("infer:\n"), "keys.yaml:2:1: 'infer' must be a list of texts");
  EXPECT_EQ(Refusal("infer: [[" + kOne + "]]\n"), "keys.yaml:1:9: 'infer' must hold texts only");
  EXPECT_EQ(Refusal("infer: [{a: b}]\n"), "keys.yaml:1:9: 'infer' must hold texts only");
  EXPECT_EQ(Refusal("infer: [~]\n"), "keys.yaml:1:9: 'infer' must hold texts only");
  EXPECT_EQ(Refusal("read: []\nsEcReT: infer\n"),
            "keys.yaml:2:1: unknown word; it must be one of infer, read, control");
  EXPECT_EQ(Refusal("read: [" + kOne + "]\nread: []\n"), "keys.yaml:2:1: key 'read' stands twice");
  EXPECT_EQ(Refusal("- sEcReT\n"), "keys.yaml:1:1: the file must be a mapping of keys to values");
  for (const char* text : {"infer: [*sEcReT]\n", "infer: [sEcReT\n", "infer: [\"\\sEcReT\"]\n", "infer: [@sEcReT]\n",
                           "infer: sEcReT: x\n", "infer: [%sEcReT]\nread", "infer: [!<sEcReT]\n"}) {
    EXPECT_THAT(Refusal(text), StartsWith("keys.yaml:")) << text;
    EXPECT_THAT(Refusal(text), EndsWith("this is no YAML; quote texts that hold more than letters and digits")) << text;
  }
  // Tags make no objects: what is tagged is the text that it is.
  EXPECT_EQ(Allowed(Keys("infer: [!!python/object:os.system " + kOne + "]\n"), kOne), "infer ");
}

TEST(AccessKeys, AFileWithoutKeysIsRefused) {
  for (const char* text : {"", "# later\n", "infer: []\n", "infer: []\nread: []\ncontrol: []\n"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("it holds no key")) << text;
  }
}

TEST(AccessKeys, LimitsHaveNames) {
  Limits limits;
  limits.access_keys_max = 2;
  limits.access_key_bytes_max = 17;
  EXPECT_EQ(Keys(fmt::format("infer: [{0}, {0}]\n", kOne), limits).size(), 1);
  EXPECT_EQ(Refusal(fmt::format("infer: [{0}]\nread: [{0}, {0}]\n", kOne), limits),
            "keys.yaml:2:26: more than 2 keys, which is the limit (access_keys_max)");
  EXPECT_EQ(Refusal("infer: [123456789012345678]\n", limits),
            "keys.yaml:1:9: a key of 18 bytes; it must have 16 to 17");
}

}  // namespace
}  // namespace oarlock
