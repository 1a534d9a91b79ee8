// The three ways to ask a predictor, by their numbers: what comes out, where it lies, what is counted.
#include <algorithm>

#include "asked.h"

namespace oarlock::capi_test {
namespace {

class Infer : public CApi {
 protected:
  Answer Run(oar_predictor predictor, const std::vector<oar_tensor>& inputs, std::vector<oar_tensor>* outputs,
             const oar_infer_options* options = nullptr) {
    return Ask(oar_predictor_infer, predictor, options, inputs.data(), inputs.size(), outputs->data(), outputs->size());
  }

  Owned<oar_runtime> runtime_ = NewRuntime();
};

constexpr char kTwo[] = "input a FP32 1,4\ninput b FP32 1,4\noutput c FP32 1,4\noutput d FP32 1,4\nop double\n";

oar_statistics StatisticsOf(oar_predictor predictor) {
  auto statistics = Sized<oar_statistics>();
  EXPECT_TRUE(Ok(oar_predictor_statistics, predictor, &statistics));
  return statistics;
}

TEST_F(Infer, GivenZeroAndMixedOutputs) {
  const auto predictor = Load(runtime_.get(), kTwo);
  const auto a = Of<float>({1, 4}, {1, 2, 3, 4});
  const auto b = Of<float>({1, 4}, {5, 6, 7, 8});
  const auto given_c = Of<float>({1, 4}, {0, 0, 0, 0});
  const auto given_d = Of<float>({1, 4}, {0, 0, 0, 0});
  for (const bool give_c : {false, true}) {
    for (const bool give_d : {false, true}) {
      std::vector<oar_tensor> outputs{give_c ? given_c.get() : oar_tensor{0}, give_d ? given_d.get() : oar_tensor{0}};
      ASSERT_EQ(Run(predictor.get(), {a.get(), b.get()}, &outputs).code, OAR_OK);
      EXPECT_EQ(outputs[0].value == given_c.get().value, give_c);
      EXPECT_EQ(outputs[1].value == given_d.get().value, give_d);
      EXPECT_EQ(Elements<float>(outputs[0]), (std::vector<float>{2, 4, 6, 8}));
      EXPECT_EQ(Elements<float>(outputs[1]), (std::vector<float>{10, 12, 14, 16}));
      if (!give_c) contract::End(outputs[0]);
      if (!give_d) contract::End(outputs[1]);
    }
  }
}

TEST_F(Infer, NewOutputsStayWhenTheModelRunsAgain) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  const auto other = Of<float>({1, 16}, Numbers(16, 100));
  std::vector<oar_tensor> first{{0}};
  std::vector<oar_tensor> second{{0}};
  ASSERT_EQ(Run(predictor.get(), {x.get()}, &first).code, OAR_OK);
  ASSERT_EQ(Run(predictor.get(), {other.get()}, &second).code, OAR_OK);
  EXPECT_EQ(Elements<float>(first[0]), Numbers(16, 1));
  EXPECT_EQ(Elements<float>(second[0]), Numbers(16, 101));
  contract::End(first[0]);
  contract::End(second[0]);
}

TEST_F(Infer, InputWithGapsIsReadByItsStrides) {
  const auto predictor = Load(runtime_.get(), kAddRows);
  const auto wide = Of<float>({2, 8}, Numbers(16));
  Owned<oar_tensor> half;
  ASSERT_TRUE(Ok(oar_tensor_slice, wide.get(), 1, 2, 6, half.out()));
  std::vector<oar_tensor> outputs{{0}};
  ASSERT_EQ(Run(predictor.get(), {half.get()}, &outputs).code, OAR_OK);
  EXPECT_EQ(Elements<float>(outputs[0]), (std::vector<float>{3, 4, 5, 6, 11, 12, 13, 14}));
  EXPECT_EQ(DimsOf(outputs[0]), (Dims{2, 4}));
  EXPECT_EQ(StatisticsOf(predictor.get()).copy_counts[OAR_COPY_STRIDED], 1);
  EXPECT_EQ(StatisticsOf(predictor.get()).copy_bytes[OAR_COPY_STRIDED], 32);
  contract::End(outputs[0]);
}

TEST_F(Infer, WhatDoesNotFitIsNamedAndNothingIsWritten) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  const auto short_x = Of<float>({1, 15}, Numbers(15));
  const auto integers = Of<int32_t>({1, 16}, std::vector<int32_t>(16));
  const auto gaps = Of<float>({1, 32}, Numbers(32));
  Owned<oar_tensor> every_second;
  const Dims dims{1, 16};
  const Dims strides{32, 2};
  auto options = Sized<oar_tensor_options>();
  options.strides = strides.data();
  ASSERT_TRUE(Ok(oar_tensor_wrap, DataOf(gaps.get()), sizeof(float) * 32, OAR_DTYPE_F32, dims.data(), 2, &options,
                 nullptr, nullptr, every_second.out()));
  std::vector<float> lent(16, -1);
  const auto read_only = Over(lent.data(), 16, {1, 16}, OAR_TENSOR_READ_ONLY);
  struct Case {
    std::vector<oar_tensor> inputs;
    std::vector<oar_tensor> outputs;
    oar_code code;
    std::string_view word;
  };
  const std::vector<Case> cases = {
      {{short_x.get()}, {{0}}, OAR_INVALID_ARGUMENT, "[1,15]"},
      {{integers.get()}, {{0}}, OAR_INVALID_ARGUMENT, "INT32"},
      {{}, {{0}}, OAR_INVALID_ARGUMENT, "0 inputs"},
      {{x.get(), x.get()}, {{0}}, OAR_INVALID_ARGUMENT, "2 inputs"},
      {{x.get()}, {}, OAR_INVALID_ARGUMENT, "0 outputs"},
      {{x.get()}, {{0}, {0}}, OAR_INVALID_ARGUMENT, "2 outputs"},
      {{x.get()}, {short_x.get()}, OAR_INVALID_ARGUMENT, "[1,15]"},
      {{x.get()}, {integers.get()}, OAR_INVALID_ARGUMENT, "INT32"},
      {{x.get()}, {every_second.get()}, OAR_INVALID_ARGUMENT, "gaps"},
      {{x.get()}, {read_only.get()}, OAR_FAILED_PRECONDITION, "read-only"},
      {{{0}}, {{0}}, OAR_INVALID_ARGUMENT, "element 0"},
      {{{runtime_.get().value}}, {{0}}, OAR_INVALID_ARGUMENT, "runtime"},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    std::vector<oar_tensor> outputs = cases[i].outputs;
    const Answer answer = Run(predictor.get(), cases[i].inputs, &outputs);
    EXPECT_EQ(answer.code, cases[i].code) << i << ": " << answer.text;
    EXPECT_NE(answer.text.find(cases[i].word), std::string::npos) << i << ": " << answer.text;
    for (size_t k = 0; k < outputs.size(); ++k) EXPECT_EQ(outputs[k].value, cases[i].outputs[k].value) << i;
  }
  EXPECT_EQ(lent, std::vector<float>(16, -1));
  EXPECT_EQ(StatisticsOf(predictor.get()).run_count, 0);
}

