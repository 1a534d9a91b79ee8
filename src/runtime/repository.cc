#include "runtime/repository.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/codes.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/status.h"
#include "model/model_files.h"
#include "model/model_stamp.h"
#include "model/model_versions.h"

namespace oarlock {
namespace {

// Which of the versions there are a configuration wants.
absl::StatusOr<std::vector<ModelVersion>> WantedVersions(const ModelConfig& config, const Root& root) {
  OAR_ASSIGN_OR_RETURN(const std::vector<ModelVersion> all, FindVersions(root));
  if (config.all_versions) return all;
  std::vector<int64_t> numbers;
  for (const ModelVersion& version : all) numbers.push_back(version.number);
  std::set<int64_t> named;
  for (const auto& [version, weight] : config.route.weights) named.insert(version);
  if (named.empty()) named.insert(AnsweringVersion(numbers, config.route));
  for (const auto& [version, percent] : config.route.shadow_percents) named.insert(version);
  std::vector<ModelVersion> wanted;
  for (const ModelVersion& version : all) {
    if (named.erase(version.number) > 0) wanted.push_back(version);
  }
  if (!named.empty()) {
    return NotFound("'{}' has no version {}, which its route names; it has {}", config.path.string(), *named.begin(),
                    fmt::join(numbers, ", "));
  }
  return wanted;
}

// What a predictor is made from besides files. The route is not: it changes without a load.
std::string SettingsOf(const ModelConfig& config) {
  ModelsConfig one;
  one.models.push_back(config);
  one.models[0].route = RouteOptions();
  one.models[0].all_versions = false;
  return PrintModelsConfig(one) + config.cache_dir.string();
}

constexpr char kUnloaded[] = "unloaded";

// For clients, who are told no paths: an error of a load is full of them.
std::string FailedText(const absl::Status& status) {
  return fmt::format("failed to load ({})", RowOf(status.code()).name);
}

// Versions that `from` serves and `to` does not, or another predictor of them.
void DescribeVersions(std::string_view name, const ServedModel* from, const ServedModel* to, std::string_view verb,
                      std::vector<std::string>* changes) {
  if (from == nullptr) return;
  for (const auto& [version, variant] : from->variants()) {
    const auto found = to == nullptr ? from->variants().end() : to->variants().find(version);
    const bool is_same = to != nullptr && found != to->variants().end() && found->second.predictor == variant.predictor;
    if (!is_same) changes->push_back(fmt::format("model '{}': version {} {}", Printable(name), version, verb));
  }
}

}  // namespace

Repository::Repository(Runtime* runtime, const Limits& limits)
    : runtime_(runtime), limits_(limits), retirement_(std::chrono::milliseconds(limits.drain_timeout_ms)) {}

Repository::~Repository() { UnloadAll(); }

std::shared_ptr<const Repository::Table> Repository::table() const {
  const std::lock_guard lock(mutex_);
  return table_;
}

void Repository::Describe(const Table& before, const Table& after, std::vector<std::string>* changes) {
  std::set<std::string> names;
  for (const auto* table : {&before, &after}) {
    for (const auto& [name, model] : *table) names.insert(name);
  }
  for (const std::string& name : names) {
    const auto old = before.find(name);
    const auto now = after.find(name);
    const ServedModel* const from = old == before.end() ? nullptr : old->second.get();
    const ServedModel* const to = now == after.end() ? nullptr : now->second.get();
    DescribeVersions(name, to, from, "is served now", changes);
    DescribeVersions(name, from, to, "is not served any more", changes);
    if (from != nullptr && to != nullptr && from->route() != to->route()) {
      changes->push_back(fmt::format("model '{}': its route has changed", Printable(name)));
    }
  }
}

void Repository::Replace(Table table, Absents absents, std::vector<std::string>* changes) {
  const std::shared_ptr<const Table> current = this->table();
  std::set<const Predictor*> kept;
  for (const auto& [name, model] : table) {
    for (const auto& [version, variant] : model->variants()) kept.insert(variant.predictor.get());
  }
  if (changes != nullptr) Describe(*current, table, changes);
  std::shared_ptr<const Table> old = std::make_shared<Table>(std::move(table));
  {
    const std::lock_guard lock(mutex_);
    old.swap(table_);
    absents_.swap(absents);
  }
  for (const auto& [name, model] : *old) {
    for (const auto& [version, variant] : model->variants()) {
      if (!kept.contains(variant.predictor.get())) retirement_.Add(variant.predictor);
    }
  }
}

absl::StatusOr<Variants> Repository::LoadVersions(const ModelConfig& config, const std::string& name,
                                                  const Table& current, const OnPhase& on_phase) const {
  OAR_RETURN_IF_ERROR(CheckModelName(name, limits_));
  const std::string settings = SettingsOf(config);
  Variants variants;
  OAR_ASSIGN_OR_RETURN(const std::shared_ptr<const Root> root, Root::Open(config.path));
  OAR_ASSIGN_OR_RETURN(const std::vector<ModelVersion> versions, WantedVersions(config, *root));
  const auto served = current.find(name);
  for (const ModelVersion& version : versions) {
    // Taken before the files are read: what changes meanwhile is seen the next time.
    OAR_ASSIGN_OR_RETURN(std::string stamp, StampOf(version.path, root, limits_));
    stamp += settings;
    if (served != current.end()) {
      const Variants& there = served->second->variants();
      const auto variant = there.find(version.number);
      if (variant != there.end() && variant->second.stamp == stamp) {
        variants.emplace(version.number, variant->second);
        continue;
      }
    }
    PredictorOptions options = PredictorOptions::Of(config, limits_);
    options.name = name;
    options.version = version.number;
    if (on_phase) options.on_phase = [&](std::string_view phase) { on_phase(config.path, phase); };
    auto predictor = Predictor::Create(std::move(options), runtime_);
    OAR_RETURN_IF_ERROR(predictor->Load(version.path, root));
    variants.emplace(version.number, Variant{std::move(predictor), std::move(stamp)});
  }
  return variants;
}

std::string Repository::NameOf(const ModelConfig& model) const {
  if (!model.name.empty()) return model.name;
  const auto before = names_.find(model.path);
  if (before != names_.end() && KindOf(model.path) == PathKind::kMissing) return before->second;
  return ModelNameOf(model.path);
}

void Repository::SetAbsents(Absents absents) {
  const std::lock_guard lock(mutex_);
  absents_.swap(absents);
}

absl::StatusOr<std::vector<std::string>> Repository::NamesOf(const ModelsConfig& config) {
  std::set<std::string> taken;
  std::map<std::filesystem::path, std::string> by_path;
  std::vector<std::string> names;
  for (const ModelConfig& model : config.models) {
    names.push_back(NameOf(model));
    if (!taken.insert(names.back()).second) {
      return AlreadyExists("two models are called '{}'; give one of them another `name`", Printable(names.back()));
    }
    if (model.name.empty()) by_path[model.path] = names.back();
  }
  names_ = std::move(by_path);
  return names;
}

absl::StatusOr<std::shared_ptr<const ServedModel>> Repository::Serve(const ModelConfig& model, const std::string& name,
                                                                     const Table& current, const OnPhase& on_phase) {
  OAR_ASSIGN_OR_RETURN(const Variants variants, LoadVersions(model, name, current, on_phase));
  // A route that was set meanwhile stays, unless the configuration now says another one, or it names a version that
  // is served no more.
  const auto before = current.find(name);
  const auto configured = configured_.find(name);
  const bool is_new = before == current.end() || configured == configured_.end() || configured->second != model.route;
  if (!is_new && variants == before->second->variants()) return before->second;
  auto made = ServedModel::Create(name, variants, is_new ? model.route : before->second->route());
  if (!made.ok() && !is_new) made = ServedModel::Create(name, variants, model.route);
  if (made.ok()) configured_[name] = model.route;
  return made;
}

absl::Status Repository::Apply(const ModelsConfig& config, const OnPhase& on_phase, std::vector<std::string>* changes) {
  const std::lock_guard changing(changing_);
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesOf(config));
  const std::shared_ptr<const Table> current = table();
  Absents absents = absents_;
  std::erase_if(absents, [](const auto& absent) { return !absent.second.unloaded; });
  Absents loading = absents;
  for (const std::string& name : names) {
    if (!current->contains(name)) loading.try_emplace(name, Absent{.is_loading = true});
  }
  SetAbsents(std::move(loading));
  Table next;
  std::vector<std::string> failures;
  absl::StatusCode code = absl::StatusCode::kOk;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (absents.contains(name)) continue;
    auto served = Serve(config.models[i], name, *current, on_phase);
    if (served.ok()) {
      next.emplace(name, *std::move(served));
      continue;
    }
    if (const auto before = current->find(name); before != current->end()) {
      next.emplace(name, before->second);
    } else {
      absents.emplace(name, Absent{.reason = FailedText(served.status())});
    }
    failures.push_back(std::string(MessageOf(served.status())));
    if (code == absl::StatusCode::kOk) code = served.status().code();
  }
  Replace(std::move(next), std::move(absents), changes);
  if (failures.empty()) return absl::OkStatus();
  return MakeStatus(code, fmt::format("{}", fmt::join(failures, "; ")));
}

