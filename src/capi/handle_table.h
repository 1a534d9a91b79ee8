// Handles of the C API: numbers that name objects, so that a stale, foreign or made-up one is an error and never a wild
// pointer. A handle holds the object's type, a slot and that slot's generation; slots are reused, generations are not.
//
//   OAR_ASSIGN_OR_RETURN(Slot* const slot, table.Reserve());     // RESOURCE_EXHAUSTED if none is left
//   const uint64_t handle = table.Fill(slot, Tag::kTensor, object);
//   Slot* slot = table.Pin(handle, Tag::kTensor, ...);           // one atomic operation; the object stays
//   table.Unpin(slot, ...);                                      // the last one after Destroy() frees it
//   table.Destroy(handle, Tag::kTensor);                         // exactly one of several callers succeeds
//
// Thread-safe. Memory of slots is never given back, so that looking one up is always legal.
#ifndef OARLOCK_CAPI_HANDLE_TABLE_H_
#define OARLOCK_CAPI_HANDLE_TABLE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "capi/generated/tags.h"

namespace oarlock::capi {

class HandleTable {
 public:
  // A line of the cache each: threads that use objects of their own do not slow each other down.
  struct alignas(64) Slot {
    std::atomic<uint64_t> state{0};
    std::shared_ptr<void> object;  // changed by whoever makes or frees, which is one thread
    std::atomic<Tag> tag{};
    uint32_t index = 0;
    Slot* next_free = nullptr;
  };
  enum class Use { kShared, kOwned };

  static HandleTable& Get();

  // A slot for an object that is still to be made, so that nothing can fail once it is. Then one of the two below.
  absl::StatusOr<Slot*> Reserve();
  // The handle; never 0.
  uint64_t Fill(Slot* slot, Tag tag, std::shared_ptr<void> object) noexcept;
  void GiveBack(Slot* slot) noexcept;
  // `name` is the argument's, for the message. INVALID_ARGUMENT: no handle, or another type's; FAILED_PRECONDITION: the
  // object was destroyed, or another thread owns it.
  absl::StatusOr<Slot*> Pin(uint64_t handle, Tag tag, Use use, const char* name);
  void Unpin(Slot* slot, Use use) noexcept;
  absl::Status Destroy(uint64_t handle, Tag tag, const char* name);
  // Alive now.
  size_t count(Tag tag) const { return counts_[static_cast<size_t>(tag)].load(std::memory_order_relaxed); }

 private:
  static constexpr uint32_t kSlotsInChunk = 256;
  static constexpr uint32_t kChunks = 16'384;

  HandleTable() = default;
  Slot* Find(uint64_t handle) const;
  void Free(Slot* slot, uint64_t state) noexcept;
  absl::Status Refusal(uint64_t handle, Tag tag, const char* name) const;

  std::array<std::atomic<Slot*>, kChunks> chunks_{};
  std::array<std::atomic<size_t>, kTagCount> counts_{};
  std::mutex mutex_;
  Slot* free_ = nullptr;  // guarded by mutex_, as is what is below
  uint32_t chunk_count_ = 0;
};

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_HANDLE_TABLE_H_
