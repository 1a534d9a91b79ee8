// Tests of the small parts of base/: files, digests, suggestions, cores, the configuration table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/config_schema.h"
#include "base/cpu.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/nearest.h"
#include "base/sha256.h"
#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Files : public ::testing::Test {
 protected:
  Files() : root_(fs::path(::testing::TempDir()) / fmt::format("oarlock-base-{}", ::getpid())) {
    fs::create_directories(root_);
  }
  ~Files() override { fs::remove_all(root_); }
  fs::path Put(const std::string& name, std::string_view text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
    return root_ / name;
  }
  fs::path root_;
};

TEST_F(Files, ReadGivesTheBytesAligned) {
  const auto content = ReadFile(Put("a", "hello"), 5);
  ASSERT_TRUE(content.ok());
  EXPECT_EQ(content->text(), "hello");
  EXPECT_EQ(reinterpret_cast<uintptr_t>(content->bytes().data()) % 64, 0u);
}

TEST_F(Files, ErrorsNameThePath) {
  const auto mapped = MapFile(Put("mapped", "hello"), 5);
  ASSERT_TRUE(mapped.ok()) << mapped.status();
  EXPECT_EQ(mapped->text(), "hello");
  EXPECT_EQ(MapFile(Put("empty", ""), 5)->size_bytes(), 0u);
  EXPECT_EQ(MapFile(root_ / "none", 5).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(MapFile(root_, 5).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MapFile(Put("six", "123456"), 5).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadFile(root_ / "none", 5).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(ReadFile(root_ / "none", 5).status().message()), HasSubstr((root_ / "none").string()));
  EXPECT_EQ(ReadFile(root_, 5).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFile(Put("big", "123456"), 5).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(Files, APipeIsRefusedNotWaitedFor) {
  const fs::path pipe = root_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(ReadFile(pipe, 5).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(KindOf(pipe), PathKind::kOther);
}

TEST_F(Files, AtomicWriteLeavesNothingBehindWhenItFails) {
  EXPECT_FALSE(WriteFileAtomic(root_ / "no" / "such", "x").ok());
  fs::create_directory(root_ / "directory");
  Put("directory/full", "");
  EXPECT_FALSE(WriteFileAtomic(root_ / "directory", "x").ok());
  EXPECT_THAT(*ListDirectory(root_), ElementsAre("directory"));
  ASSERT_TRUE(WriteFileAtomic(root_ / "new", "old").ok());
  ASSERT_TRUE(WriteFileAtomic(root_ / "new", "newer").ok());
  EXPECT_EQ(ReadFile(root_ / "new", 9)->text(), "newer");
}

TEST_F(Files, AtomicWriteFindsANameBesideThoseThatAreTaken) {
  for (int number = 0; number < 50; ++number) Put(fmt::format("new.tmp-{}-{}", ::getpid(), number), "half");
  ASSERT_TRUE(WriteFileAtomic(root_ / "new", "whole").ok());
  EXPECT_EQ(ReadFile(root_ / "new", 9)->text(), "whole");
  EXPECT_THAT(*ListDirectory(root_), SizeIs(51));
}

TEST(Sha256, IsTheStandardsOwnExample) {
  const std::string_view text = "abc";
  EXPECT_EQ(Sha256Hex(std::as_bytes(std::span(text))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Nearest, FindsTheWordMeant) {
  constexpr std::string_view kKnown[] = {"schema", "sha256", "preprocess", "postprocess"};
  EXPECT_EQ(Nearest("prepocess", kKnown), "preprocess");
  EXPECT_EQ(Nearest("sha-256", kKnown), "sha256");
  EXPECT_EQ(Nearest("zzzzzzzz", kKnown), "");
  EXPECT_EQ(Suggestion("postproces", kKnown), "; did you mean 'postprocess'?");
  EXPECT_EQ(Suggestion("qqqqqqqqq", kKnown), "; known: schema, sha256, preprocess, postprocess");
}

TEST(Printable, CutsAndCleans) {
  EXPECT_EQ(Printable("a\nb\x01"), "a?b?");
  EXPECT_EQ(Printable("abcdef", 3), "abc...");
  EXPECT_EQ(Printable("ab\xC3\xA9z", 3), "ab...");
}

class Cores : public Files {};

TEST_F(Cores, TheLeastOfAffinityAndQuotaOnTheWayUp) {
  EXPECT_EQ(UsableCpuCount(root_, 8), 8);
  Put("proc/self/cgroup", "0::/a/b\n");
  EXPECT_EQ(UsableCpuCount(root_, 8), 8);
  Put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(UsableCpuCount(root_, 8), 8);
  Put("sys/fs/cgroup/a/cpu.max", "350000 100000\n");
  EXPECT_EQ(UsableCpuCount(root_, 8), 3);
  Put("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  EXPECT_EQ(UsableCpuCount(root_, 8), 1);
  EXPECT_EQ(UsableCpuCount(root_, 0), 1);
}

TEST_F(Cores, VersionOneQuota) {
  Put("proc/self/cgroup", "4:cpu,cpuacct:/x\n3:memory:/x\n");
  Put("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "200000\n");
  Put("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(UsableCpuCount(root_, 8), 2);
  Put("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(UsableCpuCount(root_, 8), 8);
}

TEST_F(Cores, FlagsAreThoseOfTheFirstCore) {
  EXPECT_TRUE(CpuFlags(root_).empty());
  Put("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu sse4_2 avx2\nbugs\t\t: none\n\nprocessor\t: 1\nflags\t\t: fpu\n");
  EXPECT_THAT(CpuFlags(root_), ElementsAre("avx2", "fpu", "sse4_2"));
  Put("proc/cpuinfo", "flags");
  EXPECT_TRUE(CpuFlags(root_).empty());
}

class Memory : public Files {};

TEST_F(Memory, TheLeastOfMachineAndCgroupsOnTheWayUp) {
  EXPECT_EQ(ReadMemoryBounds(root_).usable_bytes(), 0);
  Put("proc/meminfo", "MemTotal:       1048576 kB\nMemFree: 5 kB\n");
  Put("proc/self/cgroup", "0::/a/b\n");
  Put("sys/fs/cgroup/a/b/memory.max", "max\n");
  EXPECT_EQ(ReadMemoryBounds(root_).usable_bytes(), 1 << 30);
  EXPECT_FALSE(ReadMemoryBounds(root_).cgroup_bytes.has_value());
  Put("sys/fs/cgroup/a/memory.max", "268435456\n");
  EXPECT_EQ(ReadMemoryBounds(root_).cgroup_bytes, 268435456);
  EXPECT_EQ(ReadMemoryBounds(root_).machine_bytes, 1 << 30);
  Put("sys/fs/cgroup/a/b/memory.max", "134217728\n");
  EXPECT_EQ(ReadMemoryBounds(root_).usable_bytes(), 134217728);
}

TEST_F(Memory, VersionOneSaysNoLimitAsAHugeNumber) {
  Put("proc/meminfo", "MemTotal:       1048576 kB\n");
  Put("proc/self/cgroup", "4:cpu,cpuacct:/x\n3:memory:/x\n");
  Put("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_FALSE(ReadMemoryBounds(root_).cgroup_bytes.has_value());
  Put("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "67108864\n");
  EXPECT_EQ(ReadMemoryBounds(root_).cgroup_bytes, 67108864);
}

TEST(ConfigSchema, RowsAreUniqueAndDocumented) {
  std::set<std::string> keys;
  for (const ConfigRow& row : ConfigRows()) {
    EXPECT_TRUE(keys.insert(fmt::format("{} {}", row.scope, row.key)).second) << row.key;
    EXPECT_TRUE(row.doc.ends_with(".")) << row.key;
    EXPECT_TRUE(row.flag.empty() || row.flag.substr(row.flag.find(',') + 1).starts_with("--")) << row.key;
  }
  EXPECT_THAT(ConfigKeysBelow("manifest", ""),
              ElementsAre("schema", "sha256", "preprocess", "batching", "postprocess"));
  EXPECT_THAT(ConfigKeysBelow("manifest", "postprocess.ctc"), ElementsAre("charset", "blank"));
  EXPECT_THAT(ConfigChoices(*FindConfigRow("model", "precision")), ElementsAre("f32", "bf16", "f16"));
  EXPECT_TRUE(ConfigChoices(*FindConfigRow("model", "name")).empty());
  EXPECT_EQ(FindConfigRow("model", "colour"), nullptr);
}

TEST(Limits, DefaultsLieInTheirRanges) {
  const Limits limits;
  for (const LimitRow& row : LimitRows()) {
    EXPECT_EQ(limits.*row.field, row.value) << row.name;
    EXPECT_GE(row.value, row.smallest) << row.name;
    EXPECT_LE(row.value, row.largest) << row.name;
  }
}

}  // namespace
}  // namespace oarlock
