// The models of a server, by name, with their versions. What it serves is a table that is put in place whole: requests
// see the old one or the new one. Thread-safe.
//
//   Repository repository(&runtime, limits);
//   OAR_RETURN_IF_ERROR(repository.Apply(config));
//   OAR_ASSIGN_OR_RETURN(const RoutedPredictor picked, repository.Pick("resnet", {}, {}));
//   OAR_RETURN_IF_ERROR(picked.Infer(request, &response));
#ifndef OARLOCK_RUNTIME_REPOSITORY_H_
#define OARLOCK_RUNTIME_REPOSITORY_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/models_config.h"
#include "runtime/retirement.h"
#include "runtime/served_model.h"
#include "runtime/version_state.h"

namespace oarlock {

class Repository {
 public:
  // `model` is the path that the configuration gives.
  using OnPhase = std::function<void(const std::filesystem::path& model, std::string_view phase)>;

  // `runtime` must outlive the repository.
  Repository(Runtime* runtime, const Limits& limits);
  ~Repository();

  // Makes what is served what `config` says. Versions whose files or settings changed, and new ones, are loaded and
  // warmed up beside those that are served; then all changes take effect at once, and what is no longer served ends
  // when its requests have. A model that fails to load stays as it was, or absent; the error names every such one, and
  // the others change. Two models of one name change nothing. One call at a time does anything; others wait. `changes`
  // gets a line for each version that comes or goes, and for each route that is another one.
  absl::Status Apply(const ModelsConfig& config, const OnPhase& on_phase = nullptr,
                     std::vector<std::string>* changes = nullptr);
  // Another route for a model, from now on. NOT_FOUND for an unknown model, INVALID_ARGUMENT for a version that it has
  // not. It holds until an Apply() whose configuration has another route, or that no longer serves a version it names.
  absl::Status SetRoute(std::string_view name, const RouteOptions& route, std::vector<std::string>* changes = nullptr);
  // Takes a model out of what is served; its versions end when their requests have. It stays out, whatever Apply() is
  // told, until Load(). NOT_FOUND for one that is not configured; one that is out already is left as it is.
  absl::Status Unload(std::string_view name, std::vector<std::string>* changes = nullptr);
  // Makes the model of that name what `config` says, as Apply() would, be it served or unloaded. Other models stay as
  // they are. An error leaves this one as it was, too; NOT_FOUND for a name that `config` does not have.
  absl::Status Load(std::string_view name, const ModelsConfig& config, const OnPhase& on_phase = nullptr,
                    std::vector<std::string>* changes = nullptr);

  // The version that answers a request. NOT_FOUND for an unknown name or a version that there is not; messages name no
  // paths.
  absl::StatusOr<RoutedPredictor> Pick(std::string_view name, std::optional<uint64_t> version,
                                       std::optional<std::string_view> key) const;
  // The version that speaks for a model where no request is asked: metadata and readiness.
  absl::StatusOr<std::shared_ptr<Predictor>> Find(std::string_view name, std::optional<uint64_t> version) const;
  absl::StatusOr<std::shared_ptr<const ServedModel>> Model(std::string_view name) const;
  std::vector<std::shared_ptr<const ServedModel>> Models() const;
  std::vector<std::string> Names() const;
  // Every version that is served, and every model that is configured or was unloaded and is not, by name. Does not wait
  // for a load under way.
  std::vector<VersionState> States() const;

  // Cancels every request of every model.
  void CancelAll();
  void UnloadAll();
  // Waits until nothing is left of what is no longer served; true if so.
  bool WaitUntilRetired(std::chrono::milliseconds wait_max) { return retirement_.WaitUntilEmpty(wait_max); }

 private:
  using Table = std::map<std::string, std::shared_ptr<const ServedModel>, std::less<>>;
  // A model that is not served.
  struct Absent {
    bool is_loading = false;
    bool unloaded = false;  // by Unload(): Apply() passes it over
    std::string reason = {};
    std::map<int64_t, std::weak_ptr<const Predictor>> versions = {};  // that it was unloaded with
  };
  using Absents = std::map<std::string, Absent, std::less<>>;
  std::shared_ptr<const Table> table() const;
  static void Describe(const Table& before, const Table& after, std::vector<std::string>* changes);
  void Replace(Table table, Absents absents, std::vector<std::string>* changes);
  void SetAbsents(Absents absents);
  // What a model is called. Without a `name`, and with its path gone for now, what it was called before.
  std::string NameOf(const ModelConfig& model) const;
  // The names of all models of `config`, in its order. ALREADY_EXISTS if two have one.
  absl::StatusOr<std::vector<std::string>> NamesOf(const ModelsConfig& config);
  // What is to be served under `name`; that which is, if nothing of it changed.
  absl::StatusOr<std::shared_ptr<const ServedModel>> Serve(const ModelConfig& model, const std::string& name,
                                                           const Table& current, const OnPhase& on_phase);
  // The versions that `config` wants: those that are served already, as far as nothing of them changed, and new ones.
  absl::StatusOr<Variants> LoadVersions(const ModelConfig& config, const std::string& name, const Table& current,
                                        const OnPhase& on_phase) const;

  Runtime* const runtime_;
  const Limits limits_;
  std::mutex changing_;                                 // one change at a time
  std::map<std::filesystem::path, std::string> names_;  // of models without a `name`, by path; guarded by changing_
  std::map<std::string, RouteOptions> configured_;      // routes as Apply() was told them; guarded by changing_
  mutable std::mutex mutex_;
  std::shared_ptr<const Table> table_ = std::make_shared<Table>();  // guarded by mutex_
  Absents absents_;  // the same; changed by whoever holds changing_ too, who may read it without
  Retirement retirement_;
};

}  // namespace oarlock

#endif  // OARLOCK_RUNTIME_REPOSITORY_H_
