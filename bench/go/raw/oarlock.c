#include <dlfcn.h>
#include <oarlock/oarlock.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

/* A tensor, and what it was made of. */
struct bound {
  oar_port port;
  int64_t dims[OAR_MAX_RANK];
  size_t size_bytes;
  void* data;
  oar_tensor tensor;
};

struct raw_oarlock {
  oar_runner bound;   /* to x and y */
  oar_runner unbound; /* each call brings its own */
  struct bound x, y;
  __typeof__(&oar_runner_run) run;
  __typeof__(&oar_runner_infer) infer;
  __typeof__(&oar_tensor_wrap) wrap;
  __typeof__(&oar_tensor_release) release;
  __typeof__(&oar_error_message) message;
};

/* The address of a function of the library, with the type that the header gives it. */
#define FUNCTION(name) ((__typeof__(&name))dlsym(library, #name))
/* Ends the function with the error's text if a call fails. */
#define NEED(call) \
  if ((call) != OAR_OK) return error == NULL ? "a call failed" : FUNCTION(oar_error_message)(error)

static const char* bind(void* library, struct bound* to) {
  oar_error* error = NULL;
  to->size_bytes = sizeof(float);
  for (int32_t i = 0; i < to->port.rank; ++i) {
    to->dims[i] = to->port.dims[i] < 0 ? 1 : to->port.dims[i];
    to->size_bytes *= (size_t)to->dims[i];
  }
  NEED(FUNCTION(oar_tensor_allocate)(to->port.dtype, to->dims, to->port.rank, &to->tensor, &error));
  NEED(FUNCTION(oar_tensor_data)(to->tensor, &to->data, &error));
  memset(to->data, 0, to->size_bytes);
  return NULL;
}

const char* raw_oarlock_open(const char* path, const char* model, raw_oarlock** made) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  oar_error* error = NULL;
  oar_runtime runtime;
  oar_predictor predictor;
  oar_load_options options = {0};
  options.struct_size = sizeof options;
  options.engine = "onnxruntime";
  NEED(FUNCTION(oar_runtime_create)(NULL, &runtime, &error));
  NEED(FUNCTION(oar_predictor_load)(runtime, model, &options, &predictor, &error));
  raw_oarlock* const raw = calloc(1, sizeof *raw);
  raw->x.port.struct_size = raw->y.port.struct_size = sizeof(oar_port);
  NEED(FUNCTION(oar_predictor_input)(predictor, 0, &raw->x.port, &error));
  NEED(FUNCTION(oar_predictor_output)(predictor, 0, &raw->y.port, &error));
  const char* problem = bind(library, &raw->x);
  if (problem == NULL) problem = bind(library, &raw->y);
  if (problem != NULL) return problem;
  NEED(FUNCTION(oar_runner_create)(predictor, &raw->bound, &error));
  NEED(FUNCTION(oar_runner_create)(predictor, &raw->unbound, &error));
  NEED(FUNCTION(oar_runner_bind_input)(raw->bound, 0, raw->x.tensor, &error));
  NEED(FUNCTION(oar_runner_bind_output)(raw->bound, 0, raw->y.tensor, &error));
  raw->run = FUNCTION(oar_runner_run);
  raw->infer = FUNCTION(oar_runner_infer);
  raw->wrap = FUNCTION(oar_tensor_wrap);
  raw->release = FUNCTION(oar_tensor_release);
  raw->message = FUNCTION(oar_error_message);
  *made = raw;
  return NULL;
}

const char* raw_oarlock_run(raw_oarlock* raw, int64_t count) {
  oar_error* error = NULL;
  for (int64_t i = 0; i < count; ++i) {
    if (raw->run(raw->bound, &error) != OAR_OK) return raw->message(error);
  }
  return NULL;
}

const char* raw_oarlock_infer(raw_oarlock* raw, int64_t count) {
  oar_error* error = NULL;
  for (int64_t i = 0; i < count; ++i) {
    if (raw->infer(raw->unbound, NULL, &raw->x.tensor, 1, &raw->y.tensor, 1, &error) != OAR_OK) return raw->message(error);
  }
  return NULL;
}

static void released(void* user) { ++*(int*)user; }

static oar_code wrap(raw_oarlock* raw, struct bound* of, int* released_count, oar_tensor* made, oar_error** error) {
  return raw->wrap(of->data, of->size_bytes, of->port.dtype, of->dims, of->port.rank, NULL, released,
                   released_count, made, error);
}

const char* raw_oarlock_infer_new(raw_oarlock* raw, int64_t count) {
  oar_error* error = NULL;
  int released_count = 0;
  for (int64_t i = 0; i < count; ++i) {
    oar_tensor x;
    oar_tensor y;
    if (wrap(raw, &raw->x, &released_count, &x, &error) != OAR_OK ||
        wrap(raw, &raw->y, &released_count, &y, &error) != OAR_OK ||
        raw->infer(raw->unbound, NULL, &x, 1, &y, 1, &error) != OAR_OK || raw->release(x, &error) != OAR_OK ||
        raw->release(y, &error) != OAR_OK) {
      return raw->message(error);
    }
  }
  return released_count == 2 * count ? NULL : "a tensor was not let go of";
}
