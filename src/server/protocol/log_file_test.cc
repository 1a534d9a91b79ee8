#include "server/protocol/log_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/file.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr milliseconds kLong(30'000);

class LogFileTest : public ::testing::Test {
 protected:
  LogFileTest() {
    fs::create_directory(directory_);
    ::signal(SIGPIPE, SIG_IGN);
  }
  ~LogFileTest() override { fs::remove_all(directory_); }

  LogFile Open() {
    auto file = LogFile::Open(path_);
    EXPECT_TRUE(file.ok()) << file.status();
    return file.ok() ? *std::move(file) : LogFile();
  }
  // The file's reader, which does not wait for a writer.
  Descriptor MakePipe() {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    return Descriptor(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  }
  static std::string ReadAll(const Descriptor& pipe) {
    std::string text;
    char piece[65536];
    for (ssize_t got = 0; (got = ::read(pipe.get(), piece, sizeof piece)) > 0;) {
      text.append(piece, static_cast<size_t>(got));
    }
    return text;
  }
  std::string Content() {
    const auto content = ReadFile(path_, 1 << 20);
    return content.ok() ? std::string(content->text()) : content.status().ToString();
  }
  static absl::Status Append(LogFile* file, std::string_view lines, milliseconds wait_max = kLong) {
    return file->Append(&lines, wait_max);
  }

  const fs::path directory_ = fs::path(::testing::TempDir()) / fmt::format("oarlock-log-{}", ::getpid());
  const fs::path path_ = directory_ / "log";
};

TEST_F(LogFileTest, LinesAreAppendedToWhatThereIs) {
  ASSERT_TRUE(WriteFileAtomic(path_, "before\n").ok());
  LogFile file = Open();
  EXPECT_TRUE(Append(&file, "a\nb\n").ok());
  // Somebody else cuts the file: the end is where it is now.
  ASSERT_EQ(::truncate(path_.c_str(), 7), 0);
  EXPECT_TRUE(Append(&file, "c\n").ok());
  EXPECT_EQ(Content(), "before\nc\n");
}

TEST_F(LogFileTest, ANewFileIsItsOwnersAlone) {
  const mode_t before = ::umask(0);
  Open();
  ::umask(before);
  struct stat stat {};
  ASSERT_EQ(::stat(path_.c_str(), &stat), 0);
  EXPECT_EQ(stat.st_mode & 0777, 0600U);
}

TEST_F(LogFileTest, WhatCannotBeOpenedSaysWhy) {
  fs::create_directory(path_);
  EXPECT_EQ(LogFile::Open(path_).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(LogFile::Open(directory_ / "none" / "log").status().code(), absl::StatusCode::kNotFound);
  // Without a reader it would wait.
  ASSERT_EQ(::mkfifo((directory_ / "pipe").c_str(), 0600), 0);
  const absl::Status status = LogFile::Open(directory_ / "pipe").status();
  EXPECT_THAT(std::string(MessageOf(status)), ::testing::HasSubstr("cannot append to '"));
}

TEST_F(LogFileTest, AFullDiskIsAnError) {
  auto file = LogFile::Open("/dev/full");
  ASSERT_TRUE(file.ok()) << file.status();
  std::string_view rest = "a\nb\n";
  const absl::Status status = file->Append(&rest, kLong);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(rest, "a\nb\n");
}

TEST_F(LogFileTest, APipeThatNobodyReadsIsWaitedForWithABound) {
  const Descriptor reader = MakePipe();
  LogFile file = Open();
  std::string lines;
  while (lines.size() < (1 << 20)) lines += "a line of some length, of which there are many\n";
  std::string_view rest = lines;
  EXPECT_EQ(file.Append(&rest, milliseconds(10)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(rest.size(), lines.size());
  std::string got;
  while (!rest.empty()) {
    got += ReadAll(reader);
    (void)file.Append(&rest, milliseconds(0));
  }
  EXPECT_EQ(got + ReadAll(reader), lines);
}

TEST_F(LogFileTest, ALineThatWasCutOffEndsBeforeTheNextOne) {
  const Descriptor reader = MakePipe();
  LogFile file = Open();
  const std::string line = fmt::format("{:x>3000}\n", "");
  std::string lines;
  while (lines.size() < (1 << 20)) lines += line;
  std::string_view rest = lines;
  while (absl::IsDeadlineExceeded(file.Append(&rest, milliseconds(0))) &&
         (lines.size() - rest.size()) % line.size() == 0) {
    // By chance a whole number of lines: a little more.
    char byte[4096];
    ASSERT_GT(::read(reader.get(), byte, sizeof byte), 0);
  }
  const size_t written = lines.size() - rest.size();
  file.GiveUp();
  std::string got = ReadAll(reader);
  EXPECT_TRUE(Append(&file, "next\n").ok());
  got += ReadAll(reader);
  EXPECT_EQ(got.substr(got.size() - 6), "\nnext\n");
  EXPECT_EQ(got.substr(got.size() - 7, 1), "x");
  EXPECT_LE(got.size(), written + 6);
  // Once is enough.
  EXPECT_TRUE(Append(&file, "after\n").ok());
  EXPECT_EQ(ReadAll(reader), "after\n");
}

TEST_F(LogFileTest, APipeWithoutAReaderIsAnErrorAndNoSignal) {
  Descriptor reader = MakePipe();
  LogFile file = Open();
  EXPECT_TRUE(Append(&file, "a\n").ok());
  reader = Descriptor();
  const absl::Status status = Append(&file, "b\n");
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(absl::IsDeadlineExceeded(status)) << status;
}

}  // namespace
}  // namespace oarlock
