// On real engines: what a request is answered in a batch is what it is answered by itself. No worker runs here: a test
// takes each step itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/file.h"
#include "base/status.h"
#include "runtime/predictor.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr char kModels[] = OARLOCK_SOURCE_DIR "/tests/models/";
constexpr char kWaybill[] = OARLOCK_SOURCE_DIR "/examples/waybill/";
constexpr double kTolerance = 1e-5;  // of a difference to the largest value: sums may be taken in another order

std::vector<std::string> RealEngines() {
  std::vector<std::string> engines;
#ifdef OARLOCK_TEST_OPENVINO
  engines.emplace_back("openvino");
#endif
#ifdef OARLOCK_TEST_ONNXRUNTIME
  engines.emplace_back("onnxruntime");
#endif
  return engines;
}

// One for the program: engines are opened once.
Runtime& Stepped() {
  static Runtime& runtime = *new Runtime(OARLOCK_BUILD_DIR "/lib/oarlock/engines", 2, 0);
  return runtime;
}

int RunAll() {
  int count = 0;
  while (Stepped().scheduler()->RunOne()) ++count;
  return count;
}

struct Answer {
  absl::Status status;
  std::vector<std::string> names;
  std::vector<Tensor> outputs;
};

Answer Copied(absl::Status status, const InferenceResponse& response) {
  Answer answer;
  answer.status = std::move(status);
  if (!answer.status.ok()) return answer;
  for (const InferenceOutput& output : response.outputs()) {
    answer.names.emplace_back(output.name);
    answer.outputs.push_back(*Tensor::Clone(output.view));
  }
  return answer;
}

// Real numbers within the tolerance; everything else the same.
void ExpectSame(const TensorView& one, const TensorView& other) {
  ASSERT_EQ(one.dtype, other.dtype);
  ASSERT_EQ(one.shape, other.shape);
  ASSERT_EQ(one.size_bytes, other.size_bytes);
  if (one.dtype != DType::kF32) {
    EXPECT_EQ(std::memcmp(one.data, other.data, one.size_bytes), 0);
    return;
  }
  const auto x = one.As<float>();
  const auto y = other.As<float>();
  float largest = 0;
  float error = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    largest = std::max(largest, std::abs(x[i]));
    error = std::max(error, std::abs(x[i] - y[i]));
  }
  EXPECT_GT(largest, 0);
  EXPECT_LE(error, kTolerance * largest);
}

void ExpectSame(const Answer& one, const Answer& other) {
  ASSERT_TRUE(one.status.ok()) << one.status;
  ASSERT_TRUE(other.status.ok()) << other.status;
  ASSERT_EQ(one.names, other.names);
  for (size_t i = 0; i < one.outputs.size(); ++i) ExpectSame(one.outputs[i].view(), other.outputs[i].view());
}

class EngineBatching : public testing::TestWithParam<std::string> {
 protected:
  EngineBatching() : scratch_(fs::path(testing::TempDir()) / fmt::format("oarlock-engine-batching-{}", ::getpid())) {
    fs::create_directories(scratch_);
  }
  ~EngineBatching() override { fs::remove_all(scratch_); }

  static std::shared_ptr<Predictor> MustLoad(const fs::path& path, std::vector<int64_t> buckets = {}) {
    PredictorOptions options;
    options.engine = GetParam();
    options.cache_dir = "none";
    options.executions = 1;
    BatchingOptions& batching = options.batching.emplace();
    batching.max_batch_size = 16;
    batching.buckets = std::move(buckets);
    auto predictor = Predictor::Create(std::move(options), &Stepped());
    const absl::Status status = predictor->Load(path);
    EXPECT_TRUE(status.ok()) << status;
    return predictor;
  }

