// ONNX Runtime's shared library, opened once in the process from the folder beside the plugin, and its table of
// functions. Thread-safe.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_LIBRARY_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_LIBRARY_H_

#include <onnxruntime_c_api.h>

#include <memory>

namespace oarlock::onnxruntime {

// Throws Failure FAILED_PRECONDITION that names the file and what installs it. Later calls do no more than return.
void OpenLibrary();
// Only after OpenLibrary.
const OrtApi& Api();

// Owners of what ONNX Runtime makes.
struct Release {
  void operator()(OrtEnv* object) const { Api().ReleaseEnv(object); }
  void operator()(OrtSession* object) const { Api().ReleaseSession(object); }
  void operator()(OrtSessionOptions* object) const { Api().ReleaseSessionOptions(object); }
  void operator()(OrtThreadingOptions* object) const { Api().ReleaseThreadingOptions(object); }
  void operator()(OrtMemoryInfo* object) const { Api().ReleaseMemoryInfo(object); }
  void operator()(OrtRunOptions* object) const { Api().ReleaseRunOptions(object); }
  void operator()(OrtTypeInfo* object) const { Api().ReleaseTypeInfo(object); }
  void operator()(OrtTensorTypeAndShapeInfo* object) const { Api().ReleaseTensorTypeAndShapeInfo(object); }
  void operator()(OrtValue* object) const { Api().ReleaseValue(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_LIBRARY_H_
