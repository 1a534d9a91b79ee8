// OpenVINO with nothing between: one request on one thread, input and output bound beforehand, the same properties as
// engines/openvino. FP32 models of one input and one output; dynamic dims become ROWS, or 1.
//   raw_openvino MODEL [ROWS]
//   raw_openvino --all DIRECTORY     loads all models that lie there and tells what they take, as JSON
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <openvino/openvino.hpp>
#include <vector>

#include "all_models.h"
#include "loop.h"

namespace {

ov::Shape ShapeOf(const ov::Output<const ov::Node>& port, int64_t rows) {
  ov::PartialShape shape = port.get_partial_shape();
  for (auto& dim : shape) {
    if (dim.is_dynamic()) dim = rows;
  }
  return shape.to_shape();
}

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc == 3 && std::strcmp(argv[1], "--all") == 0;
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "raw_openvino MODEL [ROWS] | --all DIRECTORY\n");
    return 2;
  }
  ov::Core core;
  const auto load = [&core](const std::string& path) {
    return core.compile_model(core.read_model(path), "CPU", ov::hint::inference_precision(ov::element::f32),
                              ov::hint::dynamic_quantization_group_size(0),
                              ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::num_streams(0),
                              ov::inference_num_threads(1), ov::hint::enable_cpu_pinning(false));
  };
  if (all) {
    std::vector<ov::InferRequest> kept;
    return TellOfAllModels(argv[2], [&](const std::string& path) {
      ov::CompiledModel model = load(path);
      kept.push_back(model.create_infer_request());
      std::vector<float> zeros(ov::shape_size(ShapeOf(model.input(), 1)));
      kept.back().set_input_tensor(ov::Tensor(ov::element::f32, ShapeOf(model.input(), 1), zeros.data()));
      kept.back().infer();
    });
  }
  const int64_t rows = argc == 3 ? std::atoll(argv[2]) : 1;
  ov::CompiledModel compiled = load(argv[1]);
  ov::InferRequest request = compiled.create_infer_request();
  const ov::Shape in = ShapeOf(compiled.input(), rows);
  std::vector<float> x(ov::shape_size(in), 0.5F);
  request.set_input_tensor(ov::Tensor(ov::element::f32, in, x.data()));
  std::vector<float> y;
  if (compiled.output().get_partial_shape().is_static()) {
    const ov::Shape out = ShapeOf(compiled.output(), rows);
    y.resize(ov::shape_size(out));
    request.set_output_tensor(ov::Tensor(ov::element::f32, out, y.data()));
  }
  return AnswerWithTimes([&] { request.infer(); });
}
