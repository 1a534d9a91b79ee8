#include <dlfcn.h>
#include <onnxruntime_c_api.h>
#include <stdlib.h>

#include "raw.h"

struct raw_onnxruntime {
  const OrtApi* api;
  OrtSession* session;
  char* names[2]; /* of the input and of the output */
  OrtValue* values[2];
};

#define NEED(call)                               \
  {                                              \
    OrtStatus* const status = (call);            \
    if (status != NULL) return api->GetErrorMessage(status); \
  }

static const char* bind(raw_onnxruntime* raw, const OrtMemoryInfo* memory, int is_output) {
  const OrtApi* const api = raw->api;
  OrtAllocator* allocator = NULL;
  OrtTypeInfo* type = NULL;
  const OrtTensorTypeAndShapeInfo* info = NULL;
  int64_t dims[8];
  size_t rank = 0;
  size_t count = 1;
  NEED(api->GetAllocatorWithDefaultOptions(&allocator));
  NEED((is_output ? api->SessionGetOutputName : api->SessionGetInputName)(raw->session, 0, allocator, &raw->names[is_output]));
  NEED((is_output ? api->SessionGetOutputTypeInfo : api->SessionGetInputTypeInfo)(raw->session, 0, &type));
  NEED(api->CastTypeInfoToTensorInfo(type, &info));
  NEED(api->GetDimensionsCount(info, &rank));
  if (rank > 8) return "a tensor of more than 8 dims";
  NEED(api->GetDimensions(info, dims, rank));
  for (size_t i = 0; i < rank; ++i) {
    if (dims[i] < 0) dims[i] = 1;
    count *= (size_t)dims[i];
  }
  void* const data = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  for (size_t i = 0; i < count; ++i) ((float*)data)[i] = 0;
  NEED(api->CreateTensorWithDataAsOrtValue(memory, data, count * sizeof(float), dims, rank,
                                           ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &raw->values[is_output]));
  return NULL;
}

const char* raw_onnxruntime_open(const char* path, const char* model, raw_onnxruntime** made) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  const OrtApiBase* (*const base)(void) = (const OrtApiBase* (*)(void))dlsym(library, "OrtGetApiBase");
  if (base == NULL) return dlerror();
  const OrtApi* const api = base()->GetApi(ORT_API_VERSION);
  OrtEnv* env = NULL;
  OrtSessionOptions* options = NULL;
  OrtMemoryInfo* memory = NULL;
  raw_onnxruntime* const raw = calloc(1, sizeof *raw);
  raw->api = api;
  NEED(api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "raw", &env));
  NEED(api->CreateSessionOptions(&options));
  NEED(api->SetIntraOpNumThreads(options, 1));
  NEED(api->SetInterOpNumThreads(options, 1));
  NEED(api->DisableMemPattern(options));
  NEED(api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  NEED(api->CreateSession(env, model, options, &raw->session));
  for (int is_output = 0; is_output < 2; ++is_output) {
    const char* const problem = bind(raw, memory, is_output);
    if (problem != NULL) return problem;
  }
  *made = raw;
  return NULL;
}

const char* raw_onnxruntime_run(raw_onnxruntime* raw, int64_t count) {
  const OrtApi* const api = raw->api;
  const char* const* const names = (const char* const*)raw->names;
  for (int64_t i = 0; i < count; ++i) {
    NEED(api->Run(raw->session, NULL, &names[0], (const OrtValue* const*)&raw->values[0], 1, &names[1], 1, &raw->values[1]));
  }
  return NULL;
}
