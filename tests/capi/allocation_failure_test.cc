// Every allocation of every call fails once, and once more with all that follow: the call answers with an error, what
// it was to write stays as it was, nothing is left, and the same call works afterwards.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iterator>
#include <thread>

#include "asked.h"
#include "failing_allocations.h"
#include "picture.h"

namespace oarlock::capi_test {
namespace {

constexpr int64_t kAllocationsMax = 20'000;  // of one call; there are far fewer

// Failures of the calls that a test makes within.
struct Attempt {
  int64_t number = 0;
  HowOften how_often = HowOften::kOnce;
  bool hit = false;
  oar_code code = OAR_OK;
  std::string text;

  // The call that is to be tried; with room for its error.
  template <typename Function, typename... Arguments>
  oar_code Call(Function function, Arguments... arguments) {
    oar_error* error = nullptr;
    {
      FailAllocations fail(Where::kThisThread, number, how_often);
      code = function(arguments..., &error);
      fail.Stop();
      hit |= fail.hit();
    }
    EXPECT_EQ(oar_error_code(error), code);
    EXPECT_EQ(error == nullptr, code == OAR_OK);
    text = Taken(error);
    EXPECT_EQ(text.empty(), code == OAR_OK) << oar_code_name(code);
    return code;
  }
};

// What lives between two calls. A worker lets go of a request a moment after its callback, so that a look may see too
// much: the least that was ever seen is what counts, and a later look waits for it.
class Live {
 public:
  void Look() { least_ = std::min(least_, LiveAllocations()); }
  // How many more there are than before; after ten seconds at most.
  int64_t Left() {
    const int64_t until_ns = oar_monotonic_now_ns() + 10'000'000'000;
    while (LiveAllocations() > least_ && oar_monotonic_now_ns() < until_ns) std::this_thread::yield();
    return LiveAllocations() - least_;
  }

 private:
  int64_t least_ = INT64_MAX;
};

size_t OpenDescriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(all), end(all)));
}

std::string NameOf(int64_t number, HowOften how_often) {
  std::string name = "allocation ";
  name.append(std::to_string(number));
  if (how_often == HowOften::kFromThenOn) name.append(" and all that follow");
  return name;
}

// `once` makes one call through the attempt, looks at what it wrote, and ends all it made.
template <typename Once>
void FailEachAllocation(Once once) {
  for (const HowOften how_often : {HowOften::kOnce, HowOften::kFromThenOn}) {
    for (int i = 0; i < 3; ++i) {  // what is made once in a process is made now
      Attempt unspoilt;
      once(unspoilt);
      ASSERT_EQ(unspoilt.code, OAR_OK) << unspoilt.text;
    }
    const Counts handles = CountsNow();
    const size_t descriptors = OpenDescriptors();
    Live live;
    int failed = 0;
    for (int64_t number = 1;; ++number) {
      ASSERT_LT(number, kAllocationsMax);
      SCOPED_TRACE(NameOf(number, how_often));
      live.Look();  // beside what the trace takes
      bool hit = false;
      {
        Attempt attempt;
        attempt.number = number;
        attempt.how_often = how_often;
        once(attempt);
        if (attempt.code != OAR_OK) {
          ++failed;
          ASSERT_EQ(attempt.code, OAR_RESOURCE_EXHAUSTED) << attempt.text;
        }
        ASSERT_EQ(CountsNow(), handles);
        hit = attempt.hit;
      }
      ASSERT_LE(live.Left(), 0) << "something is left";
      ASSERT_EQ(OpenDescriptors(), descriptors) << "a file is left open";
      Attempt again;
      once(again);
      ASSERT_EQ(again.code, OAR_OK) << again.text << " (and no allocation failed)";
      if (!hit) break;
    }
    EXPECT_GT(failed, 0) << "this call allocates nothing that can fail";
  }
}

class AllocationFailure : public CApi {
 protected:
  Owned<oar_runtime> runtime_ = NewRuntime();
  Owned<oar_predictor> predictor_ = Load(runtime_.get(), kAdd);
  Owned<oar_tensor> x_ = Of<float>({1, 16}, Numbers(16));
};

