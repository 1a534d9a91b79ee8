// A run that goes well takes no heap memory of ours: what is taken inside the engine is the engine's.
#include "conformance.h"
#include "own_allocations.h"

namespace oarlock {
namespace {

TEST_P(EngineConformance, BindingRunningAndReadingAllocatesNothingOfOurs) {
  const auto execution = Make(Sample::kAddDynamic);
  const auto x = Counting<float>(16);
  std::vector<float> room(16);
  bool ok = true;
  const size_t before = OwnAllocations();
  for (int64_t rows : {4, 4, 2, 4}) {
    CopyReason reason;
    EngineOutput output;
    const TensorView view{DType::kF32, Shape{rows, 4}, reinterpret_cast<const std::byte*>(x.data()),
                          static_cast<size_t>(rows) * 16};
    ok = ok && execution->BindInput(0, view, &reason).ok();
    ok = ok && execution->BindOutput(0, DType::kF32, view.shape, room.data(), 64, &reason).ok();
    ok = ok && execution->Run().ok() && execution->Output(0, &output).ok();
  }
  const size_t after = OwnAllocations();
  EXPECT_TRUE(ok);
  EXPECT_EQ(after, before);
  const auto one_more = std::make_unique<std::vector<int>>(100);
  EXPECT_EQ(OwnAllocations(), after + 2) << "the counter does not count";
}

}  // namespace
}  // namespace oarlock
