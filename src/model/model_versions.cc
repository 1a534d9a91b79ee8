#include "model/model_versions.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

// "007" and "+7" are none: two names would be one version.
std::optional<int64_t> VersionOfName(std::string_view name) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  if (number <= 0 || name.front() == '0') return std::nullopt;
  return number;
}

struct Survey {
  bool holds_model = false;  // right in the directory
  std::vector<ModelVersion> versions;
  absl::Status refused;  // why the first one that may be a version cannot be looked at
};

// `version`: one whose name is a number.
void LookAt(const Root& root, ModelVersion version, Survey* survey) {
  const auto kind = root.KindOf(version.path);
  if (kind.ok() && *kind != PathKind::kDirectory) return;
  const auto holds = kind.ok() ? HoldsModel(root, version.path) : absl::StatusOr<bool>(kind.status());
  if (!holds.ok()) {
    survey->refused.Update(holds.status());
  } else if (*holds) {
    survey->versions.push_back(std::move(version));
  }
}

absl::StatusOr<Survey> SurveyOf(const Root& root) {
  Survey survey;
  OAR_ASSIGN_OR_RETURN(survey.holds_model, HoldsModel(root, root.path()));
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, root.List(root.path()));
  for (const std::string& name : names) {
    if (const auto number = VersionOfName(name)) LookAt(root, {*number, root.path() / name}, &survey);
  }
  std::sort(survey.versions.begin(), survey.versions.end(),
            [](const ModelVersion& a, const ModelVersion& b) { return a.number < b.number; });
  return survey;
}

}  // namespace

absl::StatusOr<std::vector<ModelVersion>> FindVersions(const Root& root) {
  const std::vector<ModelVersion> whole = {{1, root.named_path()}};
  if (root.names_file()) return whole;
  OAR_ASSIGN_OR_RETURN(Survey survey, SurveyOf(root));
  if (survey.holds_model && survey.versions.empty()) return whole;
  OAR_RETURN_IF_ERROR(survey.refused);
  const std::string path = root.path().string();
  if (survey.holds_model) {
    std::vector<int64_t> numbers;
    for (const ModelVersion& version : survey.versions) numbers.push_back(version.number);
    return InvalidArgument(
        "'{}' holds a model and versions of one ({}); move the model's files into a version directory of their own, or "
        "give the path of the one that is meant",
        path, fmt::join(numbers, ", "));
  }
  if (survey.versions.empty()) {
    return NotFound("no model in '{}'; looked for {}; versions would lie in directories named 1, 2, ...", path,
                    kModelsLookedFor);
  }
  return std::move(survey.versions);
}

absl::StatusOr<std::vector<ModelVersion>> FindVersions(const fs::path& path) {
  OAR_ASSIGN_OR_RETURN(const auto root, Root::Open(path));
  return FindVersions(*root);
}

absl::StatusOr<ModelFiles> FindHighestVersion(const fs::path& path, int64_t* number) {
  OAR_ASSIGN_OR_RETURN(std::shared_ptr<const Root> root, Root::Open(path));
  OAR_ASSIGN_OR_RETURN(const std::vector<ModelVersion> versions, FindVersions(*root));
  if (number != nullptr) *number = versions.back().number;
  return FindModel(versions.back().path, std::move(root));
}

bool HoldsVersions(const fs::path& directory) {
  const auto root = Root::Open(directory);
  if (!root.ok() || (*root)->names_file()) return false;
  const auto survey = SurveyOf(**root);
  return survey.ok() && (survey->holds_model || !survey->versions.empty() || !survey->refused.ok());
}

}  // namespace oarlock
