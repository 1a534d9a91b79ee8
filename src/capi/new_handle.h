// The handle of an object that is being made: reserved before anything is done, so that what was done need not be
// undone for want of a handle. One thread.
#ifndef OARLOCK_CAPI_NEW_HANDLE_H_
#define OARLOCK_CAPI_NEW_HANDLE_H_

#include <memory>
#include <utility>

#include "base/status.h"
#include "capi/handle_table.h"

namespace oarlock::capi {

template <typename T>
class NewHandle {
 public:
  NewHandle() = default;
  NewHandle(NewHandle&& other) noexcept
      : slot_(std::exchange(other.slot_, nullptr)), object_(std::move(other.object_)) {}
  NewHandle& operator=(NewHandle&&) = delete;
  ~NewHandle() {
    if (slot_ != nullptr) HandleTable::Get().GiveBack(slot_);
  }

  absl::Status Reserve() {
    OAR_ASSIGN_OR_RETURN(slot_, HandleTable::Get().Reserve());
    return absl::OkStatus();
  }
  // What the handle will name.
  std::shared_ptr<T>* object() { return &object_; }
  // From here on the handle is the caller's.
  void Publish(typename TagOf<T>::Handle* out) noexcept {
    out->value = HandleTable::Get().Fill(std::exchange(slot_, nullptr), TagOf<T>::kTag, std::move(object_));
  }

 private:
  HandleTable::Slot* slot_ = nullptr;
  std::shared_ptr<T> object_;
};

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_NEW_HANDLE_H_
