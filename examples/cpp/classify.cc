// Asks a model once and prints the largest values of its first output:  classify MODEL [ENGINE]
//
// As ../c/classify.c, with exceptions: what fails is told in main().
#include <algorithm>
#include <iostream>
#include <numeric>
#include <oarlock/oarlock.hpp>
#include <vector>

static void Classify(const char* path, const char* engine) {
  const oarlock::Runtime runtime = oarlock::Runtime::Create().value();
  oarlock::LoadOptions options;
  options.engine = engine;
  const oarlock::Predictor predictor = oarlock::Predictor::Load(runtime, path, options).value();
  const oarlock::ModelDescription model = predictor.Describe().value();
  std::cout << "model   " << model.name << " on " << model.engine << ' ' << model.engine_version << '\n';

  oarlock::Runner runner = oarlock::Runner::Create(predictor).value();
  for (size_t i = 0; i < model.input_count; ++i) {
    oarlock::Port port = predictor.Input(i).value();
    for (int64_t& dim : port.dims) dim = dim < 0 ? 1 : dim;  // an open dim counts 1
    const oarlock::Tensor tensor = oarlock::Tensor::Allocate(port.dtype, oarlock::DimsOf(port)).value();
    const oarlock::Span<float> values = tensor.As<float>().value();
    for (size_t at = 0; at < values.size(); ++at) {
      values[at] = -1 + 2 * static_cast<float>(at) / static_cast<float>(values.size());  // your numbers
    }
    const oarlock::ZeroCopyReport report = predictor.CheckZeroCopy(OAR_PORT_KIND_INPUT, i, tensor).value();
    std::cout << "input   " << port.name << ' ' << oar_dtype_name(port.dtype) << ", " << values.size() << " elements\n"
              << "        " << (report.condition == OAR_CONDITION_MET ? "used where it lies" : report.text) << '\n';
    runner.BindInput(i, tensor).value();  // the runner has its own handle
  }
  runner.Run().value();

  const oarlock::Span<const float> values = runner.Output<float>(0).value();
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] > values[b]; });
  std::cout << "output  " << predictor.Output(0)->name << ", " << values.size() << " elements; the largest:\n";
  for (size_t i = 0; i < std::min<size_t>(5, order.size()); ++i) {
    std::cout << "        " << order[i] << ' ' << values[order[i]] << '\n';
  }
  std::cout << "copies  " << runner.Copies()->copy_count << '\n';
}

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) return std::cerr << "usage: classify MODEL [ENGINE]\n", 2;
  try {
    Classify(argv[1], argc == 3 ? argv[2] : "auto");
  } catch (const oarlock::Error& error) {
    return std::cerr << "classify: " << error.what() << '\n', 1;
  }
}
