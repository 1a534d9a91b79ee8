// For the tests of this folder: a model with batching on the fake engine, and what came of its requests. No worker
// runs: a test takes each step itself, and a response that is not released keeps the one execution busy while requests
// gather.
#ifndef OARLOCK_RUNTIME_BATCHING_FIXTURE_TEST_H_
#define OARLOCK_RUNTIME_BATCHING_FIXTURE_TEST_H_

#include <string>
#include <vector>

#include "runtime/fake_model_test.h"
#include "runtime/predictor.h"

namespace oarlock {

inline BatchingOptions Batches(int64_t max, std::vector<int64_t> buckets = {}) {
  BatchingOptions batching;
  batching.max_batch_size = max;
  batching.buckets = std::move(buckets);
  return batching;
}

// What came of one asynchronous request.
struct Ending {
  int times = 0;
  int place = 0;  // among those of its fixture
  absl::Status status;
  std::vector<float> values;
  std::vector<std::string> names;
  std::string bytes;
  CopyReport copies;
  bool holds_execution = false;
};

class Batching : public FakeModels {
 protected:
  std::shared_ptr<Predictor> LoadBatching(std::string_view script, const BatchingOptions& batching,
                                          PredictorOptions options = {}) {
    options.batching = batching;
    return LoadOn(&stepped_, script, std::move(options));
  }
  std::shared_ptr<Predictor> LoadOn(Runtime* runtime, std::string_view script, PredictorOptions options) {
    if (options.executions == 0) options.executions = 1;
    auto predictor = Predictor::Create(std::move(options), runtime);
    const absl::Status status = predictor->Load(Put("model.fake", script));
    EXPECT_TRUE(status.ok()) << status;
    return predictor;
  }
  absl::Status Refusal(std::string_view script, const BatchingOptions& batching) {
    PredictorOptions options;
    options.batching = batching;
    return Predictor::Create(std::move(options), &stepped_)->Load(Put("model.fake", script));
  }

  // Keeps the one execution until released.
  InferenceResponse Hold(Predictor* predictor) {
    InferenceResponse response;
    const absl::Status status = predictor->Infer(Request(x_), &response);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_TRUE(response.holds_execution());
    return response;
  }
  // Its ending stays where it is.
  absl::StatusOr<uint64_t> Ask(Predictor* predictor, InferenceRequest request, Ending* ending) {
    return predictor->InferAsync(std::move(request), [this, ending](absl::Status status, InferenceResponse response) {
      ++ending->times;
      ending->place = ++ended_;
      ending->copies = response.copies();
      ending->holds_execution = response.holds_execution();
      if (status.ok()) {
        for (const InferenceOutput& output : response.outputs()) ending->names.emplace_back(output.name);
        const TensorView& view = response.outputs()[0].view;
        ending->bytes.assign(reinterpret_cast<const char*>(view.data), view.size_bytes);
        if (view.dtype == DType::kF32) ending->values = Values(response);
      }
      ending->status = std::move(status);
    });
  }
  uint64_t MustAsk(Predictor* predictor, InferenceRequest request, Ending* ending) {
    const auto id = Ask(predictor, std::move(request), ending);
    EXPECT_TRUE(id.ok()) << id.status();
    return id.ok() ? *id : 0;
  }
  // Does all that can be done now; how much that was.
  int RunAll() {
    int count = 0;
    while (stepped_.scheduler()->RunOne()) ++count;
    return count;
  }
  static std::vector<float> Rows(size_t count, float first) {
    std::vector<float> values(count * 4);
    for (size_t i = 0; i < values.size(); ++i) values[i] = first + static_cast<float>(i);
    return values;
  }
  static std::vector<float> PlusOne(std::vector<float> values) {
    for (float& value : values) value += 1;
    return values;
  }
  static std::string Bytes(const std::vector<std::string>& elements) {
    std::string packed;
    for (const std::string& element : elements) EXPECT_TRUE(AppendBytesElement(element, &packed).ok());
    return packed;
  }
  static InferenceRequest Texts(const std::string& packed, int64_t count) {
    InferenceRequest request;
    request.inputs.push_back(RequestInput::Of(
        "t", {DType::kBytes, Shape{count}, reinterpret_cast<const std::byte*>(packed.data()), packed.size()}));
    return request;
  }
  static int64_t ClosedBy(const ModelStatistics& statistics, CloseReason reason) {
    return statistics.closed[static_cast<size_t>(reason)];
  }
  static int64_t Dropped(const ModelStatistics& statistics, DropReason reason) {
    return statistics.dropped[static_cast<size_t>(reason)];
  }

  const std::vector<float> x_ = {1, 2, 3, 4};
  Runtime stepped_{kEngines, 4, 0};
  int ended_ = 0;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_BATCHING_FIXTURE_TEST_H_