  static InferenceRequest RequestOf(const LoadedModel& model, const std::vector<Tensor>& inputs) {
    InferenceRequest request;
    for (size_t i = 0; i < inputs.size(); ++i) {
      request.inputs.push_back(RequestInput::Of(model.inputs[i].name, inputs[i].view()));
    }
    return request;
  }
  static Answer Alone(Predictor* predictor, const std::vector<Tensor>& inputs) {
    InferenceResponse response;
    absl::Status status = predictor->Infer(RequestOf(*predictor->model(), inputs), &response);
    return Copied(std::move(status), response);
  }
  // All in one batch.
  static std::vector<Answer> Together(Predictor* predictor, const std::vector<std::vector<Tensor>>& requests) {
    const auto model = predictor->model();
    const ModelStatistics before = model->statistics();
    std::vector<Answer> answers(requests.size());
    size_t called = 0;
    ExecutionLease held(model, model->pool.get(), model->pool->TryAcquire());
    EXPECT_TRUE(held.held());
    for (size_t i = 0; i < requests.size(); ++i) {
      const auto id = predictor->InferAsync(RequestOf(*model, requests[i]),
                                            [&answers, &called, i](absl::Status status, InferenceResponse response) {
                                              answers[i] = Copied(std::move(status), response);
                                              ++called;
                                            });
      EXPECT_TRUE(id.ok()) << id.status();
    }
    held.Release();
    EXPECT_EQ(RunAll(), 1);
    EXPECT_EQ(called, requests.size());
    const ModelStatistics after = model->statistics();
    if (after.reruns == before.reruns) {
      EXPECT_EQ(after.runs - before.runs, 1);
    }
    return answers;
  }

  std::mt19937 random_{20240611};

  // Open dims other than the rows are 5.
  Tensor RandomInput(const Port& port, int64_t rows) {
    Shape shape = port.shape;
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] == kDynamic) shape.set_dim(axis, axis == 0 ? rows : 5);
    }
    if (port.dtype == DType::kBytes) return RandomTexts(shape);
    Tensor tensor = *Tensor::Allocate(port.dtype, shape);
    for (size_t at = 0; at < tensor.size_bytes(); at += sizeof(float)) {
      const float real = std::uniform_real_distribution<float>(-1, 1)(random_);
      const int32_t whole = static_cast<int32_t>(random_() % 7);
      std::memcpy(tensor.data() + at, port.dtype == DType::kF32 ? static_cast<const void*>(&real) : &whole,
                  sizeof real);
    }
    return tensor;
  }
  Tensor RandomTexts(const Shape& shape) {
    std::string packed;
    for (int64_t i = 0; i < *shape.ElementCount(); ++i) {
      EXPECT_TRUE(
          AppendBytesElement(std::string(random_() % 9, static_cast<char>('a' + random_() % 26)), &packed).ok());
    }
    return *Tensor::Clone({DType::kBytes, shape, reinterpret_cast<const std::byte*>(packed.data()), packed.size()});
  }
  std::vector<Tensor> RandomInputs(const LoadedModel& model) {
    const auto rows = static_cast<int64_t>(1 + random_() % 3);
    std::vector<Tensor> inputs;
    for (const Port& port : model.inputs) inputs.push_back(RandomInput(port, rows));
    return inputs;
  }

  void ExpectBatchesToAnswerAsEachAlone(const fs::path& path) {
    for (const auto& buckets : {std::vector<int64_t>{}, std::vector<int64_t>{4, 8, 16}}) {
      const auto predictor = MustLoad(path, buckets);
      if (predictor->model() == nullptr) return;
      SCOPED_TRACE(fmt::format("{} with {} buckets", path.string(), buckets.size()));
      for (const size_t count : {2, 3, 5, 2, 5}) {
        std::vector<std::vector<Tensor>> requests;
        for (size_t i = 0; i < count; ++i) requests.push_back(RandomInputs(*predictor->model()));
        const std::vector<Answer> answers = Together(predictor.get(), requests);
        for (size_t i = 0; i < count; ++i) ExpectSame(answers[i], Alone(predictor.get(), requests[i]));
      }
      const ModelStatistics statistics = predictor->model()->statistics();
      EXPECT_EQ(statistics.reruns, 0);
      EXPECT_EQ(statistics.padding_rows > 0, !buckets.empty());
    }
  }

  static std::string Picture(int number) {
    const auto bytes = ReadFile(fmt::format("{}test/{:02}.png", kWaybill, number), 1 << 20);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    return bytes.ok() ? std::string(bytes->text()) : std::string();
  }
  static std::vector<Tensor> Pictures(const std::vector<std::string>& pictures) {
    std::string packed;
    for (const std::string& picture : pictures) EXPECT_TRUE(AppendBytesElement(picture, &packed).ok());
    std::vector<Tensor> inputs;
    inputs.push_back(*Tensor::Clone({DType::kBytes, Shape{static_cast<int64_t>(pictures.size())},
                                     reinterpret_cast<const std::byte*>(packed.data()), packed.size()}));
    return inputs;
  }
  // Also with a picture among them that is none.
  static void ExpectPicturesToBeReadAsEachAlone(const fs::path& path) {
    for (const auto& buckets : {std::vector<int64_t>{}, std::vector<int64_t>{4, 8, 16}}) {
      const auto predictor = MustLoad(path, buckets);
      if (predictor->model() == nullptr) return;
      const std::vector<std::vector<Tensor>> requests = {
          Pictures({Picture(0)}), Pictures({Picture(1), Picture(2), Picture(3)}),
          Pictures({Picture(4), "no picture at all"}), Pictures({Picture(5), Picture(6)})};
      const std::vector<Answer> answers = Together(predictor.get(), requests);
      for (const size_t i : {0, 1, 3}) ExpectSame(answers[i], Alone(predictor.get(), requests[i]));
      const Answer broken = Alone(predictor.get(), requests[2]);
      EXPECT_EQ(broken.status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_EQ(answers[2].status, broken.status);
      EXPECT_EQ(predictor->model()->statistics().reruns, 0);
      // Nothing of one batch is left in the next.
      const std::vector<std::vector<Tensor>> others = {Pictures({Picture(7)}), Pictures({Picture(8)})};
      const std::vector<Answer> next = Together(predictor.get(), others);
      for (size_t i = 0; i < 2; ++i) ExpectSame(next[i], Alone(predictor.get(), others[i]));
    }
  }

  const fs::path scratch_;
};

