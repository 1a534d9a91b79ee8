/* Asks a model once and prints the largest values of its first output:  classify MODEL [ENGINE]
 *
 * The inputs are ramps of numbers from -1 to 1; put your own into memory_of(). Every call is checked: an error has a
 * code and a text that says what was wrong and what would be right.
 */
#include <oarlock/oarlock.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 5 };

/* Says what failed, and frees the text. Nonzero if the call succeeded. */
static int ok(oar_code code, oar_error** error, const char* what) {
  if (code == OAR_OK) return 1;
  fprintf(stderr, "classify: %s: %s: %s\n", what, oar_code_name(code), oar_error_message(*error));
  oar_error_free(*error);
  *error = NULL;
  return 0;
}

/* Numbers for an input; an open dim counts 1. NULL if it does not take numbers. */
static float* memory_of(oar_port* port, size_t* count) {
  *count = 1;
  for (int32_t i = 0; i < port->rank; ++i) {
    if (port->dims[i] < 0) port->dims[i] = 1;
    *count *= (size_t)port->dims[i];
  }
  float* values = port->dtype == OAR_DTYPE_F32 && port->rank >= 0 ? malloc((*count + 1) * sizeof *values) : NULL;
  for (size_t i = 0; values != NULL && i < *count; ++i) values[i] = -1 + 2 * (float)i / (float)*count;
  return values;
}

/* Lends memory to the model as its input, and says whether it will be used where it lies. */
static int bind(oar_predictor predictor, oar_runner runner, size_t index, oar_error** error) {
  oar_port port = {.struct_size = sizeof port};
  oar_zero_copy_report report = {.struct_size = sizeof report};
  oar_tensor tensor;
  size_t count;
  if (!ok(oar_predictor_input(predictor, index, &port, error), error, "input")) return 0;
  float* const values = memory_of(&port, &count);
  printf("input   %s %s, %zu elements\n", port.name, oar_dtype_name(port.dtype), count);
  if (values == NULL) return fprintf(stderr, "classify: only inputs of FP32 are filled here\n"), 0;
  /* free() is called once nothing uses the memory any more. */
  if (!ok(oar_tensor_wrap(values, count * sizeof *values, port.dtype, port.dims, port.rank, NULL, free, values, &tensor,
                          error),
          error, "wrap")) {
    free(values);
    return 0;
  }
  const int bound = ok(oar_predictor_check_zero_copy(predictor, OAR_PORT_KIND_INPUT, index, tensor, &report, error),
                       error, "check zero copy") &&
                    ok(oar_runner_bind_input(runner, index, tensor, error), error, "bind input");
  if (bound) printf("        %s\n", report.condition == OAR_CONDITION_MET ? "used where it lies" : report.text);
  oar_tensor_release(tensor, NULL); /* the runner has its own handle */
  return bound;
}

/* The largest values of output 0, which lies in the engine's memory. */
static int show(oar_predictor predictor, oar_runner runner, oar_error** error) {
  oar_port port = {.struct_size = sizeof port};
  oar_copy_report copies = {.struct_size = sizeof copies};
  oar_view view;
  if (!ok(oar_predictor_output(predictor, 0, &port, error), error, "output")) return 0;
  if (!ok(oar_runner_output(runner, 0, &view, error), error, "output")) return 0;
  if (!ok(oar_runner_copy_report(runner, &copies, error), error, "copy report")) return 0;
  if (view.dtype != OAR_DTYPE_F32) return fprintf(stderr, "classify: output %s is not of FP32\n", port.name), 0;
  const float* const values = view.data;
  const size_t count = view.size_bytes / sizeof *values;
  printf("output  %s, %zu elements; the largest:\n", port.name, count);
  for (size_t shown = 0, before = count; shown < SHOWN && shown < count; ++shown) {
    size_t best = count;
    for (size_t i = 0; i < count; ++i) {
      /* Smaller than what was shown last, or equal and further on. */
      const int left = before == count || values[i] < values[before] || (values[i] == values[before] && i > before);
      if (left && (best == count || values[i] > values[best])) best = i;
    }
    if (best == count) break; /* not numbers */
    printf("        %4zu %g\n", best, (double)values[best]);
    before = best;
  }
  printf("copies  %d\n", (int)copies.copy_count);
  return 1;
}

static int run(oar_predictor predictor, oar_error** error) {
  oar_model_description model = {.struct_size = sizeof model};
  oar_runner runner;
  if (!ok(oar_predictor_describe(predictor, &model, error), error, "describe")) return 0;
  printf("model   %s on %s %s\n", model.name, model.engine, model.engine_version);
  if (!ok(oar_runner_create(predictor, &runner, error), error, "runner")) return 0;
  int good = 1;
  for (size_t i = 0; good && i < model.input_count; ++i) good = bind(predictor, runner, i, error);
  good = good && ok(oar_runner_run(runner, error), error, "run") && show(predictor, runner, error);
  oar_runner_destroy(runner, NULL);
  return good;
}

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return fprintf(stderr, "usage: classify MODEL [ENGINE]\n"), 2;
  oar_error* error = NULL;
  oar_load_options options = {.struct_size = sizeof options, .engine = argc == 3 ? argv[2] : "auto"};
  oar_runtime runtime;
  oar_predictor predictor;
  if (!ok(oar_runtime_create(NULL, &runtime, &error), &error, "runtime")) return 1;
  int good = ok(oar_predictor_load(runtime, argv[1], &options, &predictor, &error), &error, argv[1]);
  if (good) {
    good = run(predictor, &error);
    oar_predictor_destroy(predictor, NULL);
  }
  oar_runtime_destroy(runtime, NULL);
  return good ? 0 : 1;
}
