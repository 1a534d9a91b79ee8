#include "server/protocol/model_configuration.h"

#include "base/status.h"

namespace oarlock {
namespace {

ModelConfiguration::Tensor TensorOf(const Port& port, bool batched) {
  ModelConfiguration::Tensor tensor{port.name, port.dtype, {}};
  // As in the metadata, where a client leaves out the first of them in its turn.
  if (port.rank_known) {
    tensor.dims.assign(port.shape.dims().begin(), port.shape.dims().end());
  } else {
    tensor.dims = {kDynamic};
  }
  if (batched && !tensor.dims.empty()) tensor.dims.erase(tensor.dims.begin());
  return tensor;
}

}  // namespace

ModelConfiguration ModelConfigurationOf(const ModelMetadata& metadata) {
  const LoadedModel& model = *metadata.model;
  const BatchingOptions& batching = model.pool->batching();
  ModelConfiguration configuration;
  configuration.name = model.name;
  configuration.platform = metadata.platform;
  configuration.backend = model.compiled->engine()->name();
  configuration.versions = metadata.versions;
  configuration.max_batch_size = batching.max_batch_size;
  for (const Port& port : model.inputs) configuration.inputs.push_back(TensorOf(port, batching.enabled()));
  for (const PublicOutput& output : model.outputs) {
    configuration.outputs.push_back(TensorOf(output.port, batching.enabled()));
  }
  configuration.executions = static_cast<int64_t>(model.pool->size());
  if (batching.enabled()) {
    configuration.dynamic_batching = ModelConfiguration::DynamicBatching{batching.buckets, batching.delay_max};
  }
  return configuration;
}

std::string ConfigurationTypeName(DType dtype) {
  return fmt::format("TYPE_{}", dtype == DType::kBytes ? "STRING" : NameOf(dtype));
}

}  // namespace oarlock
