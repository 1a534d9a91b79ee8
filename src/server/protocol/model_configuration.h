// A model's configuration as the extension model_configuration tells it: what a client must know to fill batches, and
// what perf_analyzer reads before it starts. Plain values; any thread.
//
//   OAR_ASSIGN_OR_RETURN(const ModelMetadata metadata, service.Metadata("resnet", {}));
//   const ModelConfiguration configuration = ModelConfigurationOf(metadata);
#ifndef OARLOCK_SERVER_PROTOCOL_MODEL_CONFIGURATION_H_
#define OARLOCK_SERVER_PROTOCOL_MODEL_CONFIGURATION_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/service.h"

namespace oarlock {

struct ModelConfiguration {
  struct Tensor {
    std::string name;
    DType dtype = DType::kInvalid;
    // Unlike the shape of the metadata, without the batch's dim where max_batch_size > 0.
    std::vector<int64_t> dims;
  };
  struct DynamicBatching {
    std::vector<int64_t> preferred_batch_sizes;  // empty: batches run as large as they are
    std::chrono::microseconds queue_delay_max{0};
  };

  std::string name;
  std::string platform;  // "onnxruntime_onnx"
  std::string backend;   // "onnxruntime"
  std::vector<int64_t> versions;
  int64_t max_batch_size = 0;  // 0: no batching
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
  int64_t executions = 0;
  std::optional<DynamicBatching> dynamic_batching;  // none: each request runs by itself
};

ModelConfiguration ModelConfigurationOf(const ModelMetadata& metadata);

// "TYPE_FP32"; BYTES is "TYPE_STRING".
std::string ConfigurationTypeName(DType dtype);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_MODEL_CONFIGURATION_H_
