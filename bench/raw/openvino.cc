// OpenVINO with nothing between: one request on one thread, input and output bound beforehand, the same properties as
// engines/openvino. FP32 models of one input and one output; dynamic dims become ROWS, or 1.
//   raw_openvino MODEL [ROWS [THREADS]]
//   raw_openvino --all DIRECTORY     loads all models that lie there and tells what they take, as JSON
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
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

// A request with its input and, where its size is known, its output.
struct Bound {
  Bound(ov::CompiledModel& model, int64_t rows) : request(model.create_infer_request()) {
    const ov::Shape in = ShapeOf(model.input(), rows);
    x.assign(ov::shape_size(in), 0.5F);
    request.set_input_tensor(ov::Tensor(ov::element::f32, in, x.data()));
    if (!model.output().get_partial_shape().is_static()) return;
    const ov::Shape out = ShapeOf(model.output(), rows);
    y.resize(ov::shape_size(out));
    request.set_output_tensor(ov::Tensor(ov::element::f32, out, y.data()));
  }
  ov::InferRequest request;
  std::vector<float> x;
  std::vector<float> y;
};

}  // namespace

int main(int argc, char** argv) {
  const bool all = argc == 3 && std::strcmp(argv[1], "--all") == 0;
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "raw_openvino MODEL [ROWS [THREADS]] | --all DIRECTORY\n");
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
  const int64_t rows = argc > 2 ? std::atoll(argv[2]) : 1;
  const int threads = argc > 3 ? std::atoi(argv[3]) : 1;
  ov::CompiledModel compiled = load(argv[1]);
  std::deque<Bound> bound;
  for (int i = 0; i < threads; ++i) bound.emplace_back(compiled, rows);
  const auto make_call = [](Bound& of) { return [&of] { of.request.infer(); }; };
  std::vector<decltype(make_call(bound[0]))> calls;
  for (Bound& each : bound) calls.push_back(make_call(each));
  return AnswerWithTimes(std::move(calls));
}
