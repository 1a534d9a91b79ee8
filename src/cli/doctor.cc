// oarlock doctor: is everything in order here, and if not, what mends it?
#include <algorithm>
#include <filesystem>

#include "base/status.h"
#include "cli/command.h"
#include "doctor/engine_checks.h"
#include "doctor/machine.h"
#include "doctor/model_checks.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

struct Words {
  std::string_view text;
  std::string_view json;
};
Words WordsOf(DiagnosisStatus status) {
  switch (status) {
    case DiagnosisStatus::kOk:
      return {"ok", "ok"};
    case DiagnosisStatus::kWarning:
      return {"warn", "warning"};
    case DiagnosisStatus::kError:
      break;
  }
  return {"FAIL", "error"};
}

int64_t Count(const Diagnoses& checks, DiagnosisStatus status) {
  return std::count_if(checks.begin(), checks.end(), [&](const Diagnosis& check) { return check.status == status; });
}

std::string Text(const Diagnoses& checks) {
  size_t width = 0;
  for (const Diagnosis& check : checks) width = std::max(width, check.name.size());
  std::string text;
  for (const Diagnosis& check : checks) {
    text += fmt::format("{:<4}  {:<{}}  {}\n", WordsOf(check.status).text, check.name, width, check.found);
    if (!check.fix.empty()) text += fmt::format("{:<4}  {:<{}}  fix: {}\n", "", "", width, check.fix);
  }
  return text + fmt::format("\nchecks: {}, errors: {}, warnings: {}\n", checks.size(),
                            Count(checks, DiagnosisStatus::kError), Count(checks, DiagnosisStatus::kWarning));
}

std::string Json(const Diagnoses& checks) {
  JsonText json;
  json.StartObject();
  json.Field("version", OARLOCK_VERSION);
  json.Field("plugin_abi", int64_t{OAR_ENGINE_ABI});
  json.Field("errors", Count(checks, DiagnosisStatus::kError));
  json.Field("warnings", Count(checks, DiagnosisStatus::kWarning));
  json.Key("checks");
  json.StartArray();
  for (const Diagnosis& check : checks) {
    json.StartObject();
    json.Field("name", check.name);
    json.Field("status", WordsOf(check.status).json);
    json.Field("found", check.found);
    if (!check.fix.empty()) json.Field("fix", check.fix);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return fmt::format("{}\n", json.text());
}

Diagnoses Examine(const ModelConfig& config, Runtime* runtime) {
  const Limits limits;
  const MachineFacts machine = ReadMachine();
  std::error_code error;
  const std::string own = std::filesystem::read_symlink("/proc/self/exe", error).string();
  Diagnoses checks = {Diagnosis::Ok("program", fmt::format("oarlock {}, plugin ABI {}{}{}", OARLOCK_VERSION,
                                                           OAR_ENGINE_ABI, own.empty() ? "" : ", ", own))};
  const auto append = [&checks](Diagnoses more) {
    checks.insert(checks.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  append(CheckMachine(machine, limits));
  append(CheckEngines(&runtime->engines()));
  if (!config.path.empty()) {
    Progress progress(config.path.string());
    append(CheckModel(config, limits, machine.memory, runtime,
                      [&progress](std::string_view phase) { progress.Phase(phase); }));
  }
  return checks;
}

}  // namespace

Command RegisterDoctor(Flags* flags, const GlobalFlags* global) {
  auto path = std::make_shared<std::string>();
  auto model = std::make_shared<ModelFlags>();
  flags->Positional("MODEL", "A model to examine too: its file, or a directory that holds one.", false, path.get());
  AddModelFlags(flags, model.get());
  return [path, model, global]() -> absl::Status {
    OAR_ASSIGN_OR_RETURN(ModelConfig config, model->Finish(*global));
    config.path = *path;
    Runtime runtime(global->engine_path);
    const Diagnoses checks = Examine(config, &runtime);
    OAR_RETURN_IF_ERROR(Print(global->json ? Json(checks) : Text(checks)));
    const int64_t errors = Count(checks, DiagnosisStatus::kError);
    if (errors == 0) return absl::OkStatus();
    return FailedPrecondition("{} of {} checks failed", errors, checks.size());
  };
}

}  // namespace oarlock