absl::Status Repository::SetRoute(std::string_view name, const RouteOptions& route, std::vector<std::string>* changes) {
  const std::lock_guard changing(changing_);
  OAR_ASSIGN_OR_RETURN(const auto model, Model(name));
  OAR_ASSIGN_OR_RETURN(auto changed, ServedModel::Create(model->name(), model->variants(), route));
  Table next = *table();
  next[model->name()] = std::move(changed);
  Replace(std::move(next), absents_, changes);
  return absl::OkStatus();
}

absl::Status Repository::Unload(std::string_view name, std::vector<std::string>* changes) {
  const std::lock_guard changing(changing_);
  Table next = *table();
  Absents absents = absents_;
  const auto served = next.find(name);
  const auto before = absents.find(name);
  if (served == next.end() && before == absents.end()) {
    std::vector<std::string_view> known;
    for (const auto& [each, model] : next) known.push_back(each);
    return NotFound("no model '{}' is configured{}", Printable(name), Suggestion(name, known));
  }
  if (served == next.end() && before->second.unloaded) return absl::OkStatus();
  Absent absent{.unloaded = true, .reason = kUnloaded};
  if (served != next.end()) {
    for (const auto& [version, variant] : served->second->variants()) absent.versions[version] = variant.predictor;
    next.erase(served);
  }
  absents.insert_or_assign(std::string(name), std::move(absent));
  configured_.erase(std::string(name));  // the route that was set meanwhile ends with it
  Replace(std::move(next), std::move(absents), changes);
  return absl::OkStatus();
}

