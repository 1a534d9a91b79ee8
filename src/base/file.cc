#include "base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <utility>

#include "base/aligned_memory.h"
#include "base/status.h"

namespace oarlock {
namespace {

// Of temporary files.
constexpr int kNamesTriedMax = 100;

Descriptor OpenForReading(const std::filesystem::path& path) {
  return Descriptor(::open(path.c_str(), kOpenForReading));
}

PathKind KindOfMode(mode_t mode) {
  if (S_ISREG(mode)) return PathKind::kFile;
  return S_ISDIR(mode) ? PathKind::kDirectory : PathKind::kOther;
}

// Of what was opened, if it is a regular file within the limit.
absl::StatusOr<FileStamp> RegularFile(const Descriptor& file, std::string_view name, int64_t size_bytes_max) {
  OAR_ASSIGN_OR_RETURN(const FileStamp stamp, StampOfOpened(file, name));
  if (stamp.kind != PathKind::kFile) return InvalidArgument("'{}' is not a regular file", name);
  if (stamp.size_bytes > size_bytes_max) {
    return ResourceExhausted("'{}' has {} bytes; the limit is {}", name, stamp.size_bytes, size_bytes_max);
  }
  return stamp;
}

// Weights of 100 MB take 25,000 page faults otherwise, which is more time than reading them. A wish only.
void AskForLargePages(std::byte* data, size_t size_bytes) {
  constexpr size_t kWorthFrom = size_t{4} << 20;
  constexpr uintptr_t kPage = 4096;
  if (size_bytes < kWorthFrom) return;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(data) + kPage - 1) / kPage * kPage;
  const uintptr_t end = (reinterpret_cast<uintptr_t>(data) + size_bytes) / kPage * kPage;
  (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

absl::Status WriteAll(int descriptor, std::span<const std::byte> bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), std::min<size_t>(bytes.size(), size_t{1} << 30));
    if (written < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot write '{}'", path));
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return absl::OkStatus();
}

}  // namespace

void FileBytes::Free::operator()(std::byte* data) const {
  if (mapped_bytes > 0) {
    ::munmap(data, mapped_bytes);
  } else {
    FreeAligned(data);
  }
}

absl::StatusOr<FileBytes> FileBytes::Allocate(size_t size_bytes) {
  FileBytes room;
  room.data_.reset(AllocateAligned(size_bytes));
  if (room.data_ == nullptr) return ResourceExhausted("no memory for {} bytes", size_bytes);
  room.size_bytes_ = size_bytes;
  AskForLargePages(room.data_.get(), size_bytes);
  return room;
}

absl::StatusOr<FileStamp> StampOfOpened(const Descriptor& file, std::string_view name) {
  if (!file.is_open()) return ErrnoStatus(errno, fmt::format("cannot open '{}'", name));
  struct stat info;
  if (::fstat(file.get(), &info) != 0) return ErrnoStatus(errno, fmt::format("cannot read '{}'", name));
  // Unsigned: a file may be of the year 2446, which 64 bits of nanoseconds do not reach; it wraps then.
  const auto modified_ns =
      static_cast<uint64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(info.st_mtim.tv_nsec);
  return FileStamp{KindOfMode(info.st_mode), info.st_size, static_cast<int64_t>(modified_ns), info.st_ino, info.st_dev};
}

absl::StatusOr<FileBytes> ReadOpened(const Descriptor& file, std::string_view name, int64_t size_bytes_max) {
  OAR_ASSIGN_OR_RETURN(const FileStamp before, RegularFile(file, name, size_bytes_max));
  OAR_ASSIGN_OR_RETURN(FileBytes content, FileBytes::Allocate(static_cast<size_t>(before.size_bytes)));
  size_t filled = 0;
  while (filled < content.size_bytes()) {
    const std::span<std::byte> rest = content.mutable_bytes().subspan(filled);
    const ssize_t got = ::read(file.get(), rest.data(), std::min<size_t>(rest.size(), size_t{1} << 30));
    if (got < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot read '{}'", name));
    }
    if (got == 0) {
      return DataLoss("'{}' ended after {} of {} bytes; it was changed while it was read", name, filled,
                      content.size_bytes());
    }
    filled += static_cast<size_t>(got);
  }
  // Cut and made longer again, it would have a tail of zeros.
  OAR_ASSIGN_OR_RETURN(const FileStamp after, RegularFile(file, name, size_bytes_max));
  if (after != before) return DataLoss("'{}' was changed while it was read", name);
  return content;
}

absl::StatusOr<FileBytes> MapOpened(const Descriptor& file, std::string_view name, int64_t size_bytes_max) {
  OAR_ASSIGN_OR_RETURN(const FileStamp stamp, RegularFile(file, name, size_bytes_max));
  const auto size_bytes = static_cast<size_t>(stamp.size_bytes);
  if (size_bytes == 0) return FileBytes::Allocate(0);
  void* data = ::mmap(nullptr, size_bytes, PROT_READ, MAP_SHARED, file.get(), 0);
  if (data == MAP_FAILED) return ErrnoStatus(errno, fmt::format("cannot map '{}'", name));
  FileBytes content;
  content.data_ = {static_cast<std::byte*>(data), FileBytes::Free(size_bytes)};
  content.size_bytes_ = size_bytes;
  return content;
}

absl::StatusOr<std::vector<std::string>> ListOpened(Descriptor directory, std::string_view name) {
  const auto close = [](DIR* opened) { ::closedir(opened); };
  std::unique_ptr<DIR, decltype(close)> stream(directory.is_open() ? ::fdopendir(directory.get()) : nullptr);
  if (stream == nullptr) return ErrnoStatus(errno, fmt::format("cannot list '{}'", name));
  directory.Release();  // the stream's now
  std::vector<std::string> names;
  errno = 0;  // an end and an error look the same otherwise
  while (const dirent* entry = ::readdir(stream.get())) {
    if (std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..") {
      names.emplace_back(entry->d_name);
    }
    errno = 0;
  }
  const int error = errno;
  if (error != 0) return ErrnoStatus(error, fmt::format("cannot list '{}'", name));
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<FileBytes> ReadFile(const std::filesystem::path& path, int64_t size_bytes_max) {
  return ReadOpened(OpenForReading(path), path.native(), size_bytes_max);
}

absl::StatusOr<FileBytes> MapFile(const std::filesystem::path& path, int64_t size_bytes_max) {
  return MapOpened(OpenForReading(path), path.native(), size_bytes_max);
}

absl::Status WriteFileAtomic(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  static std::atomic<unsigned> serial{0};
  std::string temporary;
  Descriptor descriptor;
  // A name may be taken: by a process of this id that ended halfway, or by another copy of this code in this one
  // (docs/decisions/015-server-library.md).
  for (int tried = 0; tried < kNamesTriedMax && !descriptor.is_open() && (tried == 0 || errno == EEXIST); ++tried) {
    temporary = fmt::format("{}.tmp-{}-{}", path.string(), ::getpid(), serial.fetch_add(1, std::memory_order_relaxed));
    descriptor = Descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  }
  if (descriptor.get() < 0) return ErrnoStatus(errno, fmt::format("cannot write '{}'", path.string()));
  absl::Status status = WriteAll(descriptor.get(), bytes, path.string());
  if (status.ok() && ::fsync(descriptor.get()) != 0) {
    status = ErrnoStatus(errno, fmt::format("cannot write '{}'", path.string()));
  }
  if (::close(descriptor.Release()) != 0 && status.ok()) {
    status = ErrnoStatus(errno, fmt::format("cannot write '{}'", path.string()));
  }
  if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoStatus(errno, fmt::format("cannot write '{}'", path.string()));
  }
  if (!status.ok()) ::unlink(temporary.c_str());
  return status;
}

absl::Status WriteFileAtomic(const std::filesystem::path& path, std::string_view text) {
  return WriteFileAtomic(path, std::as_bytes(std::span(text)));
}

absl::StatusOr<std::vector<std::string>> ListDirectory(const std::filesystem::path& path) {
  return ListOpened(Descriptor(::open(path.c_str(), kOpenForReading | O_DIRECTORY)), path.native());
}

absl::StatusOr<std::filesystem::path> PathBeside(const std::filesystem::path& naming, const std::string& name) {
  const std::filesystem::path relative(name);
  const bool leads_out = std::any_of(relative.begin(), relative.end(), [](const auto& part) { return part == ".."; });
  if (name.empty() || relative.is_absolute() || leads_out || name.find('\0') != std::string::npos) {
    return InvalidArgument("'{}' must name a file beside '{}', without '..'", Printable(name), naming.string());
  }
  return naming.parent_path() / relative;
}

PathKind KindOf(const std::filesystem::path& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return PathKind::kMissing;
  return KindOfMode(info.st_mode);
}

}  // namespace oarlock