TEST_F(AllocationFailure, OperatorNewOfThisProgramIsThatOfTheLibrary) {
  const int64_t before = AllocationCount();
  const int64_t dims[] = {1};
  oar_tensor tensor{0};
  ASSERT_EQ(oar_tensor_allocate(OAR_DTYPE_F32, dims, 1, &tensor, nullptr), OAR_OK);
  EXPECT_GT(AllocationCount(), before);
  contract::End(tensor);
}

TEST_F(AllocationFailure, Runtime) {
  auto options = Sized<oar_runtime_options>();
  options.thread_budget = 2;
  options.cache_dir = "none";
  FailEachAllocation([&](Attempt& attempt) {
    oar_runtime runtime{0xabab};
    if (attempt.Call(oar_runtime_create, &options, &runtime) == OAR_OK) {
      contract::End(runtime);
    } else {
      EXPECT_EQ(runtime.value, 0xababU);
    }
  });
}

// A directory with the fake engine alone: real ones end the process when memory runs out in them.
class FakeEngineAlone {
 public:
  FakeEngineAlone() : path_(testing::TempDir() + "oarlock-fake-engine-" + std::to_string(getpid())) {
    std::filesystem::create_directories(path_);
    const std::string plugin = "liboarlock_engine_fake.so";
    std::filesystem::create_symlink(OARLOCK_BUILD_DIR "/lib/oarlock/engines/" + plugin, path_ / plugin);
  }
  ~FakeEngineAlone() { std::filesystem::remove_all(path_); }
  const char* path() const { return path_.c_str(); }

 private:
  const std::filesystem::path path_;
};

TEST_F(AllocationFailure, Engines) {
  const FakeEngineAlone engines;
  auto options = Sized<oar_runtime_options>();
  options.engine_path = engines.path();
  options.thread_budget = 1;
  options.cache_dir = "none";
  FailEachAllocation([&](Attempt& attempt) {
    Owned<oar_runtime> runtime;
    ASSERT_TRUE(Ok(oar_runtime_create, &options, runtime.out()));
    auto engine = Sized<oar_engine_description>();
    engine.name = "untouched";
    bool seen = false;
    for (size_t i = 0; attempt.Call(oar_runtime_engine, runtime.get(), i, &engine) == OAR_OK; ++i) {
      seen |= std::string_view(engine.name) == "fake" && engine.code == OAR_OK;
    }
    // Past the last; or an allocation has failed, also where that is told of an engine.
    if (attempt.code == OAR_OUT_OF_RANGE) attempt.code = seen || attempt.hit ? OAR_OK : OAR_NOT_FOUND;
  });
}

TEST_F(AllocationFailure, Hardware) {
  auto hardware = Sized<oar_hardware>();
  FailEachAllocation([&](Attempt& attempt) {
    const auto runtime = NewRuntime();
    attempt.Call(oar_runtime_hardware, runtime.get(), &hardware);
  });
}

// Makes a tensor by a call whose last argument but the error is the tensor.
template <typename Function, typename... Arguments>
void MakesATensor(Attempt& attempt, Function function, Arguments... arguments) {
  oar_tensor tensor{0xabab};
  if (attempt.Call(function, arguments..., &tensor) == OAR_OK) {
    contract::End(tensor);
  } else {
    EXPECT_EQ(tensor.value, 0xababU);
  }
}

TEST_F(AllocationFailure, Tensors) {
  const int64_t dims[] = {2, 3};
  const oar_string strings[] = {{"a string that is longer than any room of its own", 48}, {"b", 1}};
  FailEachAllocation([&](Attempt& attempt) { MakesATensor(attempt, oar_tensor_allocate, OAR_DTYPE_F32, dims, 2); });
  FailEachAllocation([&](Attempt& attempt) { MakesATensor(attempt, oar_tensor_from_strings, strings, size_t{2}); });
  FailEachAllocation([&](Attempt& attempt) { MakesATensor(attempt, oar_tensor_slice, x_.get(), 1, 2, 5); });
  FailEachAllocation(
      [&](Attempt& attempt) { MakesATensor(attempt, oar_tensor_view, x_.get(), OAR_DTYPE_F32, dims, 2, size_t{4}); });
  FailEachAllocation([&](Attempt& attempt) { MakesATensor(attempt, oar_tensor_clone, x_.get()); });
}

