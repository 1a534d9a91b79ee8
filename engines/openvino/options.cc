#include "options.h"

#include <algorithm>

#include "error.h"
#include "openvino/runtime/properties.hpp"

namespace oarlock::openvino {
namespace {

ov::element::Type TypeOf(oar_precision precision) {
  switch (precision) {
    // Left alone, OpenVINO computes in bfloat16 wherever the CPU can: twice as fast, and wrong in the third digit.
    case OAR_PRECISION_AUTO:
    case OAR_PRECISION_F32:
      return ov::element::f32;
    case OAR_PRECISION_BF16:
      return ov::element::bf16;
    case OAR_PRECISION_F16:
      return ov::element::f16;
    default:
      throw Failure(Code::kInvalidArgument, "precision number " + std::to_string(precision) + " is none");
  }
}

// For every shape that a dynamic model meets, OpenVINO keeps what it compiled for each operator, 5,000 of them unless
// told: a client that varies a picture's width would take a gigabyte. The property is not in OpenVINO's headers.
constexpr const char* kCacheCapacity = "CPU_RUNTIME_CACHE_CAPACITY";
constexpr size_t kShapesKept = 16;

}  // namespace

ov::AnyMap PropertiesOf(const oar_engine_options& options, int32_t streams, size_t node_count) {
  // With one stream of one thread, OpenVINO 2026.4.1 loses every exception of a run: the outputs keep the values of the
  // run before, a cancel is not noticed, and a later run may crash. Without streams, a run takes one thread, the
  // caller's, and none of that happens.
  const bool is_single = streams == 1 && options.threads_per_execution == 1;
  const ov::element::Type precision = TypeOf(options.precision);
  ov::AnyMap properties{
      ov::hint::inference_precision(precision),
      // float32 also for what is compressed in the file: no quantizing of activations or caches on the way.
      ov::hint::dynamic_quantization_group_size(0),
      ov::hint::kv_cache_precision(precision),
      ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY),
      // The threads are counted over all streams.
      ov::num_streams(is_single ? 0 : streams),
      ov::inference_num_threads(options.threads_per_execution * streams),
      {kCacheCapacity, static_cast<int>(std::min<size_t>(kShapesKept * std::max<size_t>(node_count, 1), 5000))},
      ov::hint::enable_cpu_pinning(false),
      // Or half of the cores that the host counted are left alone.
      ov::hint::enable_hyper_threading(true),
  };
  if (options.cache_dir != nullptr) properties.insert(ov::cache_dir(options.cache_dir));
  return properties;
}

oar_precision PrecisionOf(const ov::CompiledModel& model) {
  const ov::element::Type type = model.get_property(ov::hint::inference_precision);
  if (type == ov::element::bf16) return OAR_PRECISION_BF16;
  if (type == ov::element::f16) return OAR_PRECISION_F16;
  return OAR_PRECISION_F32;
}

}  // namespace oarlock::openvino
