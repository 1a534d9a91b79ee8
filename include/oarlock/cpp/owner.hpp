// What all objects of this wrapper are: the one owner of a handle, which ends it. And the structs of the C API with
// their size filled in.
//
//   oarlock::LoadOptions options;              zero, which is the default of every field
//   options.engine = "onnxruntime";
//   oar_predictor handle = predictor.handle(); for calls of the C API; it stays the owner's
//   oar_predictor mine = predictor.Detach();   mine to destroy
//
// Objects can be moved, not copied. One that was moved from holds no handle, and its calls give OAR_INVALID_ARGUMENT.
#ifndef OARLOCK_CPP_OWNER_HPP_
#define OARLOCK_CPP_OWNER_HPP_

#include <utility>

#include "oarlock/oarlock.h"

namespace oarlock {
inline namespace v1 {

// A struct of the C API; its fields are described there (oarlock.h). Strings in it are borrowed.
template <typename S>
struct Sized : S {
  Sized() noexcept : S{} { this->struct_size = sizeof(S); }
};

template <typename Handle, oar_code (*kEnd)(Handle, oar_error**)>
class Owner {
 public:
  Owner() noexcept = default;
  explicit Owner(Handle handle) noexcept : handle_(handle) {}
  Owner(Owner&& other) noexcept : handle_(other.Detach()) {}
  Owner& operator=(Owner&& other) noexcept {
    if (this != &other) {
      Reset();
      handle_ = other.Detach();
    }
    return *this;
  }
  ~Owner() { Reset(); }

  Handle handle() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return handle_.value != 0; }
  Handle Detach() noexcept { return std::exchange(handle_, Handle{}); }
  // Ends it now.
  void Reset() noexcept {
    if (handle_.value != 0) kEnd(Detach(), nullptr);
  }

 private:
  Handle handle_{};
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_OWNER_HPP_