TEST_F(Infer, OutputMayBeTheInputItself) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  std::vector<oar_tensor> outputs{x.get()};
  const Answer answer = Run(predictor.get(), {x.get()}, &outputs);
  // Whether an engine can do that is its affair; what comes out is right, or it is refused.
  if (answer.code == OAR_OK) {
    EXPECT_EQ(Elements<float>(x.get()), Numbers(16, 1));
  }
}

TEST_F(Infer, DeadlinesInThePastAndPrioritiesThatAreNone) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  auto options = Sized<oar_infer_options>();
  std::vector<oar_tensor> outputs{{0}};
  options.deadline_ns = -1;
  EXPECT_EQ(Run(predictor.get(), {x.get()}, &outputs, &options).code, OAR_INVALID_ARGUMENT);
  for (const int64_t deadline : {int64_t{1}, oar_monotonic_now_ns()}) {
    options.deadline_ns = deadline;
    EXPECT_EQ(Run(predictor.get(), {x.get()}, &outputs, &options).code, OAR_DEADLINE_EXCEEDED);
    Asked asked;
    ASSERT_EQ(asked.Ask(predictor.get(), x.get(), &options).code, OAR_OK);
    ASSERT_TRUE(asked.ended.Wait());
    EXPECT_EQ(asked.code, OAR_DEADLINE_EXCEEDED);
  }
  EXPECT_EQ(outputs[0].value, 0U);
  EXPECT_EQ(StatisticsOf(predictor.get()).expired_count, 4);
  options = Sized<oar_infer_options>();
  for (const int32_t priority : {-2, 2, INT32_MAX, INT32_MIN}) {
    options.priority = priority;
    const Answer answer = Run(predictor.get(), {x.get()}, &outputs, &options);
    EXPECT_EQ(answer.code, OAR_INVALID_ARGUMENT);
    EXPECT_NE(answer.text.find("priority"), std::string::npos) << answer.text;
  }
}

