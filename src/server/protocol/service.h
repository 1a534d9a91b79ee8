// What a server answers, whatever the protocol: questions of KServe v2 in, plain values out. The folders http/ and
// grpc/ word them. Knows no sockets. Thread-safe.
#ifndef OARLOCK_SERVER_PROTOCOL_SERVICE_H_
#define OARLOCK_SERVER_PROTOCOL_SERVICE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "runtime/repository.h"
#include "server/protocol/model_control.h"
#include "server/protocol/shared_memory.h"

namespace oarlock {

// `versions` are all that are served; the rest is of the one that was asked for, or that speaks for the model.
struct ModelMetadata {
  std::shared_ptr<const LoadedModel> model;
  std::vector<int64_t> versions;
  std::string platform;  // "onnxruntime_onnx"
};

// Which model is asked. The two ways to say a version must agree.
struct ModelQuestion {
  std::string_view model;
  std::optional<uint64_t> version;                 // of the path, or of the message
  std::optional<std::string_view> version_header;  // x-model-version
  std::optional<std::string_view> sticky_key;      // x-sticky-key: requests of one key get one version
};

// What of the protocol is on besides the core.
struct ServiceOptions {
  bool model_control = false;        // clients may load, unload and route models
  ModelControl::Source source = {};  // of the configuration; and `log`: may be null without model_control
  LogFn log = {};
  bool allow_client_shm = false;  // clients may have tensors in shared memory
};

class Service {
 public:
  // `repository` must outlive it.
  Service(Repository* repository, const Limits& limits, ServiceOptions options = {})
      : repository_(repository),
        limits_(limits),
        control_(repository, options.model_control, std::move(options.source), std::move(options.log), limits),
        shared_memory_(options.allow_client_shm, limits) {}

  const Limits& limits() const { return limits_; }
  const Repository& repository() const { return *repository_; }
  SharedMemory& shared_memory() { return shared_memory_; }

  // Not ready: before the models are loaded, and once the server is on its way out. Inference is refused then.
  void set_ready(bool ready) { ready_ = ready; }
  bool is_ready() const { return ready_; }
  // Live from the first moment of being ready: clients take it for "usable".
  void set_live(bool live) { live_ = live; }
  bool is_live() const { return live_; }

  // The protocol's extensions that work here, as its metadata names them.
  std::vector<std::string_view> Extensions() const;
  absl::StatusOr<ModelMetadata> Metadata(std::string_view model, std::optional<uint64_t> version) const;
  // The version that answers an inference. UNAVAILABLE while the server is not ready.
  absl::StatusOr<RoutedPredictor> Pick(const ModelQuestion& question) const;
  // The models whose statistics are asked; all if `model` is empty. `version` is one that they have.
  absl::StatusOr<std::vector<std::shared_ptr<const ServedModel>>> WithStatistics(std::string_view model,
                                                                                 std::optional<uint64_t> version) const;
  // The name of a repository that was given must be empty: there is one, without a name.
  static absl::Status CheckRepository(std::string_view repository);
  // Each version with its state; `only_ready` leaves out the others.
  absl::StatusOr<std::vector<VersionState>> Index(std::string_view repository, bool only_ready) const;

  // As those of ModelControl; UNAVAILABLE, too, while the server is not ready. May such be asked at all? For who has a
  // message to read first.
  absl::Status CheckModelControl() const;
  void LoadModel(std::string_view model, ModelControl::Done done);
  void UnloadModel(std::string_view model, ModelControl::Done done);
  void SetRoute(std::string_view model, RouteOptions route, ModelControl::Done done);
  absl::StatusOr<RouteOptions> RouteOf(std::string_view model) const;
  // On the way out, before the repository goes.
  void StopModelControl() { control_.Stop(); }
  bool IsOwnThread() const { return control_.IsOwnThread(); }

 private:
  Repository* const repository_;
  const Limits limits_;
  ModelControl control_;
  SharedMemory shared_memory_;
  std::atomic<bool> ready_{false};
  std::atomic<bool> live_{false};
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_SERVICE_H_
