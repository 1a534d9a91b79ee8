// Prints the version, the features, and x[15] of relu(x) where x is 0, 1, ..., 15:  consumer MODEL
#include <iostream>
#include <numeric>
#include <oarlock/oarlock.hpp>

int main(int, char** argv) {
  const oarlock::Runtime runtime = oarlock::Runtime::Create().value();
  const oarlock::Predictor predictor = oarlock::Predictor::Load(runtime, argv[1]).value();
  std::vector<float> x(16);
  std::iota(x.begin(), x.end(), 0.0F);
  const std::vector<oarlock::Tensor> y = predictor.Infer(oarlock::Tensor::Of(x, {1, 16}).value()).value();
  std::cout << oar_version_string() << ' ' << oar_features() << ' ' << y[0].As<float>().value()[15] << '\n';
}
