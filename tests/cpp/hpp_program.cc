// The whole way from a model to numbers, as a program that may be compiled without exceptions: every result is asked.
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "oarlock/oarlock.hpp"

namespace {

int Fail(const char* what, const oarlock::Outcome& outcome) {
  std::fprintf(stderr, "%s: %s: %s\n", what, oar_code_name(outcome.code()), outcome.message());
  return 1;
}

int Wrong(const char* what) {
  std::fprintf(stderr, "%s is wrong\n", what);
  return 1;
}

constexpr std::string_view kModel = "input x FP32 1,16\noutput y FP32 1,16\nop add 1\n";

int Ask(const oarlock::Predictor& predictor) {
  std::vector<float> in(16, 1);
  float out[16] = {};
  oarlock::Result<oarlock::Tensor> x = oarlock::Tensor::Of(in, {1, 16});
  oarlock::Result<oarlock::Tensor> y = oarlock::Tensor::Of(out, {1, 16}, [kept = std::make_unique<int>(1)] {});
  if (!x || !y) return Fail("wrap", x ? static_cast<oarlock::Outcome&>(y) : x);
  oarlock::Result<oarlock::Runner> runner = oarlock::Runner::Create(predictor);
  if (!runner) return Fail("runner", runner);
  if (const auto bound = runner->BindInput(0, *x); !bound) return Fail("bind", bound);
  if (const auto bound = runner->BindOutput(0, *y); !bound) return Fail("bind", bound);
  if (const auto ran = runner->Run(); !ran) return Fail("run", ran);
  if (out[0] != 2 || out[15] != 2) return Wrong("what the runner wrote");
  const auto made = predictor.Infer({*x});
  if (!made) return Fail("infer", made);
  const oarlock::Result<oarlock::Span<float>> elements = made->front().As<float>();
  if (!elements) return Fail("elements", elements);
  float sum = 0;
  for (const float value : *elements) sum += value;
  if (sum != 32 || elements->size() != 16 || elements->back() != 2) return Wrong("what Infer() made");
  const oarlock::Dims dims = oarlock::DimsOf(*predictor.Output(0));
  if (dims != oarlock::Dims{1, 16}) return Wrong("what the output's dims are");
  return 0;
}

}  // namespace

int main() {
  oarlock::RuntimeOptions options;
  options.engine_path = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
  options.cache_dir = "none";
  const oarlock::Result<oarlock::Runtime> runtime = oarlock::Runtime::Create(options);
  if (!runtime) return Fail("runtime", runtime);
  oarlock::LoadOptions load;
  load.engine = "fake";
  load.format = OAR_FORMAT_FAKE;
  const oarlock::Result<oarlock::Predictor> predictor = oarlock::Predictor::LoadMemory(*runtime, kModel, {}, load);
  if (!predictor) return Fail("load", predictor);
  if (const int code = Ask(*predictor); code != 0) return code;
  const auto missing = oarlock::Predictor::Load(*runtime, "/nowhere.onnx");
  if (missing.code() != OAR_NOT_FOUND || std::string(missing.message()).empty()) return Wrong("what a missing file is");
  if (oar_object_count(OAR_OBJECT_TENSOR) != 0) return Wrong("that tensors are left");
  return 0;
}
