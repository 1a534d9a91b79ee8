// A runner's calls, through the C API or by the C++ class behind it, as `oarlock bench --against exec:PROGRAM` asks for
// them. FP32 models of one input and one output; dynamic dims are 1.
//   runner c|core MODEL ENGINE [THREADS]
#include <oarlock/oarlock.h>

#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "../raw/loop.h"
#include "runtime/runner.h"

namespace {

[[noreturn]] void Fail(const std::string& text) {
  std::fprintf(stderr, "runner: %s\n", text.c_str());
  std::exit(1);
}

// Ends the program if `call(&error)` fails.
template <typename Call>
void Need(Call call) {
  oar_error* error = nullptr;
  if (call(&error) != OAR_OK) Fail(oar_error_message(error));
}

oar_tensor NewTensor(const oar_port& port) {
  int64_t dims[OAR_MAX_RANK];
  for (int32_t i = 0; i < port.rank; ++i) dims[i] = port.dims[i] < 0 ? 1 : port.dims[i];
  oar_tensor tensor;
  void* data = nullptr;
  oar_tensor_description description{};
  description.struct_size = sizeof description;
  Need([&](oar_error** error) { return oar_tensor_allocate(port.dtype, dims, port.rank, &tensor, error); });
  Need([&](oar_error** error) { return oar_tensor_data(tensor, &data, error); });
  Need([&](oar_error** error) { return oar_tensor_describe(tensor, &description, error); });
  std::memset(data, 0, description.size_bytes);
  return tensor;
}

oar_runner NewRunner(oar_predictor predictor) {
  oar_port input{};
  oar_port output{};
  input.struct_size = output.struct_size = sizeof input;
  oar_runner runner;
  Need([&](oar_error** error) { return oar_predictor_input(predictor, 0, &input, error); });
  Need([&](oar_error** error) { return oar_predictor_output(predictor, 0, &output, error); });
  Need([&](oar_error** error) { return oar_runner_create(predictor, &runner, error); });
  Need([&](oar_error** error) { return oar_runner_bind_input(runner, 0, NewTensor(input), error); });
  Need([&](oar_error** error) { return oar_runner_bind_output(runner, 0, NewTensor(output), error); });
  return runner;
}

int RunC(const char* model, const char* engine, int threads) {
  oar_runtime runtime;
  oar_predictor predictor;
  oar_load_options options{};
  options.struct_size = sizeof options;
  options.engine = engine;
  Need([&](oar_error** error) { return oar_runtime_create(nullptr, &runtime, error); });
  Need([&](oar_error** error) { return oar_predictor_load(runtime, model, &options, &predictor, error); });
  const auto make_call = [](oar_runner runner) {
    return [runner] {
      if (oar_runner_run(runner, nullptr) != OAR_OK) Fail("a run failed");
    };
  };
  std::vector<decltype(make_call({}))> calls;
  for (int i = 0; i < threads; ++i) calls.push_back(make_call(NewRunner(predictor)));
  return AnswerWithTimes(std::move(calls));
}

oarlock::StridedTensor NewTensor(const oarlock::Port& port) {
  oarlock::Shape shape = port.shape;
  for (int i = 0; i < shape.rank(); ++i) shape.set_dim(i, shape[i] < 0 ? 1 : shape[i]);
  auto tensor = oarlock::StridedTensor::Allocate(port.dtype, shape);
  if (!tensor.ok()) Fail(tensor.status().ToString());
  std::memset(tensor->data(), 0, tensor->size_bytes());
  return *tensor;
}

int RunCore(const char* model, const char* engine, int threads) {
  oarlock::Runtime runtime;
  oarlock::PredictorOptions options;
  options.engine = engine;
  const auto predictor = oarlock::Predictor::Create(options, &runtime);
  if (const absl::Status status = predictor->Load(model); !status.ok()) Fail(status.ToString());
  std::deque<std::unique_ptr<oarlock::Runner>> runners;
  const auto make_call = [](oarlock::Runner* runner) {
    return [runner] {
      if (!runner->Run().ok()) Fail("a run failed");
    };
  };
  std::vector<decltype(make_call(nullptr))> calls;
  for (int i = 0; i < threads; ++i) {
    runners.push_back(*oarlock::Runner::Create(predictor));
    if (!runners.back()->BindInput(0, NewTensor(predictor->model()->inputs[0])).ok()) Fail("the input does not fit");
    if (!runners.back()->BindOutput(0, NewTensor(predictor->model()->outputs[0].port)).ok())
      Fail("the output does not fit");
    calls.push_back(make_call(runners.back().get()));
  }
  return AnswerWithTimes(std::move(calls));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string way = argc > 3 ? argv[1] : "";
  if (argc > 5 || (way != "c" && way != "core")) {
    std::fprintf(stderr, "runner c|core MODEL ENGINE [THREADS]\n");
    return 2;
  }
  const int threads = argc > 4 ? std::atoi(argv[4]) : 1;
  return way == "c" ? RunC(argv[2], argv[3], threads) : RunCore(argv[2], argv[3], threads);
}
