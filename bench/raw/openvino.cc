// OpenVINO with nothing between: one request on one thread, input and output bound beforehand, the same properties as
// engines/openvino. FP32 models of one input and one output; dynamic dims become 1.
//   raw_openvino MODEL
#include <cstdio>
#include <openvino/openvino.hpp>
#include <vector>

#include "loop.h"

namespace {

ov::Shape ShapeOf(const ov::Output<const ov::Node>& port) {
  ov::PartialShape shape = port.get_partial_shape();
  for (auto& dim : shape) {
    if (dim.is_dynamic()) dim = 1;
  }
  return shape.to_shape();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "raw_openvino MODEL\n");
    return 2;
  }
  ov::Core core;
  ov::CompiledModel compiled = core.compile_model(
      core.read_model(argv[1]), "CPU", ov::hint::inference_precision(ov::element::f32),
      ov::hint::dynamic_quantization_group_size(0), ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
      ov::num_streams(0), ov::inference_num_threads(1), ov::hint::enable_cpu_pinning(false));
  ov::InferRequest request = compiled.create_infer_request();
  const ov::Shape in = ShapeOf(compiled.input());
  std::vector<float> x(ov::shape_size(in), 0.5F);
  request.set_input_tensor(ov::Tensor(ov::element::f32, in, x.data()));
  std::vector<float> y;
  if (compiled.output().get_partial_shape().is_static()) {
    const ov::Shape out = ShapeOf(compiled.output());
    y.resize(ov::shape_size(out));
    request.set_output_tensor(ov::Tensor(ov::element::f32, out, y.data()));
  }
  return AnswerWithTimes([&] { request.infer(); });
}