TEST_F(Infer, AsynchronousAnswersComeOnceEachWithTheirOwnNumbers) {
  const auto predictor = Load(runtime_.get(), kAdd);
  constexpr size_t kCount = 200;
  std::vector<Owned<oar_tensor>> inputs;
  std::vector<Asked> asked(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    inputs.push_back(Of<float>({1, 16}, Numbers(16, static_cast<float>(i))));
    ASSERT_EQ(asked[i].Ask(predictor.get(), inputs[i].get()).code, OAR_OK);
    inputs[i].Reset();  // kept until the callback has returned
  }
  for (size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(asked[i].ended.Wait());
    ASSERT_EQ(asked[i].code, OAR_OK) << asked[i].text;
    EXPECT_EQ(Elements<float>(asked[i].outputs[0].get()), Numbers(16, static_cast<float>(i + 1)));
  }
  const oar_statistics statistics = StatisticsOf(predictor.get());
  EXPECT_EQ(statistics.request_count, static_cast<int64_t>(kCount));
  EXPECT_EQ(statistics.run_count, static_cast<int64_t>(kCount));
  EXPECT_EQ(statistics.failed_count, 0);
  for (Asked& each : asked) EXPECT_EQ(each.ended.count(), 1);
}

TEST_F(Infer, AsynchronousGivenOutputsAreFurtherHandlesToTheSameMemory) {
  const auto predictor = Load(runtime_.get(), kTwo);
  const auto a = Of<float>({1, 4}, {1, 2, 3, 4});
  const auto given = Of<float>({1, 4}, {0, 0, 0, 0});
  const oar_tensor inputs[] = {a.get(), a.get()};
  const oar_tensor outputs[] = {given.get(), {0}};
  Asked asked;
  ASSERT_TRUE(Ok(oar_predictor_infer_async, predictor.get(), nullptr, inputs, size_t{2}, outputs, size_t{2},
                 Asked::Callback, &asked, nullptr));
  ASSERT_TRUE(asked.ended.Wait());
  ASSERT_EQ(asked.outputs.size(), 2U);
  EXPECT_NE(asked.outputs[0].get().value, given.get().value);
  EXPECT_EQ(DataOf(asked.outputs[0].get()), DataOf(given.get()));
  EXPECT_EQ(Elements<float>(given.get()), (std::vector<float>{2, 4, 6, 8}));
  EXPECT_EQ(Elements<float>(asked.outputs[1].get()), (std::vector<float>{2, 4, 6, 8}));
}

TEST_F(Infer, CancelOfWhatWaitsRunsAndIsOver) {
  const auto predictor = Load(runtime_.get(), kSlow);
  const auto x = Of<float>({1, 16}, Numbers(16));
  Asked running;
  Asked waiting;
  ASSERT_EQ(running.Ask(predictor.get(), x.get()).code, OAR_OK);
  ASSERT_EQ(waiting.Ask(predictor.get(), x.get()).code, OAR_OK);
  EXPECT_TRUE(Ok(oar_predictor_cancel, predictor.get(), waiting.id));
  EXPECT_EQ(waiting.ended.count(), 1) << "at once";
  EXPECT_EQ(waiting.code, OAR_CANCELLED);
  // It waits for a moment before it runs and can be stopped.
  while (oar_predictor_cancel(predictor.get(), running.id, nullptr) != OAR_OK) std::this_thread::yield();
  ASSERT_TRUE(running.ended.Wait());
  EXPECT_EQ(running.code, OAR_CANCELLED);
  for (const uint64_t id : {running.id, waiting.id, uint64_t{0}, UINT64_MAX}) {
    EXPECT_TRUE(Fails(OAR_NOT_FOUND, std::to_string(id), oar_predictor_cancel, predictor.get(), id));
  }
  EXPECT_EQ(StatisticsOf(predictor.get()).cancelled_count, 2);
}

TEST_F(Infer, BatchTellsEachRequestsOwnEnd) {
  const auto predictor = Load(runtime_.get(), kAdd);
  std::vector<Owned<oar_tensor>> inputs;
  for (int i = 0; i < 3; ++i) inputs.push_back(Of<float>({1, 16}, Numbers(16, static_cast<float>(10 * i))));
  inputs.push_back(Of<float>({1, 15}, Numbers(15)));
  const auto given = Of<float>({1, 16}, std::vector<float>(16));
  std::vector<oar_tensor> in;
  std::vector<oar_tensor> out{{0}, given.get(), {0}, {0}};
  for (const auto& input : inputs) in.push_back(input.get());
  std::vector<oar_request> requests;
  for (size_t i = 0; i < 4; ++i) requests.push_back({&in[i], 1, &out[i], 1, -1});
  ASSERT_TRUE(Ok(oar_predictor_infer_batch, predictor.get(), nullptr, requests.data(), requests.size()));
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(requests[i].code, OAR_OK);
    EXPECT_EQ(Elements<float>(out[i]), Numbers(16, static_cast<float>(10 * i + 1)));
  }
  EXPECT_EQ(requests[3].code, OAR_INVALID_ARGUMENT);
  EXPECT_EQ(out[3].value, 0U);
  EXPECT_EQ(out[1].value, given.get().value);
  contract::End(out[0]);
  contract::End(out[2]);
}

