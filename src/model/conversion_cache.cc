#include "model/conversion_cache.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <thread>

#include "base/sha256.h"
#include "base/status.h"
#include "simdjson.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDescription = ".json";
constexpr std::string_view kModel = ".onnx";
constexpr std::string_view kData = ".onnx.data";
constexpr std::string_view kLock = ".lock";
constexpr int64_t kSchema = 1;
constexpr int64_t kDescriptionBytesMax = 65'536;
constexpr size_t kKeyDigits = 64;

bool IsKey(std::string_view text) {
  return text.size() == kKeyDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string DescriptionOf(const CacheEntry& entry) {
  JsonText json;
  json.StartObject();
  json.Field("schema", kSchema);
  json.Field("source", entry.source);
  json.Field("identity", entry.identity);
  json.Field("opset", entry.opset);
  json.Field("model_bytes", entry.model_bytes);
  json.Field("model_sha256", entry.model_sha256);
  json.Field("data_bytes", entry.data_bytes);
  json.Field("data_sha256", entry.data_sha256);
  json.EndObject();
  return fmt::format("{}\n", json.text());
}

absl::StatusOr<CacheEntry> ParseDescription(std::string_view text, const fs::path& path) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  CacheEntry entry;
  int64_t schema = 0;
  std::string_view source, identity, model_sha256, data_sha256;
  const bool whole = parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS &&
                     root["schema"].get(schema) == simdjson::SUCCESS && schema == kSchema &&
                     root["source"].get(source) == simdjson::SUCCESS &&
                     root["identity"].get(identity) == simdjson::SUCCESS &&
                     root["opset"].get(entry.opset) == simdjson::SUCCESS &&
                     root["model_bytes"].get(entry.model_bytes) == simdjson::SUCCESS &&
                     root["model_sha256"].get(model_sha256) == simdjson::SUCCESS &&
                     root["data_bytes"].get(entry.data_bytes) == simdjson::SUCCESS &&
                     root["data_sha256"].get(data_sha256) == simdjson::SUCCESS;
  if (!whole) return DataLoss("'{}' is damaged", path.string());
  entry.source = source;
  entry.identity = identity;
  entry.model_sha256 = model_sha256;
  entry.data_sha256 = data_sha256;
  return entry;
}

absl::StatusOr<FileBytes> ReadChecked(const fs::path& path, int64_t size_bytes, const std::string& sha256,
                                      const Limits& limits) {
  auto bytes = ReadFile(path, limits.model_file_bytes_max);
  if (!bytes.ok()) return DataLoss("{}", MessageOf(bytes.status()));
  if (static_cast<int64_t>(bytes->size_bytes()) != size_bytes || Sha256Hex(bytes->bytes()) != sha256) {
    return DataLoss("'{}' is not what was written there", path.string());
  }
  return bytes;
}

// What a file in the directory belongs to: "KEY.onnx" and "KEY.onnx.tmp-12-0" -> KEY; empty for a stranger's.
std::string KeyOf(const std::string& name) {
  const size_t dot = name.find('.');
  if (dot == std::string::npos || !IsKey(name.substr(0, dot))) return {};
  const std::string_view rest = std::string_view(name).substr(dot);
  for (const std::string_view suffix : {kDescription, kModel, kData, kLock}) {
    if (rest == suffix || rest.starts_with(std::string(suffix) + ".tmp-")) return name.substr(0, dot);
  }
  return {};
}

}  // namespace

CacheLock::~CacheLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

fs::path ConversionCache::DefaultDirectory() {
  if (const char* base = std::getenv("XDG_CACHE_HOME"); base != nullptr && *base == '/')
    return fs::path(base) / "oarlock";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return fs::path(home) / ".cache" / "oarlock";
  struct passwd user;
  struct passwd* found = nullptr;
  char room[4096];
  if (::getpwuid_r(::geteuid(), &user, room, sizeof room, &found) != 0 || found == nullptr) return {};
  return *found->pw_dir == '/' ? fs::path(found->pw_dir) / ".cache" / "oarlock" : fs::path();
}

absl::Status ConversionCache::Prepare() const {
  std::error_code error;
  if (KindOf(directory_) == PathKind::kMissing) {
    fs::create_directories(directory_.parent_path(), error);
    if (::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
      return ErrnoStatus(errno, fmt::format("cannot make the cache directory '{}'", directory_.string()));
    }
  }
  return Check();
}

