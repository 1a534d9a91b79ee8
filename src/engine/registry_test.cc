// The test uses plugins that are none; real ones are opened in tests/engine_conformance.
#include "engine/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/status.h"
#include "engine/private_library.h"

namespace oarlock {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A directory of plugins that are none.
class RegistryTest : public testing::Test {
 protected:
  RegistryTest() : directory_(testing::TempDir() + "oarlock_registry_test") {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  ~RegistryTest() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path PathOf(std::string_view name) const {
    return directory_ / fmt::format("liboarlock_engine_{}.so", name);
  }
  void ExpectError(std::string_view name, absl::StatusCode code, std::initializer_list<std::string> words) {
    EngineRegistry registry(directory_);
    const absl::Status status = registry.Get(name).status();
    EXPECT_EQ(status.code(), code) << status;
    for (const std::string& word : words) EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(word));
  }
  std::filesystem::path directory_;
};

TEST_F(RegistryTest, MissingEngineNamesFileAndCommand) {
  ExpectError("openvino", absl::StatusCode::kNotFound, {PathOf("openvino").string(), "./scripts/bootstrap"});
  ExpectError("mine", absl::StatusCode::kNotFound, {PathOf("mine").string()});
}

TEST_F(RegistryTest, HostileNameIsNoPath) {
  ExpectError("../fake", absl::StatusCode::kInvalidArgument, {"'../fake'"});
  ExpectError(std::string(100'000, 'a'), absl::StatusCode::kInvalidArgument, {"1 to 64 characters"});
}

TEST_F(RegistryTest, WhatIsNoLibraryIsRefusedWithTheLoadersWords) {
  std::ofstream(PathOf("text")) << "not a library";
  ExpectError("text", absl::StatusCode::kFailedPrecondition, {PathOf("text").string(), "file too short"});
}

TEST_F(RegistryTest, LibraryWithoutTheEntryIsNoPlugin) {
  const std::string some_library = MappedLibrary(OwnMaps(), "libm.so.6");
  ASSERT_FALSE(some_library.empty());
  std::filesystem::copy_file(some_library, PathOf("math"));
  ExpectError("math", absl::StatusCode::kFailedPrecondition, {"no engine plugin", "oar_engine_entry"});
}

TEST_F(RegistryTest, NamesAreThoseThatLieThereAndThoseThatCouldBeInstalled) {
  EXPECT_THAT(EngineRegistry(directory_).Names(), ElementsAre("onnxruntime", "openvino"));
  for (std::string_view name : {"zebra", "fake", "NOT"}) std::ofstream{PathOf(name)};
  std::ofstream{directory_ / "README"};
  EXPECT_THAT(EngineRegistry(directory_).Names(), ElementsAre("onnxruntime", "openvino", "fake", "zebra"));
}

TEST_F(RegistryTest, DefaultDirectoryLiesBesideTheProgramsOwn) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  EXPECT_EQ(EngineRegistry().directory(), program.parent_path().parent_path() / "lib/oarlock/engines");
}

TEST_F(RegistryTest, KnownEnginesHaveRows) {
  ASSERT_NE(EngineRegistry::Known("openvino"), nullptr);
  EXPECT_EQ(EngineRegistry::Known("openvino")->private_library, "libtbb.so.12");
  EXPECT_EQ(EngineRegistry::Known("mine"), nullptr);
}

}  // namespace
}  // namespace oarlock
