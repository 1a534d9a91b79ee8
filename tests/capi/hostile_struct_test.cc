// Structs of callers whose headers are older or newer than the library, and numbers that are no value of an enum.
#include <vector>

#include "fixture.h"

namespace oarlock::capi_test {
namespace {

class HostileStruct : public CApi {};

// A struct with room behind it, as a newer header would have it.
template <typename S>
struct Newer {
  S known = Sized<S>();
  unsigned char tail[64] = {};
};

TEST_F(HostileStruct, OptionsOfNoSizeAreRefused) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{7}}) {
    auto options = Sized<oar_runtime_options>();
    options.struct_size = size;
    oar_runtime runtime{0xabab};
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "options", oar_runtime_create, &options, &runtime));
    EXPECT_EQ(runtime.value, 0xababU);
  }
}

TEST_F(HostileStruct, OptionsOfAnOlderHeaderAreReadAsFarAsTheyGo) {
  // Only struct_size itself: everything else is the default, whatever lies behind.
  auto options = Sized<oar_load_options>();
  options.struct_size = sizeof(size_t);
  options.version = -7;
  options.engine = "no such engine";
  const auto runtime = NewRuntime();
  Owned<oar_predictor> predictor;
  EXPECT_TRUE(Ok(oar_predictor_load, runtime.get(), OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake", &options,
                 predictor.out()));
  options.struct_size = offsetof(oar_load_options, engine);
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "version", oar_predictor_load, runtime.get(),
                    OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake", &options, predictor.out()));
}

TEST_F(HostileStruct, OptionsOfANewerHeaderHoldIfTheyAreZeroAndAreRefusedElse) {
  Newer<oar_tensor_options> options;
  options.known.struct_size = sizeof(options);
  float memory[2] = {1, 2};
  const int64_t dims[] = {2};
  Owned<oar_tensor> tensor;
  EXPECT_TRUE(Ok(oar_tensor_wrap, memory, sizeof memory, OAR_DTYPE_F32, dims, 1, &options.known, nullptr, nullptr,
                 tensor.out()));
  options.tail[63] = 1;
  oar_tensor none{0xabab};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "options", oar_tensor_wrap, memory, sizeof memory, OAR_DTYPE_F32, dims, 1,
                    &options.known, nullptr, nullptr, &none));
  EXPECT_EQ(none.value, 0xababU);
}

TEST_F(HostileStruct, SizesThatNoStructHasAreRefused) {
  std::vector<unsigned char> room(sizeof(oar_tensor_options) + 8192);
  const size_t size = room.size();
  std::memcpy(room.data(), &size, sizeof size);
  float memory[2] = {1, 2};
  const int64_t dims[] = {2};
  oar_tensor none{0xabab};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "options", oar_tensor_wrap, memory, sizeof memory, OAR_DTYPE_F32, dims, 1,
                    reinterpret_cast<const oar_tensor_options*>(room.data()), nullptr, nullptr, &none));
  EXPECT_EQ(none.value, 0xababU);
}

TEST_F(HostileStruct, WhatIsWrittenEndsWithTheCallersStruct) {
  const auto tensor = Of<float>({2}, {1, 2});
  for (const size_t size : {sizeof(size_t), offsetof(oar_tensor_description, dims), sizeof(oar_tensor_description)}) {
    Newer<oar_tensor_description> description;
    std::memset(static_cast<void*>(&description), 0xab, sizeof description);
    description.known.struct_size = size;
    EXPECT_TRUE(Ok(oar_tensor_describe, tensor.get(), &description.known));
    EXPECT_EQ(description.known.struct_size, size);
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&description);
    for (size_t i = size; i < sizeof description; ++i) ASSERT_EQ(bytes[i], 0xab) << i << " of " << size;
    if (size > offsetof(oar_tensor_description, rank)) {
      EXPECT_EQ(description.known.rank, 1);
    }
  }
  Newer<oar_tensor_description> newer;
  newer.known.struct_size = sizeof newer;
  newer.tail[0] = 0xab;
  EXPECT_TRUE(Ok(oar_tensor_describe, tensor.get(), &newer.known));
  EXPECT_EQ(newer.known.struct_size, sizeof newer);
  EXPECT_EQ(newer.known.size_bytes, 8U);
  EXPECT_EQ(newer.tail[0], 0xab) << "beyond what this library knows nothing is written";
}

