// An argument that is a handle, for the length of a call: the object stays while this lives, whoever destroys its
// handle meanwhile. One thread; movable.
#ifndef OARLOCK_CAPI_PINNED_H_
#define OARLOCK_CAPI_PINNED_H_

#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "base/status.h"
#include "capi/handle_table.h"

namespace oarlock::capi {

template <typename T>
class Pinned {
 public:
  Pinned() = default;
  Pinned(Pinned&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)), use_(other.use_) {}
  Pinned& operator=(Pinned&&) = delete;
  ~Pinned() {
    if (slot_ != nullptr) HandleTable::Get().Unpin(slot_, use_);
  }

  // `name` is the argument's, for messages.
  absl::Status Pin(uint64_t handle, const char* name) { return Take(handle, HandleTable::Use::kShared, name); }
  // Refuses while another thread has it so.
  absl::Status PinOwned(uint64_t handle, const char* name) { return Take(handle, HandleTable::Use::kOwned, name); }
  // 0 is legal and leaves this empty.
  absl::Status PinOptional(uint64_t handle, const char* name) {
    return handle == 0 ? absl::OkStatus() : Pin(handle, name);
  }

  explicit operator bool() const { return slot_ != nullptr; }
  T* get() const { return static_cast<T*>(slot_->object.get()); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  // For what needs the object beyond the call.
  std::shared_ptr<T> share() const { return std::static_pointer_cast<T>(slot_->object); }

 private:
  absl::Status Take(uint64_t handle, HandleTable::Use use, const char* name) {
    slot_ = HandleTable::Get().Pin(handle, TagOf<T>::kTag, use);
    use_ = use;
    return slot_ != nullptr ? absl::OkStatus() : HandleTable::Get().Refusal(handle, TagOf<T>::kTag, use, name);
  }

  HandleTable::Slot* slot_ = nullptr;
  HandleTable::Use use_ = HandleTable::Use::kShared;
};

// No model has so many inputs or outputs: a larger count is a mistake, and nothing is read by it.
inline constexpr size_t kTensorsMax = 65'536;

template <typename T>
class PinnedList {
 public:
  template <typename Handle>
  absl::Status Pin(const Handle* handles, size_t count, const char* name) {
    OAR_RETURN_IF_ERROR(Reserve(count, name));
    for (size_t i = 0; i < count; ++i) {
      OAR_RETURN_IF_ERROR(Annotated(pinned_.emplace_back().Pin(handles[i].value, name), i));
    }
    return absl::OkStatus();
  }
  // Elements that are 0 stay empty.
  template <typename Handle>
  absl::Status PinOptional(const Handle* handles, size_t count, const char* name) {
    OAR_RETURN_IF_ERROR(Reserve(count, name));
    for (size_t i = 0; i < count; ++i) {
      OAR_RETURN_IF_ERROR(Annotated(pinned_.emplace_back().PinOptional(handles[i].value, name), i));
    }
    return absl::OkStatus();
  }

  size_t size() const { return pinned_.size(); }
  const Pinned<T>& operator[](size_t index) const { return pinned_[index]; }
  auto begin() const { return pinned_.begin(); }
  auto end() const { return pinned_.end(); }

 private:
  absl::Status Reserve(size_t count, const char* name) {
    if (count > kTensorsMax)
      return InvalidArgument("'{}' has {} elements; at most {} are possible", name, count, kTensorsMax);
    pinned_.reserve(count);
    return absl::OkStatus();
  }
  static absl::Status Annotated(absl::Status status, size_t index) {
    return status.ok() ? status : Annotate(status, fmt::format("element {}", index));
  }

  absl::InlinedVector<Pinned<T>, 8> pinned_;
};

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_PINNED_H_
