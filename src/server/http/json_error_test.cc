#include "server/http/json_error.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace oarlock {
namespace {

std::string BodyOf(std::string_view message) {
  return JsonError({absl::StatusCode::kNotFound, {message.data(), message.size()}});
}

TEST(JsonError, HoldsTheMessage) { EXPECT_EQ(BodyOf("no model 'm'"), "{\"error\":\"no model 'm'\"}"); }

TEST(JsonError, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(BodyOf("a\"b\\c\n\x01"), "{\"error\":\"a\\\"b\\\\c\\u000a\\u0001\"}");
  EXPECT_EQ(BodyOf("é中😀"), "{\"error\":\"é中😀\"}");
}

TEST(JsonError, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(BodyOf("a\xFF"
                   "b"),
            "{\"error\":\"a\xEF\xBF\xBD"
            "b\"}");
  EXPECT_EQ(BodyOf("é\xC3"), "{\"error\":\"é\xEF\xBF\xBD\"}");
  EXPECT_EQ(BodyOf("\xE4\xB8中"), "{\"error\":\"\xEF\xBF\xBD\xEF\xBF\xBD中\"}");
}

TEST(JsonError, IsNeverEmpty) { EXPECT_EQ(BodyOf(""), "{\"error\":\"NOT_FOUND\"}"); }

TEST(JsonError, EveryByteGivesValidJson) {
  for (int byte = 0; byte < 256; ++byte) {
    simdjson::dom::parser parser;
    const std::string body = BodyOf(std::string("x") + static_cast<char>(byte) + "y");
    EXPECT_EQ(parser.parse(body).error(), simdjson::SUCCESS) << byte;
  }
}

}  // namespace
}  // namespace oarlock
