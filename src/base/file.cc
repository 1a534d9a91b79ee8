#include "base/file.h"

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

// Closes on the way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int Release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// O_NONBLOCK: opening a pipe without a writer must not wait.
int OpenForReading(const std::filesystem::path& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

// What a write changes. Two writes within one tick of the file system's clock, back to the same size, are not seen.
struct Stamp {
  explicit Stamp(const struct stat& info)
      : size(info.st_size), seconds(info.st_mtim.tv_sec), nanoseconds(info.st_mtim.tv_nsec) {}
  friend bool operator==(const Stamp&, const Stamp&) = default;

  int64_t size;
  int64_t seconds;
  int64_t nanoseconds;
};

// Of what was opened, if it is a regular file within the limit. `descriptor` may be that of a failed open.
absl::StatusOr<Stamp> RegularFile(const Descriptor& descriptor, const std::filesystem::path& path,
                                  int64_t size_bytes_max) {
  if (descriptor.get() < 0) return ErrnoStatus(errno, fmt::format("cannot open '{}'", path.string()));
  struct stat info;
  if (::fstat(descriptor.get(), &info) != 0) return ErrnoStatus(errno, fmt::format("cannot read '{}'", path.string()));
  if (!S_ISREG(info.st_mode)) return InvalidArgument("'{}' is not a regular file", path.string());
  if (info.st_size > size_bytes_max) {
    return ResourceExhausted("'{}' has {} bytes; the limit is {}", path.string(), info.st_size, size_bytes_max);
  }
  return Stamp(info);
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

absl::StatusOr<FileBytes> ReadFile(const std::filesystem::path& path, int64_t size_bytes_max) {
  const Descriptor descriptor(OpenForReading(path));
  OAR_ASSIGN_OR_RETURN(const Stamp before, RegularFile(descriptor, path, size_bytes_max));
  OAR_ASSIGN_OR_RETURN(FileBytes content, FileBytes::Allocate(static_cast<size_t>(before.size)));
  size_t filled = 0;
  while (filled < content.size_bytes()) {
    const std::span<std::byte> rest = content.mutable_bytes().subspan(filled);
    const ssize_t got = ::read(descriptor.get(), rest.data(), std::min<size_t>(rest.size(), size_t{1} << 30));
    if (got < 0) {
      if (errno == EINTR) continue;
      return ErrnoStatus(errno, fmt::format("cannot read '{}'", path.string()));
    }
    if (got == 0) {
      return DataLoss("'{}' ended after {} of {} bytes; it was changed while it was read", path.string(), filled,
                      content.size_bytes());
    }
    filled += static_cast<size_t>(got);
  }
  // Cut and made longer again, it would have a tail of zeros.
  OAR_ASSIGN_OR_RETURN(const Stamp after, RegularFile(descriptor, path, size_bytes_max));
  if (after != before) return DataLoss("'{}' was changed while it was read", path.string());
  return content;
}

absl::StatusOr<FileBytes> MapFile(const std::filesystem::path& path, int64_t size_bytes_max) {
  const Descriptor descriptor(OpenForReading(path));
  OAR_ASSIGN_OR_RETURN(const Stamp stamp, RegularFile(descriptor, path, size_bytes_max));
  const auto size_bytes = static_cast<size_t>(stamp.size);
  if (size_bytes == 0) return FileBytes::Allocate(0);
  void* data = ::mmap(nullptr, size_bytes, PROT_READ, MAP_SHARED, descriptor.get(), 0);
  if (data == MAP_FAILED) return ErrnoStatus(errno, fmt::format("cannot map '{}'", path.string()));
  FileBytes content;
  content.data_ = {static_cast<std::byte*>(data), FileBytes::Free(size_bytes)};
  content.size_bytes_ = size_bytes;
  return content;
}

absl::Status CheckReadable(const std::filesystem::path& path) {
  const Descriptor descriptor(OpenForReading(path));
  if (descriptor.get() < 0) return ErrnoStatus(errno, fmt::format("cannot open '{}'", path.string()));
  return absl::OkStatus();
}

absl::Status WriteFileAtomic(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  static std::atomic<unsigned> serial{0};
  const std::string temporary =
      fmt::format("{}.tmp-{}-{}", path.string(), ::getpid(), serial.fetch_add(1, std::memory_order_relaxed));
  Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
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
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return ErrnoStatus(error.value(), fmt::format("cannot list '{}'", path.string()));
  std::sort(names.begin(), names.end());
  return names;
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
  if (S_ISREG(info.st_mode)) return PathKind::kFile;
  return S_ISDIR(info.st_mode) ? PathKind::kDirectory : PathKind::kOther;
}

}  // namespace oarlock
