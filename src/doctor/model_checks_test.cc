// Memory is told here and not read; the other findings about models are in tests/program/doctor_test.py.
#include "doctor/model_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oarlock {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kModel[] = OARLOCK_SOURCE_DIR "/tests/models/paddle/lenet";  // 247 kB of weights

Diagnoses Look(const MemoryBounds& memory) {
  Runtime runtime(OARLOCK_BUILD_DIR "/lib/oarlock/engines");
  ModelConfig config;
  config.path = kModel;
  config.engine = "fake";  // does not read it: the checks up to the engine are the ones asked here
  config.importer = ImporterChoice::kEngine;
  return CheckModel(config, Limits(), memory, &runtime, nullptr);
}

TEST(ModelChecks, ModelLargerThanTheMemoryIsNotEvenRead) {
  MemoryBounds memory;
  memory.machine_bytes = int64_t{1} << 30;
  memory.cgroup_bytes = 64 << 10;
  const Diagnoses found = Look(memory);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.back().name, "model memory");
  EXPECT_EQ(found.back().status, DiagnosisStatus::kError);
  EXPECT_THAT(found.back().found, HasSubstr("there are 64 KiB"));
  EXPECT_THAT(found.back().fix, StartsWith("raise the memory limit well above"));
}

TEST(ModelChecks, TightMemoryIsAWarningAndTheChecksGoOn) {
  MemoryBounds memory;
  memory.machine_bytes = 600 << 10;
  const Diagnoses found = Look(memory);
  ASSERT_GT(found.size(), 2u);
  EXPECT_EQ(found[1].name, "model memory");
  EXPECT_EQ(found[1].status, DiagnosisStatus::kWarning);
  EXPECT_EQ(found[2].name, "identity");
  EXPECT_EQ(found.back().name, "model engine");
  EXPECT_EQ(found.back().status, DiagnosisStatus::kError);
}

TEST(ModelChecks, EnoughMemoryIsOk) {
  MemoryBounds memory;
  memory.machine_bytes = int64_t{1} << 30;
  EXPECT_EQ(Look(memory)[1].status, DiagnosisStatus::kOk);
}

}  // namespace
}  // namespace oarlock