TEST_F(AllocationFailure, WrappedMemoryStaysTheCallersIfTheCallFails) {
  float memory[2] = {1, 2};
  const int64_t dims[] = {2};
  int released = 0;
  FailEachAllocation([&](Attempt& attempt) {
    const int before = released;
    oar_tensor tensor{0xabab};
    const oar_release_fn release = [](void* user) { ++*static_cast<int*>(user); };
    if (attempt.Call(oar_tensor_wrap, memory, sizeof memory, OAR_DTYPE_F32, dims, 1, nullptr, release, &released,
                     &tensor) == OAR_OK) {
      EXPECT_EQ(released, before);
      contract::End(tensor);
      EXPECT_EQ(released, before + 1);
    } else {
      EXPECT_EQ(released, before);
      EXPECT_EQ(tensor.value, 0xababU);
    }
  });
}

TEST_F(AllocationFailure, DlPack) {
  FailEachAllocation([&](Attempt& attempt) {
    DLManagedTensor* managed = nullptr;
    if (attempt.Call(oar_tensor_to_dlpack, x_.get(), &managed) != OAR_OK) {
      EXPECT_EQ(managed, nullptr);
      return;
    }
    Owned<oar_tensor> back;
    ASSERT_TRUE(Ok(oar_tensor_from_dlpack, managed, back.out()));
  });
  FailEachAllocation([&](Attempt& attempt) {
    DLManagedTensor* managed = nullptr;
    ASSERT_TRUE(Ok(oar_tensor_to_dlpack, x_.get(), &managed));
    oar_tensor back{0xabab};
    if (attempt.Call(oar_tensor_from_dlpack, managed, &back) != OAR_OK) {
      EXPECT_EQ(back.value, 0xababU);
      ASSERT_TRUE(Ok(oar_tensor_from_dlpack, managed, &back)) << "it stayed the caller's";
    }
    contract::End(back);
  });
}

TEST_F(AllocationFailure, Images) {
  FailEachAllocation([&](Attempt& attempt) {
    oar_image image{0xabab};
    if (attempt.Call(oar_image_decode, kPicture, sizeof kPicture, OAR_COLOR_RGB, &image) == OAR_OK) {
      contract::End(image);
    } else {
      EXPECT_EQ(image.value, 0xababU);
    }
  });
  Owned<oar_image> image;
  ASSERT_TRUE(Ok(oar_image_decode, kPicture, sizeof kPicture, OAR_COLOR_RGB, image.out()));
  FailEachAllocation([&](Attempt& attempt) { MakesATensor(attempt, oar_image_to_tensor, image.get(), nullptr); });
}

TEST_F(AllocationFailure, Load) {
  auto options = FakeOptions();
  options.warm_up = OAR_WARM_UP_AUTO;
  options.name = "a name that is longer than any room of its own";
  FailEachAllocation([&](Attempt& attempt) {
    oar_predictor predictor{0xabab};
    if (attempt.Call(oar_predictor_load_memory, runtime_.get(), kAdd, sizeof kAdd - 1, nullptr, size_t{0}, &options,
                     &predictor) == OAR_OK) {
      contract::End(predictor);
    } else {
      EXPECT_EQ(predictor.value, 0xababU);
    }
  });
  options.format = OAR_FORMAT_UNKNOWN;
  FailEachAllocation([&](Attempt& attempt) {
    oar_predictor predictor{0xabab};
    if (attempt.Call(oar_predictor_load, runtime_.get(), OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake", &options,
                     &predictor) == OAR_OK) {
      contract::End(predictor);
    } else {
      EXPECT_EQ(predictor.value, 0xababU);
    }
  });
}

