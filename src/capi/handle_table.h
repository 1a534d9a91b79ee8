// Handles of the C API: numbers that name objects, so that a stale, foreign or made-up one is an error and never a wild
// pointer. A handle holds the object's type, a slot and that slot's generation; slots are reused, generations are not.
//
//   OAR_ASSIGN_OR_RETURN(Slot* const slot, table.Reserve());     // RESOURCE_EXHAUSTED if none is left
//   const uint64_t handle = table.Fill(slot, Tag::kTensor, object);
//   Slot* slot = table.Pin(handle, Tag::kTensor, use);           // one atomic operation; the object stays
//   table.Unpin(slot, use);                                      // the last one after Destroy() frees it
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

  static HandleTable& Get() noexcept;
  constexpr HandleTable() = default;
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  // A slot for an object that is still to be made, so that nothing can fail once it is. Then one of the two below.
  absl::StatusOr<Slot*> Reserve();
  // The handle; never 0.
  uint64_t Fill(Slot* slot, Tag tag, std::shared_ptr<void> object) noexcept;
  void GiveBack(Slot* slot) noexcept;
  // Null if the handle names nothing that can be used so; Refusal() says why.
  Slot* Pin(uint64_t handle, Tag tag, Use use) noexcept {
    Slot* const slot = handle >> kTagShift == static_cast<uint64_t>(tag) ? Find(handle) : nullptr;
    if (slot == nullptr) return nullptr;
    uint64_t state = slot->state.load(std::memory_order_acquire);
    do {
      if (!Names(*slot, state, handle, tag) || (use == Use::kOwned && (state & kOwned) != 0)) return nullptr;
    } while (!slot->state.compare_exchange_weak(state, state + UnitOf(use), std::memory_order_acquire));
    return slot;
  }
  void Unpin(Slot* slot, Use use) noexcept {
    const uint64_t before = slot->state.fetch_sub(UnitOf(use), std::memory_order_acq_rel);
    if ((before & kDying) != 0 && (before & kPins) == 1) Free(slot, before);
  }
  // Why a handle was not pinned. `name` is the argument's. INVALID_ARGUMENT: no handle, or another type's;
  // FAILED_PRECONDITION: the object was destroyed, or another thread owns it.
  absl::Status Refusal(uint64_t handle, Tag tag, Use use, const char* name) const;
  absl::Status Destroy(uint64_t handle, Tag tag, const char* name);
  // Alive now.
  size_t count(Tag tag) const { return counts_[static_cast<size_t>(tag)].load(std::memory_order_relaxed); }

 private:
  static constexpr uint32_t kSlotsInChunk = 256;
  static constexpr uint32_t kChunks = 16'384;

  // A slot's state: generation in the upper half, then flags and the count of pins.
  static constexpr uint64_t kGeneration = uint64_t{0xFFFF'FFFF} << 32;
  static constexpr uint64_t kGenerationStep = uint64_t{1} << 32;
  static constexpr uint64_t kLive = uint64_t{1} << 31;   // it has an object
  static constexpr uint64_t kDying = uint64_t{1} << 30;  // Destroy() was called
  static constexpr uint64_t kOwned = uint64_t{1} << 29;  // by one thread
  static constexpr uint64_t kPins = kOwned - 1;
  // A handle: the type in the uppermost byte, the generation in the lower half, the slot in between.
  static constexpr int kTagShift = 56;
  static constexpr int kSlotShift = 32;
  static constexpr uint64_t kSlotMask = 0xFF'FFFF;

  static constexpr uint64_t UnitOf(Use use) { return use == Use::kOwned ? kOwned + 1 : 1; }
  // Does a handle name what the slot held when `state` was read? If that state still stands afterwards, it does; the
  // type is looked at because a number may be made up.
  static bool Names(const Slot& slot, uint64_t state, uint64_t handle, Tag tag) {
    return (state & kGeneration) == handle << 32 && (state & (kLive | kDying)) == kLive &&
           slot.tag.load(std::memory_order_relaxed) == tag;
  }

  Slot* Find(uint64_t handle) const {
    const uint64_t index = handle >> kSlotShift & kSlotMask;
    if (index >= uint64_t{kChunks} * kSlotsInChunk) return nullptr;
    Slot* const chunk = chunks_[index / kSlotsInChunk].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + index % kSlotsInChunk;
  }
  void Free(Slot* slot, uint64_t state) noexcept;

  std::array<std::atomic<Slot*>, kChunks> chunks_{};
  std::array<std::atomic<size_t>, kTagCount> counts_{};
  std::mutex mutex_;
  Slot* free_ = nullptr;  // guarded by mutex_, as is what is below
  uint32_t chunk_count_ = 0;
};

// Of the process; there before main() and after it, as handles may be.
extern HandleTable process_handles;
inline HandleTable& HandleTable::Get() noexcept { return process_handles; }

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_HANDLE_TABLE_H_
