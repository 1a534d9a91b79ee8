#include "server/grpc/configuration_message.h"

#include <utility>

namespace oarlock {
namespace {

// The names are the same in JSON.
inference::DataType TypeOf(DType dtype) {
  inference::DataType type = inference::TYPE_INVALID;
  (void)inference::DataType_Parse(ConfigurationTypeName(dtype), &type);
  return type;
}

template <typename Port>
void Fill(const ModelConfiguration::Tensor& tensor, Port* to) {
  to->set_name(tensor.name);
  to->set_data_type(TypeOf(tensor.dtype));
  for (const int64_t dim : tensor.dims) to->add_dims(dim);
}

}  // namespace

void FillConfiguration(const ModelConfiguration& configuration, inference::ModelConfig* to) {
  to->set_name(configuration.name);
  to->set_platform(configuration.platform);
  to->set_backend(configuration.backend);
  for (const int64_t version : configuration.versions) {
    to->mutable_version_policy()->mutable_specific()->add_versions(version);
  }
  to->set_max_batch_size(static_cast<int32_t>(configuration.max_batch_size));
  for (const auto& tensor : configuration.inputs) Fill(tensor, to->add_input());
  for (const auto& tensor : configuration.outputs) Fill(tensor, to->add_output());
  inference::ModelInstanceGroup* const group = to->add_instance_group();
  group->set_name(configuration.name);
  group->set_count(static_cast<int32_t>(configuration.executions));
  group->set_kind(inference::ModelInstanceGroup::KIND_CPU);
  to->mutable_model_transaction_policy()->set_decoupled(false);
  if (!configuration.dynamic_batching) return;
  inference::ModelDynamicBatching* const batching = to->mutable_dynamic_batching();
  for (const int64_t size : configuration.dynamic_batching->preferred_batch_sizes) {
    batching->add_preferred_batch_size(static_cast<int32_t>(size));
  }
  batching->set_max_queue_delay_microseconds(
      static_cast<uint64_t>(configuration.dynamic_batching->queue_delay_max.count()));
}

}  // namespace oarlock
