// What the documents say of keys, flags and limits is made from the tables. OARLOCK_UPDATE=1 writes it anew.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/config_schema.h"
#include "base/file.h"

namespace oarlock {
namespace {

constexpr std::string_view kBegin = "<!-- made from src/base/config_schema.def and limits.def; do not edit -->\n";
constexpr std::string_view kEnd = "<!-- end of what is made -->\n";

TEST(Docs, OperationsListsEveryKeyFlagAndLimit) {
  const std::string path = OARLOCK_SOURCE_DIR "/docs/operations.md";
  const auto file = ReadFile(path, 1 << 20);
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string text(file->text());
  const size_t begin = text.find(kBegin);
  const size_t end = text.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const std::string made = text.substr(0, begin + kBegin.size()) + "\n" + ConfigMarkdown() + text.substr(end);
  if (std::getenv("OARLOCK_UPDATE") != nullptr) {
    ASSERT_TRUE(WriteFileAtomic(path, made).ok());
    return;
  }
  EXPECT_EQ(text, made) << "run this test with OARLOCK_UPDATE=1 to write docs/operations.md anew";
}

}  // namespace
}  // namespace oarlock
