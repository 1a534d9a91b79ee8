#include "server/http/metadata.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/status.h"

namespace oarlock {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void String(std::string_view text, Writer* writer) {
  writer->String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void Field(std::string_view key, std::string_view value, Writer* writer) {
  String(key, writer);
  String(value, writer);
}

template <typename Text>
void Strings(std::string_view key, const std::vector<Text>& values, Writer* writer) {
  String(key, writer);
  writer->StartArray();
  for (const Text& value : values) String(value, writer);
  writer->EndArray();
}

void WritePort(const Port& port, Writer* writer) {
  writer->StartObject();
  Field("name", port.name, writer);
  Field("datatype", NameOf(port.dtype), writer);
  String("shape", writer);
  writer->StartArray();
  for (int64_t dim : port.shape.dims()) writer->Int64(dim);
  if (!port.rank_known) writer->Int64(kDynamic);
  writer->EndArray();
  writer->EndObject();
}

}  // namespace

std::string ServerMetadataJson(const std::vector<std::string_view>& extensions) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  Field("name", "oarlock", &writer);
  Field("version", OARLOCK_VERSION, &writer);
  Strings("extensions", extensions, &writer);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string ModelMetadataJson(const ModelMetadata& metadata) {
  const LoadedModel& model = *metadata.model;
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  Field("name", model.name, &writer);
  std::vector<std::string> names;
  for (const int64_t version : metadata.versions) names.push_back(fmt::format("{}", version));
  Strings("versions", names, &writer);
  Field("platform", metadata.platform, &writer);
  String("inputs", &writer);
  writer.StartArray();
  for (const Port& port : model.inputs) WritePort(port, &writer);
  writer.EndArray();
  String("outputs", &writer);
  writer.StartArray();
  for (const PublicOutput& output : model.outputs) WritePort(output.port, &writer);
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string ModelReadyJson(std::string_view name, bool ready) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  Field("name", name, &writer);
  String("ready", &writer);
  writer.Bool(ready);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string ModelListJson(const std::vector<std::string>& names) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  Strings("models", names, &writer);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace oarlock
