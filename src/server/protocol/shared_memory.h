// Regions of POSIX shared memory that clients have registered, as the extension system_shared_memory has them: names
// for parts of objects that a client has made, where tensors are read from and written to. Off unless the server is
// started so, for a client may name any object of this process's user.
//
//   SharedMemory regions(/*allowed=*/true, limits);
//   OAR_RETURN_IF_ERROR(regions.Register({"in", "/my_object", 0, 4096}));
//   OAR_ASSIGN_OR_RETURN(const auto region, regions.Find("in"));
//   OAR_RETURN_IF_ERROR(region->Read(0, bytes));
//
// Nothing is mapped: a client that shrinks its object would kill the process. What is read is copied once, and is only
// looked at afterwards, when the client can change it no more.
// Thread-safe. Ownership: a region keeps its object open for as long as anybody holds it; a request under way goes on
// with the one that it began with, whatever is unregistered meanwhile.
#ifndef OARLOCK_SERVER_PROTOCOL_SHARED_MEMORY_H_
#define OARLOCK_SERVER_PROTOCOL_SHARED_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/descriptor.h"
#include "base/limits.h"

namespace oarlock {

struct SharedMemoryRow {
  std::string name;
  std::string key;  // "/my_object"
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
};

class SharedMemoryRegion {
 public:
  // `object` is open for reading and writing, and holds the region.
  SharedMemoryRegion(SharedMemoryRow row, Descriptor object) : row_(std::move(row)), object_(std::move(object)) {}

  const SharedMemoryRow& row() const { return row_; }
  // INVALID_ARGUMENT unless these bytes, counted from its begin, are the region's.
  absl::Status CheckPart(uint64_t offset, uint64_t size_bytes) const;
  // Copies. Errors too if the object has become smaller than the region.
  absl::Status Read(uint64_t offset, std::span<std::byte> to) const;
  absl::Status Write(uint64_t offset, std::span<const std::byte> from) const;

 private:
  absl::Status Shrunk() const;

  const SharedMemoryRow row_;
  const Descriptor object_;
};

class SharedMemory {
 public:
  SharedMemory(bool allowed, const Limits& limits) : allowed_(allowed), limits_(limits) {}

  bool allowed() const { return allowed_; }
  // SharedMemoryDisabled(), as everything here, if it is off.
  absl::Status CheckAllowed() const;

  // ALREADY_EXISTS for a name that is taken, NOT_FOUND if there is no such object of this user's, INVALID_ARGUMENT for
  // a key or a name that is none and for bytes that the object has not, RESOURCE_EXHAUSTED beyond a limit.
  absl::Status Register(SharedMemoryRow row);
  // One that there is not is no error.
  absl::Status Unregister(std::string_view name);
  absl::Status UnregisterAll();
  // By name; all if `name` is empty. NOT_FOUND for one that there is not. Errors never name any other.
  absl::StatusOr<std::vector<SharedMemoryRow>> Rows(std::string_view name) const;
  absl::StatusOr<std::shared_ptr<const SharedMemoryRegion>> Find(std::string_view name) const;

 private:
  absl::Status CheckRoom(const SharedMemoryRow& row) const;

  const bool allowed_;
  const Limits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const SharedMemoryRegion>, std::less<>> regions_;  // this and below by mutex_
  uint64_t size_bytes_ = 0;
};

// UNIMPLEMENTED; says how to start the server so that there is shared memory.
absl::Status SharedMemoryDisabled();

// CUDA's shared memory: there is none, since engines compute on CPUs. What its registration answers; a question for its
// regions has none to tell, and there is nothing to unregister.
absl::Status CudaSharedMemoryUnsupported();

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_SHARED_MEMORY_H_
