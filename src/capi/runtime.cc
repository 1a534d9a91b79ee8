#include <fmt/ranges.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "base/cpu.h"
#include "base/memory.h"
#include "base/status.h"
#include "capi/generated/bodies.h"
#include "capi/objects.h"

namespace oarlock::capi {
namespace {

// Of /proc/self/statm, whose second number is that of pages.
uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

const char* OrEmpty(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

RuntimeObject::RuntimeObject(const oar_runtime_options& options)
    : cache_dir_(OrEmpty(options.cache_dir)),
      log_(options.log),
      log_user_(options.log_user),
      runtime_(OrEmpty(options.engine_path), options.thread_budget) {}

void RuntimeObject::Log(oar_log_level level, std::string_view message) const noexcept {
  try {
    const std::string line(message);
    if (log_ != nullptr) {
      log_(log_user_, level, line.c_str());
    } else if (level >= OAR_LOG_WARNING) {
      std::fprintf(stderr, "oarlock: %s%s\n", level == OAR_LOG_WARNING ? "warning: " : "", line.c_str());
    }
  } catch (const std::exception&) {  // no memory for the line: it is lost
  }
}

const char* RuntimeObject::Keep(std::string text) {
  const std::lock_guard lock(mutex_);
  auto found = texts_.find(text);
  if (found == texts_.end()) {
    auto kept = std::make_unique<std::string>(text);
    found = texts_.emplace(std::move(text), std::move(kept)).first;
  }
  return found->second->c_str();
}

absl::Status RuntimeCreate(const oar_runtime_options& options, std::shared_ptr<RuntimeObject>* runtime) {
  if (options.thread_budget < 0 || options.thread_budget > kThreadsMax) {
    return InvalidArgument("thread_budget is {}; it must be 0 (the usable cores) to {}", options.thread_budget,
                           kThreadsMax);
  }
  WatchForks();
  try {
    *runtime = std::make_shared<RuntimeObject>(options);
  } catch (const std::system_error& error) {
    return ResourceExhausted("the threads of a runtime cannot be made: {}", error.what());
  }
  return absl::OkStatus();
}

absl::Status RuntimeEngineCount(const Pinned<RuntimeObject>& runtime, size_t* count) {
  *count = runtime->runtime().engines().Names().size();
  return absl::OkStatus();
}

absl::Status RuntimeEngine(const Pinned<RuntimeObject>& runtime, size_t index, oar_engine_description* engine) {
  EngineRegistry& engines = runtime->runtime().engines();
  const std::vector<std::string> names = engines.Names();
  if (index >= names.size()) return OutOfRange("engine {} of {}", index, names.size());
  const auto opened = engines.Get(names[index]);
  engine->name = runtime->Keep(names[index]);
  engine->version = runtime->Keep(opened.ok() ? std::string((*opened)->version()) : "");
  engine->path = runtime->Keep(opened.ok() ? (*opened)->path() : "");
  engine->code = CodeOf(opened.status());
  engine->message = runtime->Keep(std::string(MessageOf(opened.status())));
  return absl::OkStatus();
}

absl::Status RuntimeHardware(const Pinned<RuntimeObject>& runtime, oar_hardware* hardware) {
  hardware->usable_core_count = UsableCpuCount();
  hardware->thread_budget = runtime->runtime().scheduler()->thread_budget();
  hardware->memory_bytes = static_cast<uint64_t>(ReadMemoryBounds().usable_bytes());
  hardware->resident_bytes = ResidentBytes();
  hardware->cpu_flags = runtime->Keep(fmt::format("{}", fmt::join(CpuFlags(), " ")));
  return absl::OkStatus();
}

}  // namespace oarlock::capi
