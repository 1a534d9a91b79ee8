/* Calls in a loop in C, with tensors bound beforehand: what a binding is measured against. FP32 models of one input and
 * one output; dynamic dims are 1. Functions end with a text if something failed, else with NULL. */
#ifndef OARLOCK_BENCH_GO_RAW_H_
#define OARLOCK_BENCH_GO_RAW_H_

#include <stdint.h>

/* One request of Oarlock's C API, again and again: by oar_runner_run(); by oar_runner_infer(), which takes the tensors
 * with each call; and by that over tensors that are made for each call and released after it. */
typedef struct raw_oarlock raw_oarlock;
const char* raw_oarlock_open(const char* library, const char* model, raw_oarlock** made);
const char* raw_oarlock_run(raw_oarlock* raw, int64_t count);
const char* raw_oarlock_infer(raw_oarlock* raw, int64_t count);
const char* raw_oarlock_infer_new(raw_oarlock* raw, int64_t count);

/* The same of ONNX Runtime's own C API: OrtApi::Run. */
typedef struct raw_onnxruntime raw_onnxruntime;
const char* raw_onnxruntime_open(const char* library, const char* model, raw_onnxruntime** made);
const char* raw_onnxruntime_run(raw_onnxruntime* raw, int64_t count);

#endif /* OARLOCK_BENCH_GO_RAW_H_ */
