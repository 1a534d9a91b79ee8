#include "base/utf8.h"

#include <gtest/gtest.h>

namespace oarlock {
namespace {

constexpr char kNone[] = "\xEF\xBF\xBD";

TEST(Utf8, CodePointsHaveTheirSize) {
  EXPECT_EQ(CodePointBytes("a"), 1);
  EXPECT_EQ(CodePointBytes(std::string_view("\0", 1)), 1);
  EXPECT_EQ(CodePointBytes("\x7F"), 1);
  EXPECT_EQ(CodePointBytes("\xC2\x80"), 2);
  EXPECT_EQ(CodePointBytes("ä and more"), 2);
  EXPECT_EQ(CodePointBytes("\xE0\xA0\x80"), 3);
  EXPECT_EQ(CodePointBytes("中"), 3);
  EXPECT_EQ(CodePointBytes("\xF0\x90\x80\x80"), 4);
  EXPECT_EQ(CodePointBytes("\xF4\x8F\xBF\xBF"), 4);
}

TEST(Utf8, OtherBytesAreNone) {
  for (const char* text : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
                           "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xC3(", "\xE4\xB8", "\xE4(\xAD"}) {
    EXPECT_EQ(CodePointBytes(text), 0) << text;
  }
}

TEST(Utf8, WhatIsValidStaysAsItIs) {
  for (const std::string& text : {std::string(), std::string("a\"\n\0é中😀", 14)}) EXPECT_EQ(ValidUtf8(text), text);
}

TEST(Utf8, EachByteOfTheRestIsReplaced) {
  const std::string none = kNone;
  EXPECT_EQ(ValidUtf8("a\xFFz"), "a" + none + "z");
  EXPECT_EQ(ValidUtf8("\xE4\xB8中"), none + none + "中");
  EXPECT_EQ(ValidUtf8("\xED\xA0\x80"), none + none + none);
  EXPECT_EQ(ValidUtf8("é\xC3"), "é" + none);
}

}  // namespace
}  // namespace oarlock
