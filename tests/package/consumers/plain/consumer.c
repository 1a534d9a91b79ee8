/* Prints the version, the features, and x[15] of relu(x) where x is 0, 1, ..., 15:  consumer MODEL */
#include <oarlock/oarlock.h>
#include <stdio.h>

int main(int argc, char** argv) {
  float x[16];
  const int64_t dims[2] = {1, 16};
  oar_error* error = NULL;
  oar_runtime runtime;
  oar_predictor predictor;
  oar_tensor input, output = {0};
  void* y;
  (void)argc;
  for (int i = 0; i < 16; ++i) x[i] = (float)i;
  if (oar_runtime_create(NULL, &runtime, &error) != OAR_OK ||
      oar_predictor_load(runtime, argv[1], NULL, &predictor, &error) != OAR_OK ||
      oar_tensor_wrap(x, sizeof x, OAR_DTYPE_F32, dims, 2, NULL, NULL, NULL, &input, &error) != OAR_OK ||
      oar_predictor_infer(predictor, NULL, &input, 1, &output, 1, &error) != OAR_OK ||
      oar_tensor_data(output, &y, &error) != OAR_OK) {
    fprintf(stderr, "%s\n", oar_error_message(error));
    oar_error_free(error);
    return 1;
  }
  printf("%s %d %g\n", oar_version_string(), (int)oar_features(), (double)((float*)y)[15]);
  oar_tensor_release(output, NULL);
  oar_tensor_release(input, NULL);
  oar_predictor_destroy(predictor, NULL);
  oar_runtime_destroy(runtime, NULL);
  return 0;
}
