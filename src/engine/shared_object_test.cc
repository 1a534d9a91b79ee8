#include "engine/shared_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class SharedObject : public testing::Test {
 protected:
  SharedObject() : path_(fs::path(testing::TempDir()) / fmt::format("oarlock-shared-object-{}", ::getpid())) {}
  ~SharedObject() override { fs::remove(path_); }
  const fs::path path_;
};

TEST_F(SharedObject, OneThatEndsBeforeItsSegmentsIsRefused) {
  fs::copy_file("/proc/self/exe", path_);
  EXPECT_TRUE(CheckNotCutOff(path_).ok());
  for (uintmax_t size_bytes : {100'000, 4'096, 100}) {
    fs::resize_file(path_, size_bytes);
    const absl::Status status = CheckNotCutOff(path_);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << size_bytes;
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(fmt::format("'{}' is cut off", path_.string())));
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(fmt::format("{} bytes", size_bytes)));
  }
}

TEST_F(SharedObject, WhatIsNoElfFileIsLeftToTheLoader) {
  for (const std::string& text : {std::string(),
                                  std::string("\x7f"
                                              "ELF"),
                                  std::string(1000, 'x')}) {
    std::ofstream(path_, std::ios::binary) << text;
    EXPECT_TRUE(CheckNotCutOff(path_).ok()) << text.size();
  }
  EXPECT_TRUE(CheckNotCutOff(path_ / "none").ok());
  EXPECT_TRUE(CheckNotCutOff(testing::TempDir()).ok());
}

}  // namespace
}  // namespace oarlock
