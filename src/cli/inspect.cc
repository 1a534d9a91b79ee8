// oarlock inspect: what a model is, and whether an engine runs it.
#include <fmt/ranges.h>

#include "base/status.h"
#include "cli/command.h"
#include "import/importer.h"
#include "model/model_content.h"
#include "model/model_versions.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

struct Finding {
  ModelContent content;
  std::vector<EngineVerdict> verdicts;
  std::string engine;  // the one that loads it, else the first that refused; empty = none
  std::string engine_version;
  std::vector<UnsupportedOperator> unsupported;  // of that engine
  absl::Status loads;
  std::shared_ptr<const LoadedModel> model;  // null unless it loads
};

// What the importer has no conversion for; engines have not been asked then.
std::vector<UnsupportedOperator> NotConvertible(const ModelContent& content) {
  std::vector<UnsupportedOperator> unsupported;
  const Format format = content.files.format;
  if (!IsPaddle(format)) return unsupported;
  if (const auto importer = Importer::Open(); importer.ok()) {
    (void)importer->Import({format, content.program.text(), content.weights.bytes()}, {}, &unsupported);
  }
  return unsupported;
}

absl::StatusOr<Finding> Look(const ModelConfig& config, Runtime* runtime) {
  const Limits limits;
  Finding finding;
  OAR_ASSIGN_OR_RETURN(const ModelFiles files, FindHighestVersion(config.path));
  OAR_ASSIGN_OR_RETURN(finding.content, ReadModel(files, limits, config.weights));
  const auto predictor = LoadWithProgress(config, limits, runtime, &finding.verdicts);
  finding.loads = predictor.status();
  if (predictor.ok()) finding.model = (*predictor)->model();
  for (const EngineVerdict& verdict : finding.verdicts) {
    const bool chosen = verdict.kind == EngineVerdict::Kind::kChosen;
    if (!chosen && (verdict.kind != EngineVerdict::Kind::kRefused || !finding.engine.empty())) continue;
    finding.engine = verdict.engine;
    const auto engine = runtime->engines().Get(verdict.engine);
    if (!engine.ok()) continue;
    finding.engine_version = std::string((*engine)->version());
    finding.unsupported.clear();
    if (!chosen) (void)(*engine)->Probe(finding.content.source(), &finding.unsupported);
  }
  if (!predictor.ok() && finding.unsupported.empty()) finding.unsupported = NotConvertible(finding.content);
  return finding;
}

// Each engine and what became of it, as in "onnxruntime: chosen".
std::string VerdictText(const EngineVerdict& verdict, Format format) {
  std::string text = fmt::format("{}: {}", verdict.engine, Describe(verdict, format));
  if (verdict.kind == EngineVerdict::Kind::kRefused || verdict.kind == EngineVerdict::Kind::kUnusable) {
    text += fmt::format(": {}", MessageOf(verdict.status));
  }
  return text;
}

std::string ShapeText(const Port& port) { return port.rank_known ? port.shape.ToString() : "any"; }

