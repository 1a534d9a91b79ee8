// A run of a runner allocates nothing of ours, whatever had to be copied: every malloc of the calling thread is
// counted, except those that the engine makes, which the engine conformance tests look at.
#include <link.h>
#include <unwind.h>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "../memory/counted_malloc.h"
#include "fixture.h"

namespace {

thread_local bool counting = false;
std::atomic<long> own_count{0};
std::atomic<long> engine_count{0};

// Where an engine's code lies; [0, 0) until known.
uintptr_t engine_begin = 0;
uintptr_t engine_end = 0;

// Does a call of the plugin's lead here?
bool IsOfAnEngine() {
  bool found = false;
  _Unwind_Backtrace(
      [](_Unwind_Context* context, void* is_found) {
        const uintptr_t address = _Unwind_GetIP(context);
        if (address < engine_begin || address >= engine_end) return _URC_NO_REASON;
        *static_cast<bool*>(is_found) = true;
        return _URC_END_OF_STACK;
      },
      &found);
  return found;
}

// The code of the plugin whose file name holds `name`.
void FindEngine(const char* name) {
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* wanted) {
        if (std::strstr(info->dlpi_name, static_cast<const char*>(wanted)) == nullptr) return 0;
        for (int i = 0; i < info->dlpi_phnum; ++i) {
          const auto& part = info->dlpi_phdr[i];
          if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
          engine_begin = info->dlpi_addr + part.p_vaddr;
          engine_end = engine_begin + part.p_memsz;
        }
        return 1;
      },
      const_cast<char*>(name));
}

}  // namespace

void CountAllocation() {
  if (!counting) return;
  counting = false;
  (IsOfAnEngine() ? engine_count : own_count).fetch_add(1, std::memory_order_relaxed);
  counting = true;
}

namespace oarlock::capi_test {
namespace {

TEST(RunnerAllocations, TheCounterCounts) {
  own_count = 0;
  counting = true;
  int* volatile made = new int(3);
  counting = false;
  delete made;
  EXPECT_EQ(own_count, 1);
}

struct Case {
  std::string name;
  std::string engine;
  std::string path;
};

class RunnerAllocations : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    auto options = FakeOptions();
    options.format = OAR_FORMAT_UNKNOWN;
    options.engine = GetParam().engine.c_str();
    const std::string path = OARLOCK_SOURCE_DIR "/tests/models/" + GetParam().path;
    ASSERT_TRUE(Ok(oar_predictor_load, runtime_.get(), path.c_str(), &options, predictor_.out()));
    ASSERT_TRUE(Ok(oar_runner_create, predictor_.get(), runner_.out()));
    const std::string plugin = "liboarlock_engine_" + GetParam().engine + ".so";
    FindEngine(plugin.c_str());
    ASSERT_NE(engine_begin, engine_end);
  }
  // Of 1000 runs, after some that make everything warm.
  void ExpectNoneOfOurs(const char* what) {
    const oar_runner runner = runner_.get();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(Ok(oar_runner_run, runner));
    int failed = 0;
    own_count = engine_count = 0;
    counting = true;
    for (int i = 0; i < 1000; ++i) failed += oar_runner_run(runner, nullptr) == OAR_OK ? 0 : 1;
    counting = false;
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(own_count, 0) << what;
    std::printf("%s, %s: %ld allocations of ours, %ld of the engine's, in 1000 runs\n", GetParam().name.c_str(), what,
                own_count.load(), engine_count.load());
  }

  Owned<oar_runtime> runtime_ = NewRuntime();
  Owned<oar_predictor> predictor_;
  Owned<oar_runner> runner_;
};

TEST_P(RunnerAllocations, ARunAllocatesNothingOfOurs) {
  const auto x = Of<float>({1, 16}, Numbers(16));
  const auto y = Of<float>({1, 16}, std::vector<float>(16));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner_.get(), size_t{0}, x.get()));
  ExpectNoneOfOurs("output in the engine");
  ASSERT_TRUE(Ok(oar_runner_bind_output, runner_.get(), size_t{0}, y.get()));
  ExpectNoneOfOurs("output bound");
  const auto wide = Of<float>({1, 32}, Numbers(32));
  const int64_t dims[] = {1, 16};
  const int64_t strides[] = {32, 2};
  auto options = Sized<oar_tensor_options>();
  options.strides = strides;
  Owned<oar_tensor> gaps;
  ASSERT_TRUE(Ok(oar_tensor_wrap, DataOf(wide.get()), size_t{128}, OAR_DTYPE_F32, dims, 2, &options, nullptr, nullptr,
                 gaps.out()));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner_.get(), size_t{0}, gaps.get()));
  ExpectNoneOfOurs("input with gaps");
  Owned<oar_tensor> misaligned;
  ASSERT_TRUE(Ok(oar_tensor_wrap, static_cast<char*>(DataOf(wide.get())) + 1, size_t{64}, OAR_DTYPE_F32, dims, 2,
                 nullptr, nullptr, nullptr, misaligned.out()));
  ASSERT_TRUE(Ok(oar_runner_bind_input, runner_.get(), size_t{0}, misaligned.get()));
  ExpectNoneOfOurs("input misaligned");
}

std::vector<Case> Cases() {
  std::vector<Case> cases = {{"Fake", "fake", "fake/add.fake"}};
#ifdef OARLOCK_HAS_ONNXRUNTIME
  cases.push_back({"OnnxRuntime", "onnxruntime", "onnx/relu_1x16.onnx"});
#endif
#ifdef OARLOCK_HAS_OPENVINO
  cases.push_back({"OpenVino", "openvino", "onnx/relu_1x16.onnx"});
#endif
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Engines, RunnerAllocations, testing::ValuesIn(Cases()),
                         [](const testing::TestParamInfo<Case>& given) { return given.param.name; });

}  // namespace
}  // namespace oarlock::capi_test
