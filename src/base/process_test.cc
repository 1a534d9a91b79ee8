#include "base/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstring>
#include <vector>

#include "base/descriptor.h"

namespace oarlock {
namespace {

TEST(Process, MemoryThatIsUsedIsCounted) {
  const int64_t before = ReadProcess().resident_bytes;
  std::vector<char> used(64 << 20);
  std::memset(used.data(), 1, used.size());
  const int64_t now = ReadProcess().resident_bytes;
  EXPECT_GT(before, 1 << 20);
  EXPECT_GT(now - before, 60 << 20);
  EXPECT_EQ(used[used.size() / 2], 1);
}

TEST(Process, TimeThatIsUsedIsCounted) {
  const double before = ReadProcess().cpu_seconds;
  const auto began = std::chrono::steady_clock::now();
  volatile unsigned number = 1;
  while (ReadProcess().cpu_seconds - before < 0.02) number = number * 3;
  EXPECT_LT(ReadProcess().cpu_seconds - before, 60);
  EXPECT_GT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(1));
}

TEST(Process, ItHasBegunAMomentAgo) {
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LE(ReadProcess().start_seconds, now + 2);
  EXPECT_GT(ReadProcess().start_seconds, now - 3600);
}

TEST(Process, FilesAreCounted) {
  const ProcessFigures before = ReadProcess();
  {
    const Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    const Descriptor two(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(ReadProcess().open_files, before.open_files + 2);
  }
  EXPECT_EQ(ReadProcess().open_files, before.open_files);
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(before.open_files_max, static_cast<int64_t>(limit.rlim_cur));
}

}  // namespace
}  // namespace oarlock
