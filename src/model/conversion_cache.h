// ONNX models made from Paddle models, kept on disk, each under the digest of what it was made from. An entry is
//   KEY.onnx, KEY.onnx.data   the model, and its weights where they are outside it
//   KEY.json                  what it was made from, sizes and digests; written last, so that without it there is no
//   entry
// Each file is written beside its place, synced and renamed; what is read is compared with its digest. Several
// processes may use one directory: KEY.lock is held by the one that makes KEY. Thread-safe.
#ifndef OARLOCK_MODEL_CONVERSION_CACHE_H_
#define OARLOCK_MODEL_CONVERSION_CACHE_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/file.h"
#include "base/limits.h"

namespace oarlock {

// In the place of a directory: nothing is kept.
inline constexpr const char* kNoCache = "none";

// What KEY.json says.
struct CacheEntry {
  std::string key;
  std::string source;    // the program's path as it was; "(memory)" if it had none
  std::string identity;  // of the Paddle model
  int64_t opset = 0;
  int64_t model_bytes = 0;
  int64_t data_bytes = 0;
  std::string model_sha256;
  std::string data_sha256;
};

struct CachedModel {
  CacheEntry entry;
  FileBytes model;
  FileBytes data;
  std::filesystem::path model_path;
};

// Held while an entry is made; released when it dies.
class CacheLock {
 public:
  CacheLock(CacheLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  CacheLock& operator=(CacheLock&&) = delete;
  ~CacheLock();

 private:
  friend class ConversionCache;
  explicit CacheLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

class ConversionCache {
 public:
  // $XDG_CACHE_HOME/oarlock, else .cache/oarlock in the home directory; empty if there is neither.
  static std::filesystem::path DefaultDirectory();
  explicit ConversionCache(std::filesystem::path directory) : directory_(std::move(directory)) {}
  const std::filesystem::path& directory() const { return directory_; }

  // FAILED_PRECONDITION if it is no directory, or others than this user or root own it or may write in it: models are
  // trusted, so nobody else may put them there. One that is missing is none of these.
  absl::Status Check() const;
  // Makes the directory where it is missing, and checks it.
  absl::Status Prepare() const;

  // The entry, whole and as its digests say. NOT_FOUND if there is none; DATA_LOSS says what is damaged.
  absl::StatusOr<CachedModel> Read(const std::string& key, const Limits& limits) const;
  // Fills in sizes and digests. Nothing that looks like an entry is left behind by a failure.
  absl::Status Write(CacheEntry entry, std::span<const std::byte> model, std::span<const std::byte> data) const;
  // Waits for another process that makes `key`; DEADLINE_EXCEEDED after `wait_max`.
  absl::StatusOr<CacheLock> Lock(const std::string& key, std::chrono::milliseconds wait_max) const;

  std::string DataName(const std::string& key) const { return key + ".onnx.data"; }

  // All entries; one whose KEY.json cannot be read has its key alone. Empty where there is no directory.
  absl::StatusOr<std::vector<CacheEntry>> List() const;
  absl::Status Remove(const std::string& key) const;
  // Entries, and what interrupted writes have left. Gives how many entries, and bytes.
  absl::StatusOr<std::pair<size_t, int64_t>> Clear() const;

 private:
  std::filesystem::path Path(const std::string& key, std::string_view suffix) const {
    return directory_ / (key + std::string(suffix));
  }
  std::filesystem::path directory_;
};

}  // namespace oarlock

#endif  // OARLOCK_MODEL_CONVERSION_CACHE_H_
