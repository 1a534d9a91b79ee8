#include "base/codes.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace oarlock {
namespace {

TEST(Codes, EveryRowStandsAtItsNumber) {
  int number = 0;
  for (const CodeRow& row : CodeRows()) {
    EXPECT_EQ(static_cast<int>(row.code), number);
    EXPECT_EQ(RowOf(row.code).name, row.name);
    EXPECT_EQ(CodeFromNumber(number), row.code);
    EXPECT_EQ(CodeFromName(row.name), row.code);
    EXPECT_EQ(row.name, absl::StatusCodeToString(row.code));
    EXPECT_EQ(row.grpc, row.name);
    ++number;
  }
  EXPECT_EQ(number, 17);
}

TEST(Codes, ErrnoAndGoNameGoBothWays) {
  std::set<std::string_view> go_names;
  for (const CodeRow& row : CodeRows()) {
    EXPECT_EQ(CodeFromErrno(row.error_number), row.code) << row.name;
    EXPECT_TRUE(go_names.insert(row.go).second) << row.go;
  }
}

TEST(Codes, HttpMapsBackToTheFirstRowOfThatStatus) {
  for (const CodeRow& row : CodeRows()) EXPECT_EQ(RowOf(CodeFromHttp(row.http)).http, row.http) << row.name;
  EXPECT_EQ(CodeFromHttp(400), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeFromHttp(404), absl::StatusCode::kNotFound);
  EXPECT_EQ(CodeFromHttp(413), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeFromHttp(503), absl::StatusCode::kUnavailable);
  EXPECT_EQ(CodeFromHttp(204), absl::StatusCode::kOk);
  EXPECT_EQ(CodeFromHttp(599), absl::StatusCode::kUnknown);
}

TEST(Codes, ForeignNumbersAreUnknown) {
  EXPECT_EQ(CodeFromNumber(17), absl::StatusCode::kUnknown);
  EXPECT_EQ(CodeFromNumber(-1), absl::StatusCode::kUnknown);
  EXPECT_EQ(CodeFromErrno(987654), absl::StatusCode::kUnknown);
  EXPECT_EQ(CodeFromErrno(ENOSPC), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RowOf(static_cast<absl::StatusCode>(99)).name, "UNKNOWN");
}

}  // namespace
}  // namespace oarlock
