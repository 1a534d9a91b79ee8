#include "server/protocol/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/status.h"
#include "model/models_config.h"

namespace oarlock {
namespace {

// Objects that belong to others than tensors: those between Triton and its Python backend, and POSIX semaphores.
constexpr std::string_view kReservedPrefixes[] = {"triton_python_backend_shm_region_", "sem."};

// One call moves at most so much; Linux moves no more than 2 GiB.
constexpr size_t kPieceBytes = size_t{1} << 30;

absl::Status CheckKey(std::string_view key, const Limits& limits) {
  const std::string_view bare = key.substr(std::min(key.find_first_not_of('/'), key.size()));
  for (const std::string_view prefix : kReservedPrefixes) {
    if (bare.starts_with(prefix)) return InvalidArgument("key '{}' is reserved", Printable(key));
  }
  const bool one_slash = key.size() == bare.size() + 1;
  if (one_slash && IsPathSegment(bare) && std::cmp_less_equal(key.size(), limits.shm_key_bytes_max)) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "key '{}' must be '/' and a name in UTF-8 without '/' and control characters, of at most {} bytes "
      "(shm_key_bytes_max)",
      Printable(key), limits.shm_key_bytes_max);
}

absl::Status CheckRow(const SharedMemoryRow& row, const Limits& limits) {
  if (const absl::Status status = CheckModelName(row.name, limits); !status.ok()) {
    return InvalidArgument("region name '{}' must be 1 to {} bytes of UTF-8 without '/' and control characters",
                           Printable(row.name), limits.name_bytes_max);
  }
  OAR_RETURN_IF_ERROR(CheckKey(row.key, limits));
  uint64_t end = 0;
  if (row.size_bytes > 0 && !__builtin_add_overflow(row.offset, row.size_bytes, &end) && end <= INT64_MAX) {
    return absl::OkStatus();
  }
  return InvalidArgument("region '{}' is {} bytes from {} on; it must have one at least, and end below 2^63",
                         Printable(row.name), row.size_bytes, row.offset);
}

// One answer to whatever is not for clients, so that it does not tell what there is.
absl::Status NoObject(std::string_view key) {
  return NotFound("there is no shared memory object '{}' of the user that the server runs as", Printable(key));
}

absl::StatusOr<Descriptor> OpenObject(const SharedMemoryRow& row) {
  Descriptor object(::shm_open(row.key.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0));
  if (!object.is_open()) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) {
      return ResourceExhausted("region '{}': no descriptor is left to open its object", Printable(row.name));
    }
    return NoObject(row.key);
  }
  struct stat status {};
  if (::fstat(object.get(), &status) != 0) return ErrnoStatus(errno, "a shared memory object");
  if (!S_ISREG(status.st_mode) || status.st_uid != ::geteuid()) return NoObject(row.key);
  if (std::cmp_greater(row.offset + row.size_bytes, status.st_size)) {
    return InvalidArgument("region '{}' is {} bytes from {} on; the object '{}' has {} bytes", Printable(row.name),
                           row.size_bytes, row.offset, Printable(row.key), status.st_size);
  }
  return object;
}

absl::Status NoRegion(std::string_view name) {
  return NotFound("no region of shared memory '{}' is registered", Printable(name));
}

}  // namespace

absl::Status SharedMemoryRegion::CheckPart(uint64_t offset, uint64_t size_bytes) const {
  if (offset <= row_.size_bytes && size_bytes <= row_.size_bytes - offset) return absl::OkStatus();
  return InvalidArgument("{} bytes from {} on are not within region '{}', which has {}", size_bytes, offset,
                         Printable(row_.name), row_.size_bytes);
}

absl::Status SharedMemoryRegion::Shrunk() const {
  return InvalidArgument("the object of region '{}' is smaller than it was when it was registered",
                         Printable(row_.name));
}

absl::Status SharedMemoryRegion::Read(uint64_t offset, std::span<std::byte> to) const {
  OAR_RETURN_IF_ERROR(CheckPart(offset, to.size()));
  uint64_t at = row_.offset + offset;
  while (!to.empty()) {
    const ssize_t moved = ::pread(object_.get(), to.data(), std::min(to.size(), kPieceBytes), static_cast<off_t>(at));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return ErrnoStatus(errno, fmt::format("reading region '{}'", Printable(row_.name)));
    if (moved == 0) return Shrunk();
    to = to.subspan(static_cast<size_t>(moved));
    at += static_cast<uint64_t>(moved);
  }
  return absl::OkStatus();
}

