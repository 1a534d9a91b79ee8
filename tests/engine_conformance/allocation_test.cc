// A run that goes well takes no heap memory of ours: what is taken inside the engine is the engine's.
#include <cstdlib>
#include <new>

#include "conformance.h"
#include "engine/inside.h"

namespace {
thread_local bool g_counting = false;
thread_local size_t g_count = 0;
}  // namespace

void* operator new(size_t size) {
  if (g_counting && !oarlock::InsideEngine::Here()) ++g_count;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace oarlock {
namespace {

TEST_P(EngineConformance, BindingRunningAndReadingAllocatesNothingOfOurs) {
  const auto execution = Make(Sample::kAddDynamic);
  const auto x = Counting<float>(16);
  std::vector<float> room(16);
  bool ok = true;
  g_count = 0;
  g_counting = true;
  for (int64_t rows : {4, 4, 2, 4}) {
    CopyReason reason;
    EngineOutput output;
    const TensorView view{DType::kF32, Shape{rows, 4}, reinterpret_cast<const std::byte*>(x.data()),
                          static_cast<size_t>(rows) * 16};
    ok = ok && execution->BindInput(0, view, &reason).ok();
    ok = ok && execution->BindOutput(0, DType::kF32, view.shape, room.data(), 64, &reason).ok();
    ok = ok && execution->Run().ok() && execution->Output(0, &output).ok();
  }
  const size_t counted = g_count;
  { const std::vector<int> one(100); }  // the counter counts
  g_counting = false;
  EXPECT_TRUE(ok);
  EXPECT_EQ(counted, 0u);
  EXPECT_EQ(g_count, counted + 1);
}

}  // namespace
}  // namespace oarlock
