#include "shim.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>

#include "_cgo_export.h"

oarlock_result oarlock_go_run(uint64_t runner) {
  oarlock_result result = {OAR_OK, NULL, 0};
  result.code = call_oar_runner_run((oar_runner){runner}, &result.error);
  return result;
}

oarlock_result oarlock_go_infer(uint64_t runner, const uint64_t* inputs, size_t input_count, const uint64_t* outputs,
                                size_t output_count, int64_t deadline_ns, int32_t priority) {
  oarlock_result result = {OAR_OK, NULL, 0};
  const oar_infer_options options = {sizeof(oar_infer_options), deadline_ns, priority, 0};
  result.code = call_oar_runner_infer((oar_runner){runner}, &options, (const oar_tensor*)inputs, input_count,
                                      (const oar_tensor*)outputs, output_count, &result.error);
  return result;
}

static void set_released(void* released) { atomic_store((_Atomic uint32_t*)released, 1); }

oarlock_result oarlock_go_wrap(uint8_t* data, size_t size_bytes, oar_dtype dtype, const int64_t* dims, int32_t rank,
                               uintptr_t released) {
  oarlock_result result = {OAR_OK, NULL, 0};
  oar_tensor tensor = {0};
  result.code = call_oar_tensor_wrap(data, size_bytes, dtype, dims, rank, NULL, set_released, released, &tensor,
                                     &result.error);
  result.handle = tensor.value;
  return result;
}

oarlock_result oarlock_go_release(uint64_t tensor) {
  oarlock_result result = {OAR_OK, NULL, 0};
  result.code = call_oar_tensor_release((oar_tensor){tensor}, &result.error);
  return result;
}

static void infer_ended(void* token, oar_code code, const oar_error* error, const oar_tensor* outputs,
                        size_t output_count) {
  oarlockInferEnded((uintptr_t)token, code, (char*)call_oar_error_message(error), (uint64_t*)outputs, output_count);
}

oarlock_result oarlock_go_infer_async(uint64_t predictor, const uint64_t* inputs, size_t input_count,
                                      const uint64_t* outputs, size_t output_count, int64_t deadline_ns, int32_t priority,
                                      uintptr_t token) {
  oarlock_result result = {OAR_OK, NULL, 0};
  const oar_infer_options options = {sizeof(oar_infer_options), deadline_ns, priority, 1};
  result.code = call_oar_predictor_infer_async(
      (oar_predictor){predictor}, &options, (const oar_tensor*)inputs, input_count, (const oar_tensor*)outputs,
      output_count, infer_ended, token, &result.handle, &result.error);
  return result;
}

int64_t oarlock_go_probe(const char* path, char* error, size_t error_size_bytes) {
  void* const library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (library == NULL) {
    snprintf(error, error_size_bytes, "%s", dlerror());
    return -1;
  }
  uint32_t (*const version)(void) = (uint32_t(*)(void))dlsym(library, "oar_version");
  if (version == NULL) {
    snprintf(error, error_size_bytes, "it has no oar_version: it is another library");
    dlclose(library);
    return -1;
  }
  return version(); /* never closed: it is about to be used, or the program about to end */
}

static void log_line(void* token, oar_log_level level, const char* message) {
  oarlockLog((uintptr_t)token, level, (char*)message);
}
void* oarlock_go_log_callback(void) { return (void*)log_line; }

static void tell_phase(void* token, const char* phase) { oarlockProgress((uintptr_t)token, (char*)phase); }
void* oarlock_go_progress_callback(void) { return (void*)tell_phase; }
