// ONNX Runtime's own C API with nothing between: one session on one thread, input and output bound beforehand, the same
// settings as engines/onnxruntime. FP32 models of one input and one output; dynamic dims become ROWS, or 1.
//   raw_onnxruntime MODEL.onnx [ROWS [THREADS]]
//   raw_onnxruntime --all DIRECTORY     loads all models that lie there and tells what they take, as JSON
#include <onnxruntime_c_api.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "all_models.h"
#include "loop.h"

namespace {

const OrtApi* api = nullptr;

void Check(OrtStatus* status) {
  if (status == nullptr) return;
  std::fprintf(stderr, "raw_onnxruntime: %s\n", api->GetErrorMessage(status));
  std::exit(1);
}

struct Bound {
  std::string name;
  std::vector<float> data;
  OrtValue* value = nullptr;
};

Bound Bind(OrtSession* session, bool input, OrtMemoryInfo* memory, int64_t rows) {
  OrtAllocator* allocator = nullptr;
  Check(api->GetAllocatorWithDefaultOptions(&allocator));
  char* name = nullptr;
  OrtTypeInfo* type = nullptr;
  Check(input ? api->SessionGetInputName(session, 0, allocator, &name)
              : api->SessionGetOutputName(session, 0, allocator, &name));
  Check(input ? api->SessionGetInputTypeInfo(session, 0, &type) : api->SessionGetOutputTypeInfo(session, 0, &type));
  const OrtTensorTypeAndShapeInfo* info = nullptr;
  Check(api->CastTypeInfoToTensorInfo(type, &info));
  size_t rank = 0;
  Check(api->GetDimensionsCount(info, &rank));
  std::vector<int64_t> dims(rank);
  Check(api->GetDimensions(info, dims.data(), rank));
  size_t count = 1;
  for (int64_t& dim : dims) {
    if (dim < 0) dim = rows;
    count *= static_cast<size_t>(dim);
  }
  Bound bound{name, std::vector<float>(count, 0.5F), nullptr};
  Check(api->CreateTensorWithDataAsOrtValue(memory, bound.data.data(), count * sizeof(float), dims.data(), rank,
                                            ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &bound.value));
  return bound;
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc == 3 && std::strcmp(argv[1], "--all") == 0;
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "raw_onnxruntime MODEL.onnx [ROWS [THREADS]] | --all DIRECTORY\n");
    return 2;
  }
  api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  OrtEnv* env = nullptr;
  Check(api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "raw", &env));
  OrtSessionOptions* options = nullptr;
  Check(api->CreateSessionOptions(&options));
  Check(api->SetIntraOpNumThreads(options, 1));
  Check(api->SetInterOpNumThreads(options, 1));
  Check(api->DisableMemPattern(options));
  OrtMemoryInfo* memory = nullptr;
  Check(api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  const auto load = [&](const char* path) {
    OrtSession* session = nullptr;
    Check(api->CreateSession(env, path, options, &session));
    return session;
  };
  const auto bind_and_run = [&](OrtSession* session, int64_t rows) {
    const Bound input = Bind(session, true, memory, rows);
    Bound output = Bind(session, false, memory, rows);
    const char* in = input.name.c_str();
    const char* out = output.name.c_str();
    Check(api->Run(session, nullptr, &in, &input.value, 1, &out, 1, &output.value));
    api->ReleaseValue(input.value);
    api->ReleaseValue(output.value);
  };
  if (all) {
    return TellOfAllModels(argv[2], [&](const std::string& path) { bind_and_run(load(path.c_str()), 1); });
  }
  OrtSession* const session = load(argv[1]);
  const int64_t rows = argc > 2 ? std::atoll(argv[2]) : 1;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
  std::deque<std::pair<Bound, Bound>> bound;  // input and output of each thread
  for (int i = 0; i < threads; ++i) {
    bound.emplace_back(Bind(session, true, memory, rows), Bind(session, false, memory, rows));
  }
  const auto make_call = [session](std::pair<Bound, Bound>& of) {
    return [session, &of] {
      const char* const in = of.first.name.c_str();
      const char* const out = of.second.name.c_str();
      Check(api->Run(session, nullptr, &in, &of.first.value, 1, &out, 1, &of.second.value));
    };
  };
  std::vector<decltype(make_call(bound[0]))> calls;
  for (auto& each : bound) calls.push_back(make_call(each));
  return AnswerWithTimes(std::move(calls));
}