std::string Text(const Finding& finding) {
  const ModelFiles& files = finding.content.files;
  std::string text = fmt::format("model     {}\nformat    {}\nprogram   {}\n", files.name, NameOf(files.format),
                                 files.program.string());
  if (finding.content.weights.size_bytes() > 0) {
    text += fmt::format("weights   {} bytes{}\n", finding.content.weights.size_bytes(),
                        files.separate_weights ? ", one file per variable" : "");
  }
  if (!files.manifest.empty()) text += fmt::format("manifest  {}\n", files.manifest.string());
  text += fmt::format("identity  {}\n", finding.content.identity);
  if (finding.model != nullptr && finding.model->converted) {
    text += fmt::format("import    as ONNX, {}\n", finding.model->from_cache ? "from the cache" : "made now");
  }
  text += finding.engine.empty() ? "engine    none\n"
                                 : fmt::format("engine    {} {}\n", finding.engine, finding.engine_version);
  for (const EngineVerdict& verdict : finding.verdicts) {
    if (verdict.engine != "fake")
      text += fmt::format("          {}\n", VerdictText(verdict, files.format));  // for tests
  }
  if (finding.model != nullptr) {
    for (const Port& port : finding.model->inputs) {
      text += fmt::format("input     {} {} {}\n", port.name, NameOf(port.dtype), ShapeText(port));
    }
    for (const PublicOutput& output : finding.model->outputs) {
      text += fmt::format("output    {} {} {}\n", output.port.name, NameOf(output.port.dtype), ShapeText(output.port));
    }
  }
  std::vector<std::string> operators;
  for (const auto& [type, count] : finding.content.operators) operators.push_back(fmt::format("{} x{}", type, count));
  if (!operators.empty()) text += fmt::format("operators {}\n", fmt::join(operators, ", "));
  for (const UnsupportedOperator& missing : finding.unsupported) {
    text += fmt::format("unsupported operator {} x{}\n", missing.type, missing.count);
  }
  text += finding.loads.ok() ? "loads     yes\n" : fmt::format("loads     no: {}\n", MessageOf(finding.loads));
  return text;
}

void WritePort(const Port& port, JsonText* json) {
  json->StartObject();
  json->Field("name", port.name);
  json->Field("datatype", NameOf(port.dtype));
  if (port.rank_known) json->Field("shape", port.shape);
  json->EndObject();
}

std::string Json(const Finding& finding) {
  const ModelFiles& files = finding.content.files;
  JsonText json;
  json.StartObject();
  json.Field("name", files.name);
  json.Field("format", NameOf(files.format));
  json.Field("program", files.program.string());
  json.Field("identity", finding.content.identity);
  json.Field("loads", finding.loads.ok());
  if (finding.model != nullptr && finding.model->converted) {
    json.Field("import", finding.model->from_cache ? "cache" : "made");
  }
  if (!finding.loads.ok()) json.Field("error", MessageOf(finding.loads));
  if (!finding.engine.empty()) {
    json.Field("engine", finding.engine);
    json.Field("engine_version", finding.engine_version);
  }
  json.Key("engines");
  json.StartArray();
  for (const EngineVerdict& verdict : finding.verdicts) {
    json.StartObject();
    json.Field("name", verdict.engine);
    json.Field("verdict", Describe(verdict, files.format));
    if (!verdict.status.ok()) json.Field("reason", MessageOf(verdict.status));
    json.EndObject();
  }
  json.EndArray();
  if (finding.model != nullptr) {
    json.Key("inputs");
    json.StartArray();
    for (const Port& port : finding.model->inputs) WritePort(port, &json);
    json.EndArray();
    json.Key("outputs");
    json.StartArray();
    for (const PublicOutput& output : finding.model->outputs) WritePort(output.port, &json);
    json.EndArray();
  }
  json.Key("operators");
  json.StartObject();
  for (const auto& [type, count] : finding.content.operators) json.Field(type, static_cast<int64_t>(count));
  json.EndObject();
  json.Key("unsupported_operators");
  json.StartObject();
  for (const auto& missing : finding.unsupported) json.Field(missing.type, static_cast<int64_t>(missing.count));
  json.EndObject();
  json.EndObject();
  return fmt::format("{}\n", json.text());
}

}  // namespace

Command RegisterInspect(Flags* flags, const GlobalFlags* global) {
  auto path = std::make_shared<std::string>();
  auto model = std::make_shared<ModelFlags>();
  flags->Positional("MODEL", "A model's file, or a directory that holds one.", true, path.get());
  AddModelFlags(flags, model.get());
  return [path, model, global]() -> absl::Status {
    OAR_ASSIGN_OR_RETURN(ModelConfig config, model->Finish(*global));
    config.path = *path;
    Runtime runtime(global->engine_path);
    OAR_ASSIGN_OR_RETURN(const Finding finding, Look(config, &runtime));
    return Print(global->json ? Json(finding) : Text(finding));
  };
}

}  // namespace oarlock
