// Compiled without exceptions and as C++17; mixed_throwing.cc is its other half.
#include "oarlock/oarlock.hpp"

static_assert(!oarlock::kThrows);

// Uses what the other file uses, so that the linker has two of each to choose from.
float SilentSum() {
  std::vector<float> values = {1, 2, 3};
  float sum = 0;
  for (const float value : oarlock::Tensor::Of(values, {3}).value().As<float>().value()) sum += value;
  return sum;
}

oarlock::Result<oarlock::Tensor> SilentFailure() { return oarlock::Tensor::Allocate<float>({-2}); }