TEST_F(AllocationFailure, LoadInBackground) {
  auto options = FakeOptions();
  options.in_background = 1;
  FailEachAllocation([&](Attempt& attempt) {
    oar_predictor predictor{0xabab};
    if (attempt.Call(oar_predictor_load_memory, runtime_.get(), kAdd, sizeof kAdd - 1, nullptr, size_t{0}, &options,
                     &predictor) != OAR_OK) {
      EXPECT_EQ(predictor.value, 0xababU);
      return;
    }
    EXPECT_TRUE(Ok(oar_predictor_wait_ready, predictor, int64_t{-1}));
    contract::End(predictor);
  });
}

TEST_F(AllocationFailure, LoadersOwnThread) {
  auto options = FakeOptions();
  options.in_background = 1;
  for (const HowOften how_often : {HowOften::kOnce, HowOften::kFromThenOn}) {
    bool hit = true;
    for (int64_t number = 1; hit; ++number) {
      ASSERT_LT(number, kAllocationsMax);
      FailAllocations fail(Where::kOtherThreads, number, how_often);
      auto predictor = Load(runtime_.get(), kAdd, options);
      oar_error* error = nullptr;
      const oar_code code = oar_predictor_wait_ready(predictor.get(), -1, &error);
      fail.Stop();
      hit = fail.hit();
      ASSERT_TRUE(code == OAR_OK || code == OAR_RESOURCE_EXHAUSTED) << oar_error_message(error);
      ASSERT_EQ(Taken(error).empty(), code == OAR_OK);
    }
  }
}

TEST_F(AllocationFailure, DescribingAndFinding) {
  size_t index = 0;
  FailEachAllocation(
      [&](Attempt& attempt) { attempt.Call(oar_predictor_find, predictor_.get(), OAR_PORT_KIND_INPUT, "x", &index); });
  auto report = Sized<oar_zero_copy_report>();
  std::vector<float> lent(17);
  const int64_t dims[] = {1, 16};
  Owned<oar_tensor> misaligned;
  ASSERT_TRUE(Ok(oar_tensor_wrap, reinterpret_cast<char*>(lent.data()) + 1, size_t{64}, OAR_DTYPE_F32, dims, 2, nullptr,
                 nullptr, nullptr, misaligned.out()));
  FailEachAllocation([&](Attempt& attempt) {
    attempt.Call(oar_predictor_check_zero_copy, predictor_.get(), OAR_PORT_KIND_INPUT, size_t{0}, misaligned.get(),
                 &report);
  });
}

TEST_F(AllocationFailure, Infer) {
  const oar_tensor input = x_.get();
  FailEachAllocation([&](Attempt& attempt) {
    oar_tensor output{0};
    if (attempt.Call(oar_predictor_infer, predictor_.get(), nullptr, &input, size_t{1}, &output, size_t{1}) == OAR_OK) {
      EXPECT_EQ(Elements<float>(output), Numbers(16, 1));
      contract::End(output);
    } else {
      EXPECT_EQ(output.value, 0U);
    }
  });
}

TEST_F(AllocationFailure, InferInABatchOfOthers) {
  auto options = FakeOptions();
  auto batching = Sized<oar_batching_options>();
  batching.max_batch_size = 4;
  options.batching = &batching;
  const auto predictor = Load(runtime_.get(), kAddRows, options);
  const auto rows = Of<float>({2, 4}, Numbers(8));
  const oar_tensor input = rows.get();
  auto infer = Sized<oar_infer_options>();
  infer.batched = 1;
  FailEachAllocation([&](Attempt& attempt) {
    oar_tensor output{0};
    if (attempt.Call(oar_predictor_infer, predictor.get(), &infer, &input, size_t{1}, &output, size_t{1}) == OAR_OK) {
      EXPECT_EQ(Elements<float>(output), Numbers(8, 1));
      contract::End(output);
    } else {
      EXPECT_EQ(output.value, 0U);
    }
  });
}

