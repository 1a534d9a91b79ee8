#include "runtime/watcher.h"

#include "base/signals.h"
#include "base/status.h"
#include "model/model_stamp.h"

namespace oarlock {
namespace {

// The part of a configuration that is read once.
std::string SettingsOf(ModelsConfig config) {
  config.models.clear();
  return PrintModelsConfig(config);
}

}  // namespace

Watcher::Watcher(Repository* repository, Source source, const ModelsConfig& applied, const Limits& limits,
                 std::chrono::milliseconds interval, LogFn log)
    : repository_(repository),
      source_(std::move(source)),
      limits_(limits),
      interval_(interval),
      log_(std::move(log)),
      not_models_(SettingsOf(applied)) {
  // The first looks apply it once more, which finds what has changed since, and nothing else.
  const BlockSignals block;
  const std::lock_guard lock(mutex_);  // Work() begins once thread_ is set
  thread_ = std::thread([this] { Work(); });
}

Watcher::~Watcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void Watcher::Work() {
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, interval_, [this] { return stopping_; })) {
    lock.unlock();
    Look();
    lock.lock();
  }
}

std::string Watcher::StampOf(const ModelsConfig& config) const {
  std::string stamp = PrintModelsConfig(config);
  for (const ModelConfig& model : config.models) {
    const auto files = oarlock::StampOf(model.path, limits_);
    stamp += files.ok() ? *files : std::string(MessageOf(files.status()));
  }
  return stamp;
}

void Watcher::Look() {
  const std::lock_guard lock(looking_);
  auto config = source_();
  if (!config.ok()) {
    std::string text = fmt::format("nothing is changed: {}", MessageOf(config.status()));
    if (text != told_) log_(LogLevel::kError, text);
    told_ = std::move(text);
    return;
  }
  told_.clear();
  const std::string stamp = StampOf(*config);
  if (stamp == applied_) {
    seen_.clear();
    return;
  }
  if (stamp != seen_) {
    seen_ = stamp;
    return;
  }
  if (std::string settings = SettingsOf(*config); settings != not_models_) {
    log_(LogLevel::kError, "settings other than `models` have changed; they are taken over at the next start");
    not_models_ = std::move(settings);
  }
  // Tried once: what failed is tried again when something changes.
  applied_ = stamp;
  std::vector<std::string> changes;
  const absl::Status status = repository_->Apply(*config, nullptr, &changes);
  for (const std::string& change : changes) log_(LogLevel::kInfo, change);
  if (!status.ok()) log_(LogLevel::kError, fmt::format("what failed stays as it was: {}", MessageOf(status)));
}

}  // namespace oarlock