TEST_F(HostileStruct, StructsWithinStructsAreCheckedTheSame) {
  const auto runtime = NewRuntime();
  auto batching = Sized<oar_batching_options>();
  auto options = FakeOptions();
  options.batching = &batching;
  const auto load = [&](oar_code code, std::string_view word) {
    oar_predictor predictor{0xabab};
    EXPECT_TRUE(Fails(code, word, oar_predictor_load_memory, runtime.get(), kAddRows, sizeof kAddRows - 1, nullptr,
                      size_t{0}, &options, &predictor));
    EXPECT_EQ(predictor.value, 0xababU);
  };
  batching.struct_size = 3;
  load(OAR_INVALID_ARGUMENT, "batching");
  batching = Sized<oar_batching_options>();
  batching.bucket_count = 2;
  load(OAR_INVALID_ARGUMENT, "buckets");
  const int64_t buckets[] = {4, 2};
  batching.buckets = buckets;
  batching.max_batch_size = 8;
  load(OAR_INVALID_ARGUMENT, "bucket");
  batching.bucket_count = SIZE_MAX;
  load(OAR_INVALID_ARGUMENT, "bucket_count");
  batching = Sized<oar_batching_options>();
  batching.max_batch_size = -1;
  load(OAR_INVALID_ARGUMENT, "max_batch_size");
  batching.max_batch_size = INT64_MAX;
  load(OAR_INVALID_ARGUMENT, "max_batch_size");
  batching.max_batch_size = 4;
  for (const int64_t delay_ns : {int64_t{-1}, INT64_MIN, INT64_MAX}) {
    batching.delay_max_ns = delay_ns;
    load(OAR_INVALID_ARGUMENT, "delay");
  }
}

TEST_F(HostileStruct, LoadOptionsOutOfRangeAreNamed) {
  const auto runtime = NewRuntime();
  const auto load = [&](std::string_view word, const std::function<void(oar_load_options&)>& change) {
    auto options = FakeOptions();
    change(options);
    oar_predictor predictor{0xabab};
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, word, oar_predictor_load_memory, runtime.get(), kAdd, sizeof kAdd - 1,
                      nullptr, size_t{0}, &options, &predictor));
    EXPECT_EQ(predictor.value, 0xababU);
  };
  load("version", [](oar_load_options& options) { options.version = -1; });
  load("execution_count", [](oar_load_options& options) { options.execution_count = -1; });
  load("execution_count", [](oar_load_options& options) { options.execution_count = INT32_MAX; });
  load("thread_count", [](oar_load_options& options) { options.thread_count = -1; });
  load("thread_count", [](oar_load_options& options) { options.thread_count = INT32_MAX; });
  load("format", [](oar_load_options& options) { options.format = 99; });
  load("precision", [](oar_load_options& options) { options.precision = -1; });
  load("weights", [](oar_load_options& options) { options.weights = 2; });
  load("warm_up", [](oar_load_options& options) { options.warm_up = 7; });
  load("cache", [](oar_load_options& options) { options.cache = 7; });
  load("name", [](oar_load_options& options) { options.name = ""; });
  load("name", [](oar_load_options& options) { options.name = "a/b"; });
}

TEST_F(HostileStruct, RuntimeOptionsOutOfRangeAreNamed) {
  for (const int32_t budget : {-1, 4097, INT32_MAX, INT32_MIN}) {
    auto options = Sized<oar_runtime_options>();
    options.thread_budget = budget;
    oar_runtime runtime{0xabab};
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "thread_budget", oar_runtime_create, &options, &runtime));
    EXPECT_EQ(runtime.value, 0xababU);
  }
}

TEST_F(HostileStruct, FlagsThatAreUnknownAreRefused) {
  auto options = Sized<oar_tensor_options>();
  options.flags = UINT64_C(1) << 63;
  float memory[1] = {};
  const int64_t dims[] = {1};
  oar_tensor none{0xabab};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "flags", oar_tensor_wrap, memory, sizeof memory, OAR_DTYPE_F32, dims, 1,
                    &options, nullptr, nullptr, &none));
  EXPECT_EQ(none.value, 0xababU);
}

}  // namespace
}  // namespace oarlock::capi_test
