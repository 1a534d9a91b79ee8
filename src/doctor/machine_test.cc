#include "doctor/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/status.h"

namespace oarlock {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

MachineFacts GoodMachine() {
  MachineFacts machine;
  machine.cpu_flags = {"cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3", "avx2", "avx_vnni"};
  machine.cpu_count = 4;
  machine.memory.machine_bytes = int64_t{8} << 30;
  machine.descriptors_max = 4096;
  machine.descriptors_hard_max = 8192;
  return machine;
}

Diagnosis CheckNamed(const MachineFacts& machine, std::string_view name) {
  for (const Diagnosis& each : CheckMachine(machine, Limits())) {
    if (each.name == name) return each;
  }
  ADD_FAILURE() << "no check " << name;
  return {};
}

TEST(Machine, GoodOneHasNothingToMend) {
  for (const Diagnosis& each : CheckMachine(GoodMachine(), Limits())) {
    EXPECT_EQ(each.status, DiagnosisStatus::kOk) << each.name << ": " << each.found;
    EXPECT_EQ(each.fix, "");
  }
  EXPECT_EQ(CheckNamed(GoodMachine(), "cpu").found, "x86-64-v2 with avx2, vnni");
  EXPECT_EQ(CheckNamed(GoodMachine(), "memory").found, "8 GiB, no limit by a cgroup");
}

TEST(Machine, ProcessorBelowVersion2IsAnErrorThatNamesWhatItLacks) {
  MachineFacts machine = GoodMachine();
  machine.cpu_flags.erase("sse4_2");
  machine.cpu_flags.erase("popcnt");
  const Diagnosis cpu = CheckNamed(machine, "cpu");
  EXPECT_EQ(cpu.status, DiagnosisStatus::kError);
  EXPECT_EQ(cpu.found, "the processor lacks popcnt, sse4_2, and x86-64-v2 is required");
  EXPECT_THAT(cpu.fix, HasSubstr("newer processor"));
}

TEST(Machine, FeaturesOfEitherNameCountOnce) {
  MachineFacts machine = GoodMachine();
  machine.cpu_flags.insert({"avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_tile"});
  EXPECT_EQ(CheckNamed(machine, "cpu").found, "x86-64-v2 with avx2, avx512, vnni, bf16, amx");
}

TEST(Machine, LittleMemoryOfACgroupIsAWarning) {
  MachineFacts machine = GoodMachine();
  machine.memory.cgroup_bytes = 128 << 20;
  const Diagnosis memory = CheckNamed(machine, "memory");
  EXPECT_EQ(memory.status, DiagnosisStatus::kWarning);
  EXPECT_THAT(memory.found, StartsWith("128 MiB, by the cgroup's limit; a server wants 256 MiB"));
  EXPECT_THAT(memory.fix, HasSubstr("docker run --memory"));
  machine.memory.cgroup_bytes = 256 << 20;
  EXPECT_EQ(CheckNamed(machine, "memory").status, DiagnosisStatus::kOk);
}

TEST(Machine, FewDescriptorsAreAWarningWithTheCommandThatRaisesThem) {
  MachineFacts machine = GoodMachine();
  machine.descriptors_max = 1024;  // what Linux gives by default
  const Diagnosis soft = CheckNamed(machine, "descriptors");
  EXPECT_EQ(soft.status, DiagnosisStatus::kWarning);
  EXPECT_EQ(soft.found, "1024 may be open; http_connections_max is 1024 and needs 1088");
  EXPECT_THAT(soft.fix, StartsWith("`ulimit -n 1088` before the server starts"));
  EXPECT_THAT(soft.fix, HasSubstr("--limit http_connections_max=960"));
  machine.descriptors_max = machine.descriptors_hard_max = 20;
  const Diagnosis hard = CheckNamed(machine, "descriptors");
  EXPECT_THAT(hard.fix, StartsWith("raise the hard limit from 20 to 1088 as root"));
  EXPECT_THAT(hard.fix, Not(HasSubstr("http_connections_max=")));
}

TEST(Machine, WhatProcDoesNotSayIsAWarningNotAGuess) {
  const std::filesystem::path root =
      std::filesystem::path(testing::TempDir()) / fmt::format("oarlock-doctor-{}", ::getpid());
  std::filesystem::create_directories(root);
  const MachineFacts machine = ReadMachine(root);
  EXPECT_EQ(CheckNamed(machine, "cpu").status, DiagnosisStatus::kWarning);
  EXPECT_EQ(CheckNamed(machine, "memory").status, DiagnosisStatus::kWarning);
  EXPECT_EQ(CheckNamed(machine, "cpu").fix, "mount /proc");
  std::filesystem::remove_all(root);
}

TEST(BytesText, HasThreeDigitsOrMore) {
  EXPECT_EQ(BytesText(0), "0 bytes");
  EXPECT_EQ(BytesText(9'999), "9999 bytes");
  EXPECT_EQ(BytesText(10'240), "10 KiB");
  EXPECT_EQ(BytesText(341'396), "333 KiB");
  EXPECT_EQ(BytesText(int64_t{512} << 20), "512 MiB");
  EXPECT_EQ(BytesText(int64_t{3} << 39), "1.5 TiB");
}

}  // namespace
}  // namespace oarlock