TEST_F(AllocationFailure, InferAsync) {
  const oar_tensor input = x_.get();
  FailEachAllocation([&](Attempt& attempt) {
    Asked asked;
    uint64_t id = 0xabab;
    if (attempt.Call(oar_predictor_infer_async, predictor_.get(), nullptr, &input, size_t{1}, nullptr, size_t{0},
                     Asked::Callback, &asked, &id) == OAR_OK) {
      ASSERT_TRUE(asked.ended.Wait());
      attempt.code = asked.code;
      EXPECT_EQ(asked.ended.count(), 1);
    } else {
      EXPECT_EQ(asked.ended.count(), 0);
      EXPECT_EQ(id, 0xababU);
    }
  });
}

// What a callback was told, without allocating.
struct Told {
  Event ended;
  std::atomic<oar_code> code{-1};
  std::atomic<bool> has_text{false};
  static void Callback(void* user, oar_code code, const oar_error* error, const oar_tensor* outputs, size_t count) {
    auto* const told = static_cast<Told*>(user);
    told->code = code;
    told->has_text = *oar_error_message(error) != '\0';
    for (size_t i = 0; i < count; ++i) contract::End(outputs[i]);
    told->ended.Set();
  }
};

void FailOnWorkers(oar_predictor predictor, oar_tensor input, int requests) {
  for (const HowOften how_often : {HowOften::kOnce, HowOften::kFromThenOn}) {
    bool hit = true;
    int failed = 0;
    for (int64_t number = 1; hit; ++number) {
      ASSERT_LT(number, kAllocationsMax);
      SCOPED_TRACE(NameOf(number, how_often));
      std::vector<Told> told(static_cast<size_t>(requests));
      FailAllocations fail(Where::kOtherThreads, number, how_often);
      for (Told& each : told) {
        ASSERT_EQ(oar_predictor_infer_async(predictor, nullptr, &input, 1, nullptr, 0, Told::Callback, &each, nullptr,
                                            nullptr),
                  OAR_OK);
      }
      for (Told& each : told) ASSERT_TRUE(each.ended.Wait());
      fail.Stop();
      hit = fail.hit();
      for (Told& each : told) {
        EXPECT_EQ(each.ended.count(), 1);
        ASSERT_TRUE(each.code == OAR_OK || each.code == OAR_RESOURCE_EXHAUSTED) << oar_code_name(each.code);
        EXPECT_EQ(each.has_text, each.code != OAR_OK);
        failed += each.code == OAR_OK ? 0 : 1;
      }
      Told again;
      ASSERT_EQ(oar_predictor_infer_async(predictor, nullptr, &input, 1, nullptr, 0, Told::Callback, &again, nullptr,
                                          nullptr),
                OAR_OK);
      ASSERT_TRUE(again.ended.Wait());
      ASSERT_EQ(again.code, OAR_OK);
    }
    EXPECT_GT(failed, 0);
  }
}

TEST_F(AllocationFailure, WorkersCallBackOnce) { FailOnWorkers(predictor_.get(), x_.get(), 1); }

TEST_F(AllocationFailure, WorkersCallBackOnceForEachOfSeveral) { FailOnWorkers(predictor_.get(), x_.get(), 8); }

TEST_F(AllocationFailure, WorkersCallBackOnceForEachOfABatch) {
  auto options = FakeOptions();
  auto batching = Sized<oar_batching_options>();
  batching.max_batch_size = 64;
  batching.delay_max_ns = 2'000'000;
  batching.lazy = 1;
  options.batching = &batching;
  const auto predictor = Load(runtime_.get(), kAddRows, options);
  const auto row = Of<float>({1, 4}, Numbers(4));
  FailOnWorkers(predictor.get(), row.get(), 20);
}

