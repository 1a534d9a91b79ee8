// Steady state allocates nothing of ours: every malloc of the calling thread is counted, except those made inside an
// engine. The counter is the C library's own allocator behind our names, so nothing (new, containers, libraries) goes
// past it.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "counted_malloc.h"
#include "engine/inside.h"
#include "runtime/predictor.h"

namespace {

// Of this thread: a synchronous call runs on the caller's, and an engine's own threads may just be starting.
thread_local bool counting = false;
std::atomic<long> allocation_count{0};
std::atomic<long> engine_allocation_count{0};

}  // namespace

void CountAllocation() {
  if (!counting) return;
  (oarlock::InsideEngine::Here() ? engine_allocation_count : allocation_count).fetch_add(1, std::memory_order_relaxed);
}

namespace oarlock {
namespace {

constexpr char kEngines[] = OARLOCK_BUILD_DIR "/lib/oarlock/engines";

struct Counts {
  long ours;
  long engine;
};

template <typename Work>
Counts CountAllocations(Work work) {
  allocation_count = 0;
  engine_allocation_count = 0;
  counting = true;
  work();
  counting = false;
  return {allocation_count, engine_allocation_count};
}

std::shared_ptr<Predictor> Load(const std::string& path, Runtime* runtime) {
  PredictorOptions options;
  options.executions = 1;
  auto predictor = Predictor::Create(options, runtime);
  const absl::Status status = predictor->Load(std::string(OARLOCK_SOURCE_DIR "/tests/models/") + path);
  EXPECT_TRUE(status.ok()) << status;
  return predictor;
}

TEST(Allocations, TheCounterCounts) {
  const Counts counts = CountAllocations([] {
    void* volatile plain = std::malloc(10);
    std::free(plain);
    int* volatile made = new int(3);
    delete made;
    const InsideEngine inside;
    void* volatile engine = std::malloc(10);
    std::free(engine);
  });
  EXPECT_EQ(counts.ours, 2);
  EXPECT_EQ(counts.engine, 1);
}

class SteadyState : public ::testing::TestWithParam<const char*> {};

TEST_P(SteadyState, ASynchronousCallAllocatesNothingOfOurs) {
  Runtime runtime(kEngines);
  const auto predictor = Load(GetParam(), &runtime);
  ASSERT_EQ(predictor->state(), PredictorState::kReady);
  const Port& input = predictor->model()->inputs[0];
  Shape shape = input.shape;
  if (shape[0] == kDynamic) shape.set_dim(0, 1);
  const auto x = Tensor::Allocate(DType::kF32, shape);
  const auto y = Tensor::Allocate(DType::kF32, Shape{4096});
  ASSERT_TRUE(x.ok() && y.ok());
  std::fill_n(reinterpret_cast<float*>(x->data()), x->size_bytes() / sizeof(float), 0.5F);
  const PublicOutput& output = predictor->model()->outputs[0];

  for (const bool room : {false, true}) {
    InferenceRequest request;
    request.inputs.push_back(RequestInput::Of(input.name, x->view()));
    if (room) request.outputs.push_back({output.port.name, y->data(), y->size_bytes()});
    InferenceResponse response;
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(predictor->Infer(request, &response).ok());
    int failed = 0;
    const Counts counts = CountAllocations([&] {
      for (int i = 0; i < 1000; ++i) failed += predictor->Infer(request, &response).ok() ? 0 : 1;
    });
    EXPECT_EQ(failed, 0);
    EXPECT_EQ(counts.ours, 0) << (room ? "with" : "without") << " room for the output";
    std::printf("%s, %s room: %ld allocations of ours, %ld inside the engine, in 1000 calls\n", GetParam(),
                room ? "with" : "without", counts.ours, counts.engine);
  }
}

TEST_P(SteadyState, NewMemoryAtEachCallAllocatesNothingOfOursEither) {
  Runtime runtime(kEngines);
  const auto predictor = Load(GetParam(), &runtime);
  ASSERT_EQ(predictor->state(), PredictorState::kReady);
  const Port& input = predictor->model()->inputs[0];
  Shape shape = input.shape;
  if (shape[0] == kDynamic) shape.set_dim(0, 1);
  std::vector<Tensor> inputs;
  for (int i = 0; i < 2; ++i) {
    inputs.push_back(*Tensor::Allocate(DType::kF32, shape));
    std::fill_n(reinterpret_cast<float*>(inputs.back().data()), inputs.back().size_bytes() / sizeof(float), 0.5F);
  }
  InferenceResponse response;
  const auto call = [&](int i) {
    InferenceRequest request;
    request.inputs.push_back(RequestInput::Of(input.name, inputs[static_cast<size_t>(i % 2)].view()));
    return predictor->Infer(request, &response).ok();
  };
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(call(i));
  int failed = 0;
  const Counts counts = CountAllocations([&] {
    for (int i = 0; i < 200; ++i) failed += call(i) ? 0 : 1;
  });
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(counts.ours, 0);
}

std::vector<const char*> Models() {
  std::vector<const char*> models = {"fake/add.fake"};
#ifdef OARLOCK_HAS_OPENVINO
  models.push_back("paddle/mlp/inference.pdmodel");
#endif
#ifdef OARLOCK_HAS_ONNXRUNTIME
  models.push_back("onnx/relu_1x16.onnx");
#endif
  return models;
}
INSTANTIATE_TEST_SUITE_P(Models, SteadyState, ::testing::ValuesIn(Models()));

}  // namespace
}  // namespace oarlock