TEST_P(EngineBatching, OfAConvolutionalNet) {
  ExpectBatchesToAnswerAsEachAlone(fmt::format("{}onnx/small_net.onnx", kModels));
}

TEST_P(EngineBatching, OfTwoInputs) {
  ExpectBatchesToAnswerAsEachAlone(fmt::format("{}onnx/sum_dynamic.onnx", kModels));
}

TEST_P(EngineBatching, OfIntegersToBools) {
  ExpectBatchesToAnswerAsEachAlone(fmt::format("{}onnx/flags.onnx", kModels));
}

TEST_P(EngineBatching, OfTexts) {
  if (GetParam() == "openvino") GTEST_SKIP() << "it takes no strings";
  ExpectBatchesToAnswerAsEachAlone(fmt::format("{}onnx/strings_dynamic.onnx", kModels));
}

TEST_P(EngineBatching, OfPaddleModels) {
  ExpectBatchesToAnswerAsEachAlone(fmt::format("{}paddle/mlp", kModels));
  ExpectBatchesToAnswerAsEachAlone(fmt::format("{}paddle/lenet", kModels));
}

TEST_P(EngineBatching, OfPicturesWithTextsToDecode) {
  ExpectPicturesToBeReadAsEachAlone(fmt::format("{}models/waybill", kWaybill));
}

TEST_P(EngineBatching, OfPicturesWithClassesToRank) {
  fs::copy_file(fmt::format("{}onnx/small_net.onnx", kModels), scratch_ / "net.onnx");
  std::ofstream(scratch_ / "model.yaml")
      << "schema: 1\npreprocess: {height: 16, width: 16}\npostprocess: {top_k: {k: 3}}\n";
  ExpectPicturesToBeReadAsEachAlone(scratch_);
}

// The program says that its rows are the input's, and they are not.
TEST_P(EngineBatching, RowsThatCannotBeToldApartAreAnError) {
  const auto predictor = MustLoad(fmt::format("{}onnx/wrong_dims.onnx", kModels));
  ASSERT_NE(predictor->model(), nullptr);
  const Port& port = predictor->model()->inputs[0];
  std::vector<std::vector<Tensor>> requests;
  for (const int64_t rows : {1, 2}) {
    requests.emplace_back();
    requests.back().push_back(RandomInput(port, rows));
  }
  const std::vector<Answer> answers = Together(predictor.get(), requests);
  for (const Answer& answer : answers) {
    EXPECT_EQ(answer.status.code(), absl::StatusCode::kInternal) << answer.status;
    EXPECT_THAT(std::string(MessageOf(answer.status)), HasSubstr("serve it with `max_batch_size: 0`"));
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineBatching, testing::ValuesIn(RealEngines()),
                         [](const testing::TestParamInfo<std::string>& engine) { return engine.param; });

}  // namespace
}  // namespace oarlock