absl::Status Repository::Load(std::string_view name, const ModelsConfig& config, const OnPhase& on_phase,
                              std::vector<std::string>* changes) {
  const std::lock_guard changing(changing_);
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesOf(config));
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    const std::vector<std::string_view> known(names.begin(), names.end());
    return NotFound("no model '{}' is configured{}", Printable(name), Suggestion(name, known));
  }
  const std::shared_ptr<const Table> current = table();
  Absents absents = absents_;
  if (!current->contains(name)) {
    Absents loading = absents;
    loading[*found].is_loading = true;
    SetAbsents(std::move(loading));
  }
  auto served = Serve(config.models[static_cast<size_t>(found - names.begin())], *found, *current, on_phase);
  if (!served.ok()) {
    if (!current->contains(name)) {
      Absent& absent = absents[*found];
      const std::string failed = FailedText(served.status());
      absent.reason = absent.unloaded ? fmt::format("{}; {}", kUnloaded, failed) : failed;
      SetAbsents(std::move(absents));
    }
    return served.status();
  }
  Table next = *current;
  next[*found] = *std::move(served);
  absents.erase(*found);
  Replace(std::move(next), std::move(absents), changes);
  return absl::OkStatus();
}

std::vector<VersionState> Repository::States() const {
  std::shared_ptr<const Table> current;
  Absents absents;
  {
    const std::lock_guard lock(mutex_);
    current = table_;
    absents = absents_;
  }
  std::vector<VersionState> states;
  for (const auto& [name, model] : *current) {
    for (const auto& [version, variant] : model->variants()) {
      states.push_back({name, version, ServingState::kReady, ""});
    }
  }
  for (const auto& [name, absent] : absents) {
    if (absent.is_loading) {
      states.push_back({name, std::nullopt, ServingState::kLoading, ""});
      continue;
    }
    if (absent.versions.empty()) states.push_back({name, std::nullopt, ServingState::kUnavailable, absent.reason});
    for (const auto& [version, predictor] : absent.versions) {
      const ServingState state = predictor.expired() ? ServingState::kUnavailable : ServingState::kUnloading;
      states.push_back({name, version, state, absent.reason});
    }
  }
  std::stable_sort(states.begin(), states.end(),
                   [](const VersionState& one, const VersionState& other) { return one.model < other.model; });
  return states;
}

absl::StatusOr<std::shared_ptr<const ServedModel>> Repository::Model(std::string_view name) const {
  const std::shared_ptr<const Table> current = table();
  const auto found = current->find(name);
  if (found != current->end()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& [each, model] : *current) known.push_back(each);
  return NotFound("no model '{}' is served{}", Printable(name), Suggestion(name, known));
}

absl::StatusOr<RoutedPredictor> Repository::Pick(std::string_view name, std::optional<uint64_t> version,
                                                 std::optional<std::string_view> key) const {
  OAR_ASSIGN_OR_RETURN(const auto model, Model(name));
  return model->Pick(version, key);
}

absl::StatusOr<std::shared_ptr<Predictor>> Repository::Find(std::string_view name,
                                                            std::optional<uint64_t> version) const {
  OAR_ASSIGN_OR_RETURN(const auto model, Model(name));
  return model->Find(version);
}

std::vector<std::shared_ptr<const ServedModel>> Repository::Models() const {
  const std::shared_ptr<const Table> current = table();  // kept while it is walked
  std::vector<std::shared_ptr<const ServedModel>> models;
  for (const auto& [name, model] : *current) models.push_back(model);
  return models;
}

std::vector<std::string> Repository::Names() const {
  const std::shared_ptr<const Table> current = table();
  std::vector<std::string> names;
  for (const auto& [name, model] : *current) names.push_back(name);
  return names;
}

void Repository::CancelAll() {
  for (const auto& model : Models()) {
    for (const auto& [version, variant] : model->variants()) variant.predictor->CancelAll();
  }
}

void Repository::UnloadAll() {
  const std::lock_guard changing(changing_);
  std::shared_ptr<const Table> old = std::make_shared<Table>();
  {
    const std::lock_guard lock(mutex_);
    old.swap(table_);
  }
  for (const auto& [name, model] : *old) {
    for (const auto& [version, variant] : model->variants()) variant.predictor->Unload();
  }
}

}  // namespace oarlock
