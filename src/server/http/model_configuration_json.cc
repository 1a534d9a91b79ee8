#include "server/http/model_configuration_json.h"

#include <span>

#include "tensor/json_text.h"

namespace oarlock {
namespace {

void Integers(std::string_view key, std::span<const int64_t> values, JsonText* json) {
  json->Key(key);
  json->StartArray();
  for (const int64_t value : values) json->Integer(value);
  json->EndArray();
}

void StartTensor(const ModelConfiguration::Tensor& tensor, JsonText* json) {
  json->StartObject();
  json->Field("name", tensor.name);
  json->Field("data_type", ConfigurationTypeName(tensor.dtype));
  Integers("dims", tensor.dims, json);
  json->Field("is_shape_tensor", false);
}

void Tensors(const ModelConfiguration& configuration, JsonText* json) {
  json->Key("input");
  json->StartArray();
  for (const auto& input : configuration.inputs) {
    StartTensor(input, json);
    json->Field("format", "FORMAT_NONE");
    json->Field("optional", false);
    json->EndObject();
  }
  json->EndArray();
  json->Key("output");
  json->StartArray();
  for (const auto& output : configuration.outputs) {
    StartTensor(output, json);
    json->EndObject();
  }
  json->EndArray();
}

// Clients look whether the key is there: without batching it is not.
void DynamicBatching(const ModelConfiguration& configuration, JsonText* json) {
  if (!configuration.dynamic_batching) return;
  json->Key("dynamic_batching");
  json->StartObject();
  Integers("preferred_batch_size", configuration.dynamic_batching->preferred_batch_sizes, json);
  json->Field("max_queue_delay_microseconds", int64_t{configuration.dynamic_batching->queue_delay_max.count()});
  json->EndObject();
}

}  // namespace

std::string ModelConfigurationJson(const ModelConfiguration& configuration) {
  JsonText json;
  json.StartObject();
  json.Field("name", configuration.name);
  json.Field("platform", configuration.platform);
  json.Field("backend", configuration.backend);
  json.Key("version_policy");
  json.StartObject();
  json.Key("specific");
  json.StartObject();
  Integers("versions", configuration.versions, &json);
  json.EndObject();
  json.EndObject();
  json.Field("max_batch_size", configuration.max_batch_size);
  Tensors(configuration, &json);
  json.Key("instance_group");
  json.StartArray();
  json.StartObject();
  json.Field("name", configuration.name);
  json.Field("kind", "KIND_CPU");
  json.Field("count", configuration.executions);
  json.EndObject();
  json.EndArray();
  DynamicBatching(configuration, &json);
  json.Key("model_transaction_policy");
  json.StartObject();
  json.Field("decoupled", false);
  json.EndObject();
  json.EndObject();
  return std::string(json.text());
}

}  // namespace oarlock
