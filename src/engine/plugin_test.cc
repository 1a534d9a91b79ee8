#include "engine/plugin.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <functional>

#include "base/status.h"
#include "engine/engine.h"

namespace oarlock {
namespace {

// A table in which everything is there and nothing works.
oar_engine_api WholeTable() {
  oar_engine_api api{};
  api.struct_size = sizeof api;
  api.abi = OAR_ENGINE_ABI;
  api.name = "whole";
  api.version = [] { return "1"; };
  api.open = [](const oar_engine_settings*, oar_engine**, oar_engine_error* error) {
    std::snprintf(error->text, sizeof error->text, "two\nlines");
    return int32_t{14};
  };
  api.close = [](oar_engine*) {};
  api.reads = [](oar_engine*, oar_format) { return int32_t{0}; };
  api.probe = [](oar_engine*, const oar_engine_source*, oar_engine_unsupported_fn, void*, oar_engine_error*) {
    return int32_t{0};
  };
  api.devices = [](oar_engine*, oar_engine_device_fn, void*) {};
  api.load = [](oar_engine*, const oar_engine_source*, const oar_engine_options*, oar_engine_model**,
                oar_engine_error*) { return int32_t{0}; };
  api.unload = [](oar_engine_model*) {};
  api.describe = [](oar_engine_model*, oar_engine_model_info*) {};
  api.input_port = [](oar_engine_model*, size_t, oar_engine_port*) {};
  api.output_port = [](oar_engine_model*, size_t, oar_engine_port*) {};
  api.memory = [](oar_engine_model*, oar_engine_memory*) {};
  api.execution_new = [](oar_engine_model*, oar_engine_execution**, oar_engine_error*) { return int32_t{0}; };
  api.execution_free = [](oar_engine_execution*) {};
  api.bind_input = [](oar_engine_execution*, size_t, const oar_view*, oar_copy_reason*, oar_engine_error*) {
    return int32_t{0};
  };
  api.bind_output = api.bind_input;
  api.output_shape = [](oar_engine_execution*, size_t, int32_t*, int64_t*, oar_engine_error*) { return int32_t{0}; };
  api.run = [](oar_engine_execution*, oar_engine_error*) { return int32_t{0}; };
  api.output = [](oar_engine_execution*, size_t, oar_view*, oar_copy_reason*, oar_engine_error*) { return int32_t{0}; };
  return api;
}

void ExpectRefused(const std::function<void(oar_engine_api*)>& spoil, std::string_view word) {
  oar_engine_api api = WholeTable();
  spoil(&api);
  const absl::Status status = Engine::Open(&api, "/lib/liboarlock_engine_whole.so", 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << word;
  EXPECT_NE(MessageOf(status).find(word), std::string_view::npos) << status;
  EXPECT_NE(MessageOf(status).find("/lib/liboarlock_engine_whole.so", 1), std::string_view::npos) << status;
}

TEST(Plugin, TableOfAnotherAbiIsRefused) {
  const oar_engine_api whole = WholeTable();
  EXPECT_TRUE(CheckTable(&whole, "x").ok());
  EXPECT_FALSE(CheckTable(nullptr, "x").ok());
  ExpectRefused([](oar_engine_api* api) { api->abi = 9; }, "was built for plugin ABI 9, and this program for 1");
  // Another ABI may have a smaller table, and the reason is still the ABI.
  ExpectRefused(
      [](oar_engine_api* api) {
        api->abi = 9;
        api->struct_size = 64;
      },
      "was built for plugin ABI 9, and this program for 1");
  ExpectRefused([](oar_engine_api* api) { api->struct_size = 0; }, "has a table of 0 bytes");
  ExpectRefused([](oar_engine_api* api) { api->struct_size -= 8; }, "bytes; plugin ABI 1 takes");
  ExpectRefused([](oar_engine_api* api) { api->name = nullptr; }, "no name");
}

TEST(Plugin, MissingFunctionIsNamed) {
  ExpectRefused([](oar_engine_api* api) { api->run = nullptr; }, "the function run,");
  ExpectRefused([](oar_engine_api* api) { api->version = nullptr; }, "the function version,");
  ExpectRefused([](oar_engine_api* api) { api->output = nullptr; }, "the function output,");
}

TEST(Plugin, CapabilityNeedsItsFunction) {
  ExpectRefused([](oar_engine_api* api) { api->capabilities = OAR_ENGINE_CAP_CANCEL; }, "the function cancel,");
  ExpectRefused([](oar_engine_api* api) { api->capabilities = OAR_ENGINE_CAP_ASYNC; }, "the function start,");
  ExpectRefused([](oar_engine_api* api) { api->capabilities = OAR_ENGINE_CAP_PROFILE; }, "the function profile,");
}

TEST(Plugin, ErrorOfTheEngineKeepsItsCodeOnOneLine) {
  const oar_engine_api api = WholeTable();
  const absl::Status status = Engine::Open(&api, "x", 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(MessageOf(status), "engine 'whole' cannot be opened: two?lines");
}

TEST(Plugin, NamesAreNeverPaths) {
  for (std::string_view name : {"openvino", "onnx_runtime2", "a"}) EXPECT_TRUE(CheckEngineName(name).ok()) << name;
  for (std::string_view name : {"", "..", "../x", "a/b", "A", "a b", "a.so", "a\n", "\xc3\xa4"}) {
    EXPECT_EQ(CheckEngineName(name).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_TRUE(CheckEngineName(std::string(64, 'a')).ok());
  EXPECT_FALSE(CheckEngineName(std::string(65, 'a')).ok());
}

TEST(Plugin, FileNameHoldsTheEngineName) {
  EXPECT_EQ(PluginFileName("fake"), "liboarlock_engine_fake.so");
  EXPECT_EQ(EngineNameOf("liboarlock_engine_fake.so"), "fake");
  for (std::string_view file : {"liboarlock_engine_.so", "liboarlock_engine_fake.so.1", "libfake.so", "",
                                "liboarlock_engine_A.so", "liboarlock_engine_so"}) {
    EXPECT_EQ(EngineNameOf(file), "") << file;
  }
}

}  // namespace
}  // namespace oarlock
