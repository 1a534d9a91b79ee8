#include "capi/handle_table.h"

#include <type_traits>

#include "base/status.h"

namespace oarlock::capi {

static_assert(std::is_trivially_destructible_v<HandleTable>);
constinit HandleTable process_handles;

absl::StatusOr<HandleTable::Slot*> HandleTable::Reserve() {
  const std::lock_guard lock(mutex_);
  if (free_ == nullptr) {
    if (chunk_count_ == kChunks) {
      return ResourceExhausted("{} handles are in use; destroy those that are not needed", kChunks * kSlotsInChunk);
    }
    Slot* const chunk = new Slot[kSlotsInChunk];
    for (uint32_t i = kSlotsInChunk; i-- > 0;) {
      chunk[i].index = chunk_count_ * kSlotsInChunk + i;
      chunk[i].next_free = free_;
      free_ = &chunk[i];
    }
    chunks_[chunk_count_++].store(chunk, std::memory_order_release);
  }
  Slot* const slot = free_;
  free_ = slot->next_free;
  return slot;
}

uint64_t HandleTable::Fill(Slot* slot, Tag tag, std::shared_ptr<void> object) noexcept {
  slot->object = std::move(object);
  slot->tag.store(tag, std::memory_order_relaxed);
  counts_[static_cast<size_t>(tag)].fetch_add(1, std::memory_order_relaxed);
  const uint64_t generation = slot->state.load(std::memory_order_relaxed) & kGeneration;
  slot->state.store(generation | kLive, std::memory_order_release);
  return static_cast<uint64_t>(tag) << kTagShift | uint64_t{slot->index} << kSlotShift | generation >> 32;
}

absl::Status HandleTable::Destroy(uint64_t handle, Tag tag, const char* name) {
  Slot* const slot = handle >> kTagShift == static_cast<uint64_t>(tag) ? Find(handle) : nullptr;
  if (slot == nullptr) return Refusal(handle, tag, Use::kShared, name);
  uint64_t state = slot->state.load(std::memory_order_acquire);
  do {
    if (!Names(*slot, state, handle, tag)) return Refusal(handle, tag, Use::kShared, name);
  } while (!slot->state.compare_exchange_weak(state, (state | kDying) + 1, std::memory_order_acq_rel));
  counts_[static_cast<size_t>(tag)].fetch_sub(1, std::memory_order_relaxed);
  Unpin(slot, Use::kShared);
  return absl::OkStatus();
}

void HandleTable::Free(Slot* slot, uint64_t state) noexcept {
  // What the object's end calls may use the table: nothing is held, and the slot is free already.
  std::shared_ptr<void> object = std::move(slot->object);
  slot->object.reset();
  const uint64_t generation = (state & kGeneration) + kGenerationStep;
  slot->state.store(generation, std::memory_order_release);
  // A generation that came round again would make a stale handle good: such a slot is used no more.
  if (generation != 0) GiveBack(slot);
  object.reset();
}

void HandleTable::GiveBack(Slot* slot) noexcept {
  const std::lock_guard lock(mutex_);
  slot->next_free = free_;
  free_ = slot;
}

absl::Status HandleTable::Refusal(uint64_t handle, Tag tag, Use use, const char* name) const {
  if (handle == 0) return InvalidArgument("'{}' is 0, which is no {}; {}", name, NameOf(tag), MadeBy(tag));
  const uint64_t other = handle >> kTagShift;
  if (other != static_cast<uint64_t>(tag)) {
    return other > 0 && other < kTagCount
               ? InvalidArgument("'{}' is a handle of a {}; it must be one of a {}", name,
                                 NameOf(static_cast<Tag>(other)), NameOf(tag))
               : InvalidArgument("'{}' is {:#x}, which is no handle; {}", name, handle, MadeBy(tag));
  }
  const Slot* const slot = Find(handle);
  if (slot == nullptr) return InvalidArgument("'{}' is {:#x}, which is no handle; {}", name, handle, MadeBy(tag));
  if (use == Use::kOwned && Names(*slot, slot->state.load(std::memory_order_acquire), handle, tag)) {
    return FailedPrecondition("'{}' is in use by another thread; a {} belongs to one thread at a time", name,
                              NameOf(tag));
  }
  return FailedPrecondition("'{}' was destroyed already; its handle names nothing any more", name);
}

}  // namespace oarlock::capi
