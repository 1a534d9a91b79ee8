// value() of this file throws, although a file without exceptions, where it would abort, is in the same program.
#include <cstdio>

#include "oarlock/oarlock.hpp"

static_assert(oarlock::kThrows);

float SilentSum();
oarlock::Result<oarlock::Tensor> SilentFailure();

int main() {
  std::vector<float> values = {1, 2, 3};
  float sum = SilentSum();
  for (const float value : oarlock::Tensor::Of(values, {3}).value().As<float>().value()) sum += value;
  if (sum != 12) return std::fprintf(stderr, "the sum is %g\n", static_cast<double>(sum)), 1;
  try {
    SilentFailure().value();
  } catch (const oarlock::Error& error) {
    return error.code() == OAR_INVALID_ARGUMENT ? 0 : 1;
  }
  std::fprintf(stderr, "nothing was thrown\n");
  return 1;
}
