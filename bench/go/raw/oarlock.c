#include <dlfcn.h>
#include <oarlock/oarlock.h>
#include <stdlib.h>
#include <string.h>

#include "raw.h"

struct raw_oarlock {
  oar_runner runner;
  oar_code (*run)(oar_runner, oar_error**);
  const char* (*message)(const oar_error*);
};

/* The address of a function of the library, with the type that the header gives it. */
#define FUNCTION(name) ((__typeof__(&name))dlsym(library, #name))
/* Ends the function with the error's text if a call fails. */
#define NEED(call) \
  if ((call) != OAR_OK) return made_error == NULL ? "a call failed" : FUNCTION(oar_error_message)(made_error)

static const char* make_tensor(void* library, const oar_port* port, oar_tensor* tensor) {
  oar_error* made_error = NULL;
  int64_t dims[OAR_MAX_RANK];
  size_t count = 1;
  for (int32_t i = 0; i < port->rank; ++i) {
    dims[i] = port->dims[i] < 0 ? 1 : port->dims[i];
    count *= (size_t)dims[i];
  }
  void* data = NULL;
  NEED(FUNCTION(oar_tensor_allocate)(port->dtype, dims, port->rank, tensor, &made_error));
  NEED(FUNCTION(oar_tensor_data)(*tensor, &data, &made_error));
  memset(data, 0, count * sizeof(float));
  return NULL;
}

const char* raw_oarlock_open(const char* path, const char* model, raw_oarlock** made) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return dlerror();
  oar_error* made_error = NULL;
  oar_runtime runtime;
  oar_predictor predictor;
  oar_load_options options = {0};
  options.struct_size = sizeof options;
  options.engine = "onnxruntime";
  NEED(FUNCTION(oar_runtime_create)(NULL, &runtime, &made_error));
  NEED(FUNCTION(oar_predictor_load)(runtime, model, &options, &predictor, &made_error));
  oar_port input = {0};
  oar_port output = {0};
  input.struct_size = output.struct_size = sizeof input;
  NEED(FUNCTION(oar_predictor_input)(predictor, 0, &input, &made_error));
  NEED(FUNCTION(oar_predictor_output)(predictor, 0, &output, &made_error));
  oar_tensor x;
  oar_tensor y;
  const char* problem = make_tensor(library, &input, &x);
  if (problem == NULL) problem = make_tensor(library, &output, &y);
  if (problem != NULL) return problem;
  raw_oarlock* const raw = calloc(1, sizeof *raw);
  NEED(FUNCTION(oar_runner_create)(predictor, &raw->runner, &made_error));
  NEED(FUNCTION(oar_runner_bind_input)(raw->runner, 0, x, &made_error));
  NEED(FUNCTION(oar_runner_bind_output)(raw->runner, 0, y, &made_error));
  raw->run = FUNCTION(oar_runner_run);
  raw->message = FUNCTION(oar_error_message);
  *made = raw;
  return NULL;
}

const char* raw_oarlock_run(raw_oarlock* raw, int64_t count) {
  oar_error* error = NULL;
  for (int64_t i = 0; i < count; ++i) {
    if (raw->run(raw->runner, &error) != OAR_OK) return raw->message(error);
  }
  return NULL;
}
