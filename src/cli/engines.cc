// oarlock engines: what there is, what it can do, and what installs what is missing.
#include <fmt/ranges.h>

#include "base/status.h"
#include "cli/command.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

constexpr Format kFormats[] = {Format::kPaddle, Format::kPaddlePir, Format::kOnnx, Format::kOpenVinoIr,
                               Format::kTorchScript};

std::vector<std::string_view> CapabilitiesOf(const Engine& engine) {
  std::vector<std::string_view> names;
  if ((engine.capabilities() & OAR_ENGINE_CAP_ASYNC) != 0) names.push_back("async");
  if ((engine.capabilities() & OAR_ENGINE_CAP_CANCEL) != 0) names.push_back("cancel");
  if ((engine.capabilities() & OAR_ENGINE_CAP_PROFILE) != 0) names.push_back("profile");
  if ((engine.capabilities() & OAR_ENGINE_CAP_SHARED_WEIGHTS) != 0) names.push_back("shared weights");
  return names;
}

std::vector<std::string_view> FormatsOf(const Engine& engine) {
  std::vector<std::string_view> names;
  for (Format format : kFormats) {
    if (engine.Reads(format)) names.push_back(NameOf(format));
  }
  return names;
}

void WriteJson(const std::string& name, const absl::StatusOr<std::shared_ptr<Engine>>& engine, JsonText* json) {
  json->StartObject();
  json->Field("name", name);
  json->Field("installed", engine.ok());
  if (engine.ok()) {
    json->Field("version", (*engine)->version());
    json->Field("path", (*engine)->path());
    const auto list = [json](std::string_view key, const std::vector<std::string_view>& words) {
      json->Key(key);
      json->StartArray();
      for (std::string_view word : words) json->String(word);
      json->EndArray();
    };
    list("formats", FormatsOf(**engine));
    list("capabilities", CapabilitiesOf(**engine));
    json->Key("devices");
    json->StartArray();
    for (const EngineDevice& device : (*engine)->Devices()) {
      json->StartObject();
      json->Field("id", device.id);
      json->Field("name", device.name);
      json->EndObject();
    }
    json->EndArray();
  } else {
    json->Field("error", MessageOf(engine.status()));
  }
  json->EndObject();
}

std::string Text(const std::string& name, const absl::StatusOr<std::shared_ptr<Engine>>& engine) {
  if (!engine.ok()) return fmt::format("{:<14}not usable: {}\n", name, MessageOf(engine.status()));
  std::string devices;
  for (const EngineDevice& device : (*engine)->Devices()) devices += fmt::format(" {} ({})", device.id, device.name);
  return fmt::format("{:<14}{}\n{:14}reads   {}\n{:14}devices{}\n{:14}plugin  {}\n", name, (*engine)->version(), "",
                     fmt::join(FormatsOf(**engine), ", "), "", devices, "", (*engine)->path());
}

}  // namespace

Command RegisterEngines(Flags*, const GlobalFlags* global) {
  return [global]() -> absl::Status {
    EngineRegistry engines(global->engine_path);
    JsonText json;
    std::string text;
    json.StartObject();
    json.Key("engines");
    json.StartArray();
    for (const std::string& name : engines.Names()) {
      if (name == "fake" && !global->json) continue;  // for tests
      const auto engine = engines.Get(name);
      WriteJson(name, engine, &json);
      text += Text(name, engine);
    }
    json.EndArray();
    json.EndObject();
    return Print(global->json ? fmt::format("{}\n", json.text()) : text);
  };
}

}  // namespace oarlock
