#include "server/protocol/access_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <set>

#include "base/file.h"
#include "base/machine.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kRecordsMax = 1000;

template <typename Condition>
bool WaitUntil(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

class AccessLogTest : public ::testing::Test {
 protected:
  AccessLogTest() { fs::create_directory(directory_); }
  ~AccessLogTest() override { fs::remove_all(directory_); }

  std::unique_ptr<AccessLog> Open(const fs::path& path, int64_t records_max = kRecordsMax) {
    auto log = AccessLog::Open(path, records_max, [this](LogLevel, std::string_view line) {
      const std::lock_guard lock(mutex_);
      told_.emplace_back(line);
    });
    EXPECT_TRUE(log.ok()) << log.status();
    return log.ok() ? *std::move(log) : nullptr;
  }
  static CallRecord Record(int number) {
    CallRecord record;
    record.request_id = fmt::format("r{}", number);
    return record;
  }
  // The numbers of the records in a text, in order; those that were dropped as a negative count.
  static std::vector<int> Numbers(std::string_view text) {
    std::vector<int> numbers;
    while (!text.empty()) {
      const size_t end = text.find('\n');
      EXPECT_NE(end, std::string_view::npos) << text;
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      EXPECT_TRUE(line.starts_with("{\"time\":\"") && line.ends_with("}")) << line;
      constexpr std::string_view kId = "\"request_id\":\"r";
      constexpr std::string_view kDropped = "\"dropped\":";
      const size_t id = line.find(kId);
      const size_t dropped = line.find(kDropped);
      EXPECT_NE(id == std::string_view::npos, dropped == std::string_view::npos) << line;
      const size_t at = dropped == std::string_view::npos ? id + kId.size() : dropped + kDropped.size();
      int number = 0;
      std::from_chars(line.data() + at, line.data() + line.size(), number);
      numbers.push_back(dropped == std::string_view::npos ? number : -number);
    }
    return numbers;
  }
  std::vector<int> NumbersIn(const fs::path& path) {
    const auto content = ReadFile(path, 64 << 20);
    EXPECT_TRUE(content.ok()) << content.status();
    return content.ok() ? Numbers(content->text()) : std::vector<int>();
  }
  std::vector<std::string> told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }

  const fs::path directory_ = fs::path(::testing::TempDir()) / fmt::format("oarlock-access-log-{}", ::getpid());
  const fs::path path_ = directory_ / "log";

 private:
  std::mutex mutex_;
  std::vector<std::string> told_;
};

TEST_F(AccessLogTest, TheEndWritesWhatWaits) {
  auto log = Open(path_);
  for (int i = 1; i <= 3; ++i) log->Write(Record(i));
  log.reset();
  EXPECT_THAT(NumbersIn(path_), ElementsAre(1, 2, 3));
  const auto content = ReadFile(path_, 1 << 20);
  EXPECT_THAT(std::string(content->text()),
              HasSubstr(fmt::format("\"hardware_fingerprint\":\"{}\"", ThisMachine().fingerprint)));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(AccessLogTest, ARecordIsWrittenWithoutAnEnd) {
  const auto log = Open(path_);
  log->Write(Record(1));
  EXPECT_TRUE(WaitUntil([&] { return log->written_count() == 1; }));
  EXPECT_THAT(NumbersIn(path_), ElementsAre(1));
  log->Write(Record(2));
  EXPECT_TRUE(WaitUntil([&] { return log->written_count() == 2; }));
  EXPECT_THAT(NumbersIn(path_), ElementsAre(1, 2));
  EXPECT_EQ(log->dropped_count(), 0);
}

TEST_F(AccessLogTest, RecordsOfManyThreadsAreAllThereOrCounted) {
  auto log = Open(path_, 100'000);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 1; i <= 2'000; ++i) log->Write(Record(10'000 * t + i));
    });
  }
  for (auto& thread : threads) thread.join();
  log.reset();
  const std::vector<int> numbers = NumbersIn(path_);
  EXPECT_EQ(std::set<int>(numbers.begin(), numbers.end()).size(), 8'000);
  std::vector<int> last(4);
  for (const int number : numbers) {  // and those of one thread in their order
    EXPECT_GT(number % 10'000, last[static_cast<size_t>(number / 10'000)]);
    last[static_cast<size_t>(number / 10'000)] = number % 10'000;
  }
}

TEST_F(AccessLogTest, WithoutRoomRecordsAreDroppedAndTold) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const Descriptor reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto log = Open(path_, 16);
  // Nobody reads: the pipe fills, then the room of 16. Nothing here waits for that to change.
  int sent = 0;
  while (log->dropped_count() < 5) log->Write(Record(++sent));
  // Now somebody does.
  std::string text;
  std::thread reading([&] {
    char piece[4096];
    for (;;) {
      const ssize_t got = ::read(reader.get(), piece, sizeof piece);
      if (got == 0) return;  // the log is closed
      if (got > 0) text.append(piece, static_cast<size_t>(got));
      if (got < 0) std::this_thread::yield();
    }
  });
  EXPECT_TRUE(WaitUntil([&] { return log->written_count() + log->dropped_count() == sent; }));
  log->Write(Record(++sent));
  EXPECT_TRUE(WaitUntil([&] { return log->written_count() + log->dropped_count() == sent; }));
  const int64_t dropped = log->dropped_count();
  const int64_t written = log->written_count();
  log.reset();
  reading.join();
  int64_t told_dropped = 0;
  int64_t lines = 0;
  int last = 0;
  for (const int number : Numbers(text)) {
    if (number < 0) {
      told_dropped -= number;
      continue;
    }
    EXPECT_GT(number, last);
    last = number;
    ++lines;
  }
  EXPECT_EQ(lines, written);
  EXPECT_EQ(told_dropped, dropped);
  EXPECT_EQ(lines + told_dropped, sent);
  EXPECT_EQ(last, sent) << "it goes on";
}