TEST_F(Infer, BatchWithAHandleThatIsNoneRunsNothing) {
  const auto predictor = Load(runtime_.get(), kAdd);
  const auto x = Of<float>({1, 16}, Numbers(16));
  const oar_tensor in[] = {x.get(), {77}};
  oar_tensor out[] = {{0}, {0}};
  oar_request requests[] = {{&in[0], 1, &out[0], 1, -1}, {&in[1], 1, &out[1], 1, -1}};
  EXPECT_TRUE(
      Fails(OAR_INVALID_ARGUMENT, "inputs", oar_predictor_infer_batch, predictor.get(), nullptr, requests, size_t{2}));
  EXPECT_EQ(out[0].value, 0U);
  EXPECT_EQ(requests[0].code, -1);
  EXPECT_EQ(StatisticsOf(predictor.get()).run_count, 0);
  EXPECT_TRUE(Ok(oar_predictor_infer_batch, predictor.get(), nullptr, nullptr, size_t{0}));
}

TEST_F(Infer, RequestsThatShareARunAreCountedByRows) {
  auto options = FakeOptions();
  auto batching = Sized<oar_batching_options>();
  batching.max_batch_size = 8;
  batching.delay_max_ns = 1'000'000'000;
  batching.lazy = 1;
  options.batching = &batching;
  const auto predictor = Load(runtime_.get(), kAddRows, options);
  auto description = Sized<oar_model_description>();
  ASSERT_TRUE(Ok(oar_predictor_describe, predictor.get(), &description));
  EXPECT_EQ(description.max_batch_size, 8);
  std::vector<Owned<oar_tensor>> inputs;
  std::vector<oar_tensor> in;
  for (int i = 0; i < 4; ++i) inputs.push_back(Of<float>({2, 4}, Numbers(8, static_cast<float>(10 * i))));
  for (const auto& input : inputs) in.push_back(input.get());
  std::vector<oar_tensor> out(4, oar_tensor{0});
  std::vector<oar_request> requests;
  for (size_t i = 0; i < 4; ++i) requests.push_back({&in[i], 1, &out[i], 1, -1});
  ASSERT_TRUE(Ok(oar_predictor_infer_batch, predictor.get(), nullptr, requests.data(), requests.size()));
  for (size_t i = 0; i < 4; ++i) {
    ASSERT_EQ(requests[i].code, OAR_OK);
    EXPECT_EQ(Elements<float>(out[i]), Numbers(8, static_cast<float>(10 * i + 1)));
    contract::End(out[i]);
  }
  const oar_statistics statistics = StatisticsOf(predictor.get());
  EXPECT_EQ(statistics.request_count, 4);
  EXPECT_EQ(statistics.row_count, 8);
  EXPECT_EQ(statistics.run_count, 1);
  EXPECT_EQ(statistics.copy_counts[OAR_COPY_BATCHED], 8);
  EXPECT_EQ(statistics.copy_bytes[OAR_COPY_BATCHED], 2 * 4 * 32);
}

TEST_F(Infer, FailuresOfTheEngineAreTheRequestsOwn) {
  const auto predictor = Load(runtime_.get(), With(kAdd, "fail_run 2 INTERNAL the engine stumbled\n"));
  const auto x = Of<float>({1, 16}, Numbers(16));
  for (int i = 0; i < 4; ++i) {
    std::vector<oar_tensor> outputs{{0}};
    const Answer answer = Run(predictor.get(), {x.get()}, &outputs);
    EXPECT_EQ(answer.code, i % 2 == 0 ? OAR_OK : OAR_INTERNAL);
    EXPECT_EQ(answer.text.find("the engine stumbled") != std::string::npos, i % 2 == 1);
    EXPECT_EQ(outputs[0].value != 0, i % 2 == 0);
    if (outputs[0].value != 0) contract::End(outputs[0]);
  }
  EXPECT_EQ(StatisticsOf(predictor.get()).failed_count, 2);
}

}  // namespace
}  // namespace oarlock::capi_test
