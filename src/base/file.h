// Reading and writing whole files. Errors name the path and say what would be right. Thread-safe.
#ifndef OARLOCK_BASE_FILE_H_
#define OARLOCK_BASE_FILE_H_

#include <fcntl.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/descriptor.h"

namespace oarlock {

// Bytes of a file in memory of ours, 64-byte aligned. Files are read, not mapped, unless somebody asks for it: a
// mapping of a file that somebody truncates kills the process.
class FileBytes {
 public:
  FileBytes() = default;
  FileBytes(FileBytes&&) = default;
  FileBytes& operator=(FileBytes&&) = default;
  // Uninitialised room; an error if the memory is not to be had.
  static absl::StatusOr<FileBytes> Allocate(size_t size_bytes);

  std::span<const std::byte> bytes() const { return {data_.get(), size_bytes_}; }
  std::span<std::byte> mutable_bytes() { return {data_.get(), size_bytes_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_.get()), size_bytes_}; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  friend absl::StatusOr<FileBytes> MapOpened(const Descriptor& file, std::string_view name, int64_t size_bytes_max);
  struct Free {
    Free() {}  // NOLINT(modernize-use-equals-default): a default member value is not known yet inside FileBytes
    explicit Free(size_t mapped) : mapped_bytes(mapped) {}
    size_t mapped_bytes{0};  // 0: of the heap
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte[], Free> data_;
  size_t size_bytes_ = 0;
};

enum class PathKind { kMissing, kFile, kDirectory, kOther };

// What tells a file that was written, or that another one took the place of. Two writes within one tick of the file
// system's clock, back to the same size, are not seen.
struct FileStamp {
  PathKind kind = PathKind::kMissing;
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;  // since 1970
  uint64_t inode = 0;
  uint64_t device = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// A regular file of at most `size_bytes_max` bytes. Directories, devices, pipes and sockets are refused, never waited
// for.
absl::StatusOr<FileBytes> ReadFile(const std::filesystem::path& path, int64_t size_bytes_max);

// The same, mapped read-only: memory that all who map the file share. The file must not be cut while it is mapped.
absl::StatusOr<FileBytes> MapFile(const std::filesystem::path& path, int64_t size_bytes_max);

// Writes beside the target, then renames: a reader sees the old file or the whole new one.
absl::Status WriteFileAtomic(const std::filesystem::path& path, std::span<const std::byte> bytes);
absl::Status WriteFileAtomic(const std::filesystem::path& path, std::string_view text);

// Names in a directory, sorted by byte value, without "." and "..".
absl::StatusOr<std::vector<std::string>> ListDirectory(const std::filesystem::path& path);

// A file that another one names: relative to the naming file's directory, and not leading out of it by '..'.
absl::StatusOr<std::filesystem::path> PathBeside(const std::filesystem::path& naming, const std::string& name);

PathKind KindOf(const std::filesystem::path& path);

// The same of what somebody has opened in another way; `name` is for messages. A descriptor below 0 is one of an open
// that failed just now: the error is that of errno.
inline constexpr int kOpenForReading = O_RDONLY | O_CLOEXEC | O_NONBLOCK;  // a pipe without a writer is not waited for
absl::StatusOr<FileBytes> ReadOpened(const Descriptor& file, std::string_view name, int64_t size_bytes_max);
absl::StatusOr<FileBytes> MapOpened(const Descriptor& file, std::string_view name, int64_t size_bytes_max);
absl::StatusOr<std::vector<std::string>> ListOpened(Descriptor directory, std::string_view name);
absl::StatusOr<FileStamp> StampOfOpened(const Descriptor& file, std::string_view name);

}  // namespace oarlock

#endif  // OARLOCK_BASE_FILE_H_
