#include <atomic>
#include <memory>
#include <vector>

#include "hpp_fixture.h"

namespace oarlock {
namespace {

using HppPredictor = HppTest;
using Answer = Result<std::vector<Tensor>>;

std::vector<float> Elements(const Tensor& tensor) {
  const Span<float> elements = tensor.As<float>().value();
  return {elements.begin(), elements.end()};
}

TEST_F(HppPredictor, MissingFileIsNotFound) {
  const Error error = Thrown([&] { Predictor::Load(runtime_, "/nowhere/model.onnx").value(); });
  EXPECT_EQ(error.code(), OAR_NOT_FOUND);
  EXPECT_NE(std::string(error.what()).find("/nowhere/model.onnx"), std::string::npos) << error.what();
}

TEST_F(HppPredictor, LoadsAFile) {
  const Predictor predictor =
      Predictor::Load(runtime_, OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake", FakeOptions()).value();
  EXPECT_STREQ(predictor.Describe()->name, "add");
}

TEST_F(HppPredictor, DescribesTheModelAndItsPorts) {
  LoadOptions options = FakeOptions();
  options.name = "sum";
  const Predictor predictor = Predictor::LoadMemory(runtime_, std::string(kAddOne), {}, options).value();
  const ModelDescription model = predictor.Describe().value();
  EXPECT_STREQ(model.name, "sum");
  EXPECT_STREQ(model.engine, "fake");
  const std::vector<Port> inputs = predictor.Inputs().value();
  ASSERT_EQ(inputs.size(), 1);
  EXPECT_STREQ(inputs[0].name, "x");
  EXPECT_EQ(inputs[0].size_bytes, 64);
  EXPECT_EQ(DimsOf(predictor.Outputs().value().at(0)), Dims({1, 16}));
  EXPECT_STREQ(predictor.Input(0)->name, "x");
  EXPECT_STREQ(predictor.Output(0)->name, "y");
  EXPECT_EQ(predictor.Output(1).code(), OAR_OUT_OF_RANGE);
  EXPECT_EQ(predictor.Find(OAR_PORT_KIND_OUTPUT, "y").value(), 0);
  EXPECT_EQ(predictor.Find(OAR_PORT_KIND_OUTPUT, "x").code(), OAR_NOT_FOUND);
  EXPECT_EQ(predictor.Warning(0).code(), OAR_OUT_OF_RANGE);
}

TEST_F(HppPredictor, InfersIntoNewTensors) {
  const Predictor predictor = Load(kAddOne);
  std::vector<float> x(16, 2);
  const std::vector<Tensor> y = predictor.Infer(Tensor::Of(x, {1, 16}).value()).value();
  ASSERT_EQ(y.size(), 1);
  EXPECT_EQ(Elements(y[0]), std::vector<float>(16, 3));
  EXPECT_EQ(predictor.statistics()->request_count, 1);
}

TEST_F(HppPredictor, InfersIntoGivenAndEmptyTensors) {
  const Predictor predictor =
      Load("input a FP32 1,4\ninput b FP32 1,4\noutput c FP32 1,4\noutput d FP32 1,4\nop double\n");
  std::vector<float> a(4, 1), b(4, 2), c(4);
  std::vector<Tensor> outputs(2);
  outputs[0] = Tensor::Of(c, {1, 4}).value();
  predictor.InferInto({Tensor::Of(a, {1, 4}).value(), Tensor::Of(b, {1, 4}).value()}, outputs).value();
  EXPECT_EQ(c, std::vector<float>(4, 2));
  EXPECT_EQ(outputs[0].As<float>()->data(), c.data());
  EXPECT_EQ(Elements(outputs[1]), std::vector<float>(4, 4));
}

TEST_F(HppPredictor, WrongShapeNamesTheInput) {
  const Predictor predictor = Load(kAddOne);
  Tensor output;
  const Result<void> ended = predictor.InferInto(Tensor::Allocate<float>({1, 15}).value(), output);
  EXPECT_EQ(ended.code(), OAR_INVALID_ARGUMENT);
  EXPECT_NE(std::string(ended.message()).find("'x'"), std::string::npos) << ended.message();
  EXPECT_FALSE(output);
}

TEST_F(HppPredictor, CallbackIsCalledOnceAndThenEnded) {
  const Predictor predictor = Load(kAddOne);
  std::vector<float> x(16, 5);
  std::atomic<int> calls = 0;
  std::promise<std::vector<float>> answered;
  std::promise<void> ended;
  struct AtEnd {
    std::promise<void>* ended;
    ~AtEnd() { ended->set_value(); }
  };
  predictor
      .InferAsync(Tensor::Of(x, {1, 16}).value(),
                  [&, at_end = std::make_unique<AtEnd>(&ended)](Answer answer) {
                    ++calls;
                    answered.set_value(Elements(answer.value().at(0)));
                  })
      .value();
  std::future<std::vector<float>> y = answered.get_future();
  ASSERT_EQ(y.wait_for(kWait), std::future_status::ready);
  EXPECT_EQ(y.get(), std::vector<float>(16, 6));
  ASSERT_EQ(ended.get_future().wait_for(kWait), std::future_status::ready);
  EXPECT_EQ(calls, 1);
}

TEST_F(HppPredictor, CallbackIsToldOfAFailure) {
  const Predictor predictor = Load("input x FP32 1,4\noutput y FP32 1,4\nfail_run 1 UNAVAILABLE broken\n");
  std::promise<std::pair<oar_code, std::string>> answered;
  const Tensor x = Tensor::Allocate<float>({1, 4}).value();
  predictor.InferAsync({x}, [&](Answer answer) { answered.set_value({answer.code(), answer.message()}); }).value();
  std::future<std::pair<oar_code, std::string>> failed = answered.get_future();
  ASSERT_EQ(failed.wait_for(kWait), std::future_status::ready);
  const auto [code, text] = failed.get();
  EXPECT_EQ(code, OAR_UNAVAILABLE);
  EXPECT_NE(text.find("broken"), std::string::npos) << text;
}

TEST_F(HppPredictor, CallbackOfARefusedCallIsEndedUncalled) {
  const Predictor predictor = Load(kAddOne);
  auto token = std::make_shared<int>(0);
  const std::weak_ptr<int> alive = token;
  const Result<uint64_t> id =
      predictor.InferAsync(TensorList(), [token = std::move(token)](Answer) { ADD_FAILURE() << "it was called"; });
  EXPECT_EQ(id.code(), OAR_INVALID_ARGUMENT);
  EXPECT_TRUE(alive.expired());
}

TEST_F(HppPredictor, AsyncWritesIntoGivenTensors) {
  const Predictor predictor = Load(kAddOne);
  std::vector<float> x(16, 1), y(16);
  std::promise<oar_code> answered;
  predictor
      .InferAsyncInto(Tensor::Of(x, {1, 16}).value(), Tensor::Of(y, {1, 16}).value(),
                      [&](Answer answer) { answered.set_value(answer.code()); })
      .value();
  std::future<oar_code> code = answered.get_future();
  ASSERT_EQ(code.wait_for(kWait), std::future_status::ready);
  EXPECT_EQ(code.get(), OAR_OK);
  EXPECT_EQ(y, std::vector<float>(16, 2));
}

TEST_F(HppPredictor, CancelOfWhatIsOverIsNotFound) { EXPECT_EQ(Load(kAddOne).Cancel(123456).code(), OAR_NOT_FOUND); }

TEST_F(HppPredictor, EachRequestOfABatchHasItsCode) {
  const Predictor predictor = Load(kAddOne);
  std::vector<float> x(16, 7), y(16);
  const Tensor right = Tensor::Of(x, {1, 16}).value();
  const Tensor wrong = Tensor::Allocate<float>({1, 2}).value();
  std::vector<Request> requests(3);
  requests[0].inputs = right;
  requests[1].inputs = wrong;
  requests[2].inputs = right;
  requests[2].outputs.push_back(Tensor::Of(y, {1, 16}).value());
  predictor.InferBatch(requests).value();
  EXPECT_EQ(requests[0].code, OAR_OK);
  EXPECT_EQ(Elements(requests[0].outputs.at(0)), std::vector<float>(16, 8));
  EXPECT_EQ(requests[1].code, OAR_INVALID_ARGUMENT);
  EXPECT_FALSE(requests[1].outputs.at(0));
  EXPECT_EQ(requests[2].code, OAR_OK);
  EXPECT_EQ(y, std::vector<float>(16, 8));
}

TEST_F(HppPredictor, LoadsInTheBackground) {
  LoadOptions options = FakeOptions();
  options.in_background = 1;
  const Predictor predictor = Predictor::LoadMemory(runtime_, std::string(kAddOne), {}, options).value();
  predictor.WaitReady(std::chrono::nanoseconds(kWait).count()).value();
  EXPECT_EQ(predictor.State().value(), OAR_STATE_READY);
}

TEST_F(HppPredictor, CloneKeepsTheModelAndTheModelTheRuntime) {
  Predictor predictor = Load(kAddOne);
  const Predictor clone = predictor.Clone().value();
  predictor.Reset();
  runtime_.Reset();
  EXPECT_EQ(predictor.State().code(), OAR_INVALID_ARGUMENT);
  EXPECT_EQ(Elements(clone.Infer(Tensor::Take(std::vector<float>(16, 1), {1, 16}).value()).value().at(0))[15], 2);
}

TEST_F(HppPredictor, ZeroCopyIsToldBeforehand) {
  const Predictor predictor = Load("input x FP32 1,16\noutput y FP32 1,16\nstrict_alignment\n");
  const Tensor room = Tensor::Allocate<float>({32}).value();
  const Tensor aligned = room.View(OAR_DTYPE_F32, {1, 16}).value();
  const Tensor odd = room.View(OAR_DTYPE_F32, {1, 16}, 4).value();
  EXPECT_EQ(predictor.CheckZeroCopy(OAR_PORT_KIND_INPUT, 0, aligned)->condition, OAR_CONDITION_MET);
  const ZeroCopyReport report = predictor.CheckZeroCopy(OAR_PORT_KIND_INPUT, 0, odd).value();
  EXPECT_EQ(report.condition, OAR_CONDITION_ALIGNMENT);
  EXPECT_EQ(report.wanted, 64);
}

TEST_F(HppPredictor, OptionsOfARequestAreHeld) {
  InferOptions options;
  options.deadline_ns = 1;
  const Predictor predictor = Load(kAddOne);
  const Tensor x = Tensor::Allocate<float>({1, 16}).value();
  EXPECT_EQ(predictor.Infer({x}, options).code(), OAR_DEADLINE_EXCEEDED);
}

TEST_F(HppPredictor, RuntimeTellsItsEnginesAndHardware) {
  bool has_fake = false;
  for (const EngineDescription& engine : runtime_.Engines().value()) {
    has_fake = has_fake || (std::string(engine.name) == "fake" && engine.code == OAR_OK);
  }
  EXPECT_TRUE(has_fake);
  EXPECT_EQ(runtime_.Hardware()->thread_budget, 2);
  RuntimeOptions wrong;
  wrong.thread_budget = -1;
  EXPECT_EQ(Runtime::Create(wrong).code(), OAR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace oarlock