TEST_F(AccessLogTest, AFullDiskDropsAndIsToldOnce) {
  auto log = Open("/dev/full");
  for (int i = 1; i <= 3; ++i) {
    log->Write(Record(i));
    EXPECT_TRUE(WaitUntil([&] { return log->dropped_count() == i; }));
  }
  EXPECT_EQ(log->written_count(), 0);
  log.reset();
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_THAT(told()[0], HasSubstr("the access log '/dev/full' loses records: cannot append: No space left on device"));
}

TEST_F(AccessLogTest, ABrokenPipeDropsAndANewReaderIsTold) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  Descriptor reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto log = Open(path_);
  reader = Descriptor();
  log->Write(Record(1));
  log->Write(Record(2));
  EXPECT_TRUE(WaitUntil([&] { return log->dropped_count() == 2; }));
  reader = Descriptor(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  log->Write(Record(3));
  EXPECT_TRUE(WaitUntil([&] { return log->written_count() == 1; }));
  char piece[4096];
  const ssize_t got = ::read(reader.get(), piece, sizeof piece);
  ASSERT_GT(got, 0);
  EXPECT_THAT(Numbers(std::string_view(piece, static_cast<size_t>(got))), ElementsAre(-2, 3));
}

TEST_F(AccessLogTest, TheEndDoesNotWaitForAReader) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  const Descriptor reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto log = Open(path_, 100'000);
  for (int i = 1; i <= 2'000; ++i) log->Write(Record(i));  // far more than a pipe holds
  const auto began = std::chrono::steady_clock::now();
  log.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

TEST_F(AccessLogTest, AFileThatWasMovedAwayIsLeft) {
  auto log = Open(path_);
  log->Write(Record(1));
  EXPECT_TRUE(WaitUntil([&] { return log->written_count() == 1; }));
  fs::rename(path_, directory_ / "log.1");
  log->Write(Record(2));
  log->Reopen();
  EXPECT_TRUE(WaitUntil([&] { return fs::exists(path_); }));
  log->Write(Record(3));
  log.reset();
  EXPECT_THAT(NumbersIn(directory_ / "log.1"), ElementsAre(1, 2));
  EXPECT_THAT(NumbersIn(path_), ElementsAre(3));
}

TEST_F(AccessLogTest, WhereNothingCanBeOpenedTheOldFileGoesOn) {
  auto log = Open(path_);
  fs::rename(path_, directory_ / "log.1");
  fs::create_directory(path_);
  log->Reopen();
  EXPECT_TRUE(WaitUntil([&] { return told().size() == 1; }));
  EXPECT_THAT(told()[0], HasSubstr("goes on as it was: cannot append to"));
  log->Write(Record(1));
  log.reset();
  EXPECT_THAT(NumbersIn(directory_ / "log.1"), ElementsAre(1));
}

TEST_F(AccessLogTest, WhatCannotBeOpenedIsAnError) {
  EXPECT_EQ(AccessLog::Open(directory_ / "none" / "log", 16, nullptr).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace oarlock
