#include "server/protocol/settings.h"

#include <gmock/gmock.h>

#include "base/status.h"

namespace oarlock {
namespace {

using ::testing::HasSubstr;

absl::Status Trace(std::string_view name, std::vector<std::string> values) { return SetTrace(name, values); }

TEST(Settings, WhatIsCanBeSaidAgain) {
  for (const TraceSetting& setting : TraceSettings()) {
    if (setting.name == "trace_file") continue;
    EXPECT_EQ(SetTrace(setting.name, setting.values), absl::OkStatus()) << setting.name;
    EXPECT_EQ(SetTrace(setting.name, {}), absl::OkStatus()) << setting.name;
  }
  for (const LogSetting& setting : LogSettings()) {
    if (setting.name == "log_file") continue;
    EXPECT_EQ(SetLog(setting.name, setting.value), absl::OkStatus()) << setting.name;
  }
}

TEST(Settings, NothingElseIsTaken) {
  const auto code = absl::StatusCode::kUnimplemented;
  EXPECT_EQ(Trace("trace_level", {"TIMESTAMPS"}).code(), code);
  EXPECT_EQ(Trace("trace_level", {"OFF", "TENSORS"}).code(), code);
  EXPECT_EQ(Trace("trace_rate", {"1"}).code(), code);
  EXPECT_EQ(Trace("trace_count", {"5"}).code(), code);
  EXPECT_EQ(Trace("log_frequency", {"5"}).code(), code);
  EXPECT_EQ(SetLog("log_info", false).code(), code);
  EXPECT_EQ(SetLog("log_error", int64_t{1}).code(), code);
  EXPECT_EQ(SetLog("log_verbose_level", int64_t{3}).code(), code);
  EXPECT_EQ(SetLog("log_format", std::string("ISO8601")).code(), code);
}

TEST(Settings, NothingNamesAFile) {
  for (const std::string& file : {std::string(), std::string("/tmp/x"), std::string("../x")}) {
    for (const absl::Status& status :
         {Trace("trace_file", {file}), SetLog("log_file", file), Trace("trace_file", {})}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
      EXPECT_THAT(std::string(MessageOf(status)), HasSubstr("names a file"));
    }
  }
}

TEST(Settings, UnknownNamesAreWrong) {
  EXPECT_EQ(MessageOf(Trace("trace_fil", {"x"})), "there is no trace setting 'trace_fil'");
  EXPECT_EQ(MessageOf(SetLog("log_\n", true)), "there is no log setting 'log_?'");
  EXPECT_EQ(Trace("log_file", {"x"}).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace oarlock
