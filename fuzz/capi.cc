// Any calls of the C API in any order, with right and wrong arguments. Nothing crashes, and after all handles have
// ended nothing is left.
#include "../tests/capi/picture.h"
#include "generated/capi_calls.h"

namespace oarlock::fuzz {
namespace {

constexpr int kCallsMax = 64;

void Quiet(void*, oar_log_level, const char*) {}

// Something of each kind, so that the first bytes need not find out how to make it.
void Seed(Pool& pool) {
  oar_runtime_options options{};
  options.struct_size = sizeof(options);
  options.thread_budget = 2;
  options.engine_path = OARLOCK_BUILD_DIR "/lib/oarlock/engines";
  options.cache_dir = "none";
  options.log = Quiet;
  oar_runtime runtime;
  if (oar_runtime_create(&options, &runtime, nullptr) != OAR_OK) return;
  pool.Add(runtime);

  oar_load_options load{};
  load.struct_size = sizeof(load);
  load.engine = "fake";
  oar_predictor predictor;
  constexpr char model[] = OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake";
  Require(oar_predictor_load(runtime, model, &load, &predictor, nullptr) == OAR_OK, "the fake model does not load");
  pool.Add(predictor);

  oar_runner runner;
  Require(oar_runner_create(predictor, &runner, nullptr) == OAR_OK, "no runner");
  pool.Add(runner);

  constexpr int64_t dims[] = {1, 16};
  oar_tensor tensor;
  Require(oar_tensor_allocate(OAR_DTYPE_F32, dims, 2, &tensor, nullptr) == OAR_OK, "no tensor");
  pool.Add(tensor);
  void* data;
  Require(oar_tensor_data(tensor, &data, nullptr) == OAR_OK, "no memory");
  std::memset(data, 0, 16 * sizeof(float));

  oar_image image;
  Require(oar_image_decode(kPicture, sizeof(kPicture), OAR_COLOR_GRAY, &image, nullptr) == OAR_OK, "no picture");
  pool.Add(image);
}

}  // namespace
}  // namespace oarlock::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  oarlock::fuzz::Input input(data, size);
  oarlock::fuzz::Pool pool(oarlock::fuzz::kKindCount);
  oarlock::fuzz::Seed(pool);
  for (int i = 0; i < oarlock::fuzz::kCallsMax && input.more(); ++i) oarlock::fuzz::CallOne(input, pool);
  oarlock::fuzz::EndAll(pool);
  return 0;
}