absl::Status SharedMemoryRegion::Write(uint64_t offset, std::span<const std::byte> from) const {
  OAR_RETURN_IF_ERROR(CheckPart(offset, from.size()));
  uint64_t at = row_.offset + offset;
  // To write behind its end would make it larger again, which only the client's own pages pay for; but nobody would
  // read there what it waits for.
  struct stat status {};
  if (::fstat(object_.get(), &status) != 0) return ErrnoStatus(errno, "a shared memory object");
  if (std::cmp_greater(at + from.size(), status.st_size)) return Shrunk();
  while (!from.empty()) {
    const ssize_t moved =
        ::pwrite(object_.get(), from.data(), std::min(from.size(), kPieceBytes), static_cast<off_t>(at));
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) return ErrnoStatus(errno, fmt::format("writing region '{}'", Printable(row_.name)));
    from = from.subspan(static_cast<size_t>(moved));
    at += static_cast<uint64_t>(moved);
  }
  return absl::OkStatus();
}

absl::Status SharedMemoryDisabled() {
  return Unimplemented("Client shared memory is disabled; start the server with --allow-client-shm to enable it");
}

absl::Status SharedMemory::CheckAllowed() const { return allowed_ ? absl::OkStatus() : SharedMemoryDisabled(); }

absl::Status SharedMemory::CheckRoom(const SharedMemoryRow& row) const {
  if (regions_.contains(row.name)) {
    return AlreadyExists("a region of shared memory '{}' is registered already", Printable(row.name));
  }
  if (std::cmp_greater_equal(regions_.size(), limits_.shm_regions_max)) {
    return ResourceExhausted("{} regions of shared memory are registered already; as many as shm_regions_max allows",
                             regions_.size());
  }
  const auto bytes_max = static_cast<uint64_t>(limits_.shm_bytes_max);
  if (row.size_bytes > bytes_max || size_bytes_ > bytes_max - row.size_bytes) {
    return ResourceExhausted("region '{}' of {} bytes: all regions together may have {} (shm_bytes_max)",
                             Printable(row.name), row.size_bytes, bytes_max);
  }
  return absl::OkStatus();
}

absl::Status SharedMemory::Register(SharedMemoryRow row) {
  OAR_RETURN_IF_ERROR(CheckAllowed());
  OAR_RETURN_IF_ERROR(CheckRow(row, limits_));
  const std::lock_guard lock(mutex_);
  OAR_RETURN_IF_ERROR(CheckRoom(row));
  OAR_ASSIGN_OR_RETURN(Descriptor object, OpenObject(row));
  auto region = std::make_shared<const SharedMemoryRegion>(std::move(row), std::move(object));
  regions_.emplace(region->row().name, region);
  size_bytes_ += region->row().size_bytes;
  return absl::OkStatus();
}

absl::Status SharedMemory::Unregister(std::string_view name) {
  OAR_RETURN_IF_ERROR(CheckAllowed());
  const std::lock_guard lock(mutex_);
  const auto found = regions_.find(name);
  if (found == regions_.end()) return absl::OkStatus();
  size_bytes_ -= found->second->row().size_bytes;
  regions_.erase(found);
  return absl::OkStatus();
}

absl::Status SharedMemory::UnregisterAll() {
  OAR_RETURN_IF_ERROR(CheckAllowed());
  const std::lock_guard lock(mutex_);
  regions_.clear();
  size_bytes_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SharedMemoryRow>> SharedMemory::Rows(std::string_view name) const {
  OAR_RETURN_IF_ERROR(CheckAllowed());
  const std::lock_guard lock(mutex_);
  std::vector<SharedMemoryRow> rows;
  for (const auto& [each, region] : regions_) {
    if (name.empty() || each == name) rows.push_back(region->row());
  }
  if (!name.empty() && rows.empty()) return NoRegion(name);
  return rows;
}

absl::StatusOr<std::shared_ptr<const SharedMemoryRegion>> SharedMemory::Find(std::string_view name) const {
  OAR_RETURN_IF_ERROR(CheckAllowed());
  const std::lock_guard lock(mutex_);
  const auto found = regions_.find(name);
  if (found == regions_.end()) return NoRegion(name);
  return found->second;
}

absl::Status CudaSharedMemoryUnsupported() {
  return Unimplemented("CUDA shared memory is not supported: engines compute on CPUs");
}

}  // namespace oarlock