TEST_F(AllocationFailure, InferBatch) {
  const oar_tensor input = x_.get();
  FailEachAllocation([&](Attempt& attempt) {
    oar_tensor outputs[2] = {};
    oar_request requests[] = {{&input, 1, &outputs[0], 1, -1}, {&input, 1, &outputs[1], 1, -1}};
    if (attempt.Call(oar_predictor_infer_batch, predictor_.get(), nullptr, requests, size_t{2}) != OAR_OK) {
      for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(requests[i].code, -1);
        EXPECT_EQ(outputs[i].value, 0U);
      }
      return;
    }
    for (int i = 0; i < 2; ++i) {
      if (requests[i].code == OAR_OK) {
        contract::End(outputs[i]);
      } else {
        attempt.code = requests[i].code;
        EXPECT_EQ(outputs[i].value, 0U);
      }
    }
  });
}

TEST_F(AllocationFailure, Runners) {
  FailEachAllocation([&](Attempt& attempt) {
    oar_runner runner{0xabab};
    if (attempt.Call(oar_runner_create, predictor_.get(), &runner) == OAR_OK) {
      contract::End(runner);
    } else {
      EXPECT_EQ(runner.value, 0xababU);
    }
  });
  const auto wide = Of<float>({1, 32}, Numbers(32));
  Owned<oar_tensor> half;
  ASSERT_TRUE(Ok(oar_tensor_slice, wide.get(), 1, 0, 16, half.out()));
  Owned<oar_runner> runner;
  ASSERT_TRUE(Ok(oar_runner_create, predictor_.get(), runner.out()));
  const auto two_rows = Of<float>({2, 16}, Numbers(32));
  Owned<oar_tensor> gaps;
  const int64_t dims[] = {1, 16};
  const int64_t strides[] = {32, 2};
  auto options = Sized<oar_tensor_options>();
  options.strides = strides;
  ASSERT_TRUE(Ok(oar_tensor_wrap, DataOf(wide.get()), size_t{128}, OAR_DTYPE_F32, dims, 2, &options, nullptr, nullptr,
                 gaps.out()));
  FailEachAllocation([&](Attempt& attempt) {
    ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
    attempt.Call(oar_runner_bind_input, runner.get(), size_t{0}, gaps.get());
    ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
  });
  FailEachAllocation([&](Attempt& attempt) {
    if (attempt.Call(oar_runner_start, runner.get(), nullptr, nullptr) == OAR_OK) {
      const Answer ended = Ask(oar_runner_wait, runner.get(), int64_t{-1});
      attempt.code = ended.code;
      attempt.text = ended.text;
    }
  });
}

TEST_F(AllocationFailure, EndsNeverFail) {
  for (int64_t number = 1; number < 40; ++number) {
    auto runtime = NewRuntime();
    auto predictor = Load(runtime.get(), With(kAdd, "delay_us 1000\n"));
    Owned<oar_runner> runner;
    ASSERT_TRUE(Ok(oar_runner_create, predictor.get(), runner.out()));
    ASSERT_TRUE(Ok(oar_runner_bind_input, runner.get(), size_t{0}, x_.get()));
    std::vector<Told> told(3);
    const oar_tensor input = x_.get();
    for (Told& each : told) {
      ASSERT_EQ(oar_predictor_infer_async(predictor.get(), nullptr, &input, 1, nullptr, 0, Told::Callback, &each,
                                          nullptr, nullptr),
                OAR_OK);
    }
    ASSERT_TRUE(Ok(oar_runner_start, runner.get(), nullptr, nullptr));
    {
      FailAllocations fail(Where::kThisThread, number, HowOften::kFromThenOn);
      const oar_code runner_ended = oar_runner_destroy(runner.get(), nullptr);
      const oar_code predictor_ended = oar_predictor_destroy(predictor.get(), nullptr);
      const oar_code runtime_ended = oar_runtime_destroy(runtime.get(), nullptr);
      fail.Stop();
      ASSERT_EQ(runner_ended, OAR_OK);
      ASSERT_EQ(predictor_ended, OAR_OK);
      ASSERT_EQ(runtime_ended, OAR_OK);
    }
    for (Told& each : told) ASSERT_EQ(each.ended.count(), 1);
  }
}

}  // namespace
}  // namespace oarlock::capi_test