absl::Status ConversionCache::Check() const {
  if (KindOf(directory_) == PathKind::kMissing) return absl::OkStatus();
  struct stat info;
  if (::stat(directory_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return FailedPrecondition("the cache directory '{}' is no directory", directory_.string());
  }
  const bool trusted_owner = info.st_uid == ::geteuid() || info.st_uid == 0;
  if (!trusted_owner || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return FailedPrecondition(
        "the cache directory '{}' belongs to another user, or others may write in it; models in it could be anybody's: "
        "chown it and chmod 700, or give another --cache-dir",
        directory_.string());
  }
  return absl::OkStatus();
}

absl::StatusOr<CachedModel> ConversionCache::Read(const std::string& key, const Limits& limits) const {
  const fs::path path = Path(key, kDescription);
  if (KindOf(path) == PathKind::kMissing) return NotFound("'{}' is not there", path.string());
  const auto text = ReadFile(path, kDescriptionBytesMax);
  if (!text.ok()) return DataLoss("{}", MessageOf(text.status()));
  CachedModel cached;
  OAR_ASSIGN_OR_RETURN(cached.entry, ParseDescription(text->text(), path));
  cached.entry.key = key;
  cached.model_path = Path(key, kModel);
  OAR_ASSIGN_OR_RETURN(cached.model,
                       ReadChecked(cached.model_path, cached.entry.model_bytes, cached.entry.model_sha256, limits));
  if (cached.entry.data_bytes > 0) {
    OAR_ASSIGN_OR_RETURN(cached.data,
                         ReadChecked(Path(key, kData), cached.entry.data_bytes, cached.entry.data_sha256, limits));
  }
  return cached;
}

absl::Status ConversionCache::Write(CacheEntry entry, std::span<const std::byte> model,
                                    std::span<const std::byte> data) const {
  entry.model_bytes = static_cast<int64_t>(model.size());
  entry.data_bytes = static_cast<int64_t>(data.size());
  entry.model_sha256 = Sha256Hex(model);
  if (!data.empty()) entry.data_sha256 = Sha256Hex(data);
  const absl::Status status = [&] {
    if (!data.empty()) OAR_RETURN_IF_ERROR(WriteFileAtomic(Path(entry.key, kData), data));
    OAR_RETURN_IF_ERROR(WriteFileAtomic(Path(entry.key, kModel), model));
    return WriteFileAtomic(Path(entry.key, kDescription), DescriptionOf(entry));
  }();
  if (!status.ok()) (void)Remove(entry.key);
  return status;
}

absl::StatusOr<CacheLock> ConversionCache::Lock(const std::string& key, std::chrono::milliseconds wait_max) const {
  const fs::path path = Path(key, kLock);
  CacheLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) return ErrnoStatus(errno, fmt::format("cannot write '{}'", path.string()));
  const auto until = std::chrono::steady_clock::now() + wait_max;
  while (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return ErrnoStatus(errno, fmt::format("cannot lock '{}'", path.string()));
    if (std::chrono::steady_clock::now() >= until) {
      return DeadlineExceeded("'{}' was held by another process for {} s", path.string(), wait_max.count() / 1000);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return lock;
}

absl::StatusOr<std::vector<CacheEntry>> ConversionCache::List() const {
  std::vector<CacheEntry> entries;
  if (KindOf(directory_) == PathKind::kMissing) return entries;
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory_));
  for (const std::string& name : names) {
    const std::string key = KeyOf(name);
    if (key.empty() || name != key + std::string(kDescription)) continue;
    const auto text = ReadFile(directory_ / name, kDescriptionBytesMax);
    auto entry = text.ok() ? ParseDescription(text->text(), directory_ / name) : text.status();
    entries.push_back(entry.ok() ? *std::move(entry) : CacheEntry());
    entries.back().key = key;
  }
  return entries;
}

// The description first: without it there is no entry, whatever else is left.
absl::Status ConversionCache::Remove(const std::string& key) const {
  for (const std::string_view suffix : {kDescription, kModel, kData}) {
    if (::unlink(Path(key, suffix).c_str()) != 0 && errno != ENOENT) {
      return ErrnoStatus(errno, fmt::format("cannot remove '{}'", Path(key, suffix).string()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::pair<size_t, int64_t>> ConversionCache::Clear() const {
  size_t entry_count = 0;
  int64_t size_bytes = 0;
  if (KindOf(directory_) == PathKind::kMissing) return std::pair(entry_count, size_bytes);
  OAR_ASSIGN_OR_RETURN(std::vector<std::string> names, ListDirectory(directory_));
  std::stable_partition(names.begin(), names.end(),
                        [](const std::string& name) { return name.ends_with(kDescription); });
  for (const std::string& name : names) {
    const std::string key = KeyOf(name);
    if (key.empty()) continue;
    std::error_code error;
    const auto size = fs::file_size(directory_ / name, error);
    if (::unlink((directory_ / name).c_str()) != 0 && errno != ENOENT) {
      return ErrnoStatus(errno, fmt::format("cannot remove '{}'", (directory_ / name).string()));
    }
    size_bytes += error ? 0 : static_cast<int64_t>(size);
    if (name == key + std::string(kDescription)) ++entry_count;
  }
  return std::pair(entry_count, size_bytes);
}

}  // namespace oarlock
