// Tensors: over your memory, over new memory, over texts; and lists of them for calls.
//
//   std::vector<float> values(16);
//   oarlock::Tensor x = oarlock::Tensor::Of(values, {1, 16}).value();        lends: `values` must outlive its use
//   oarlock::Tensor y = oarlock::Tensor::Allocate<float>({1, 16}).value();   64-byte aligned, not initialised
//   for (float value : y.As<float>().value()) ...
//
// Ownership: an object owns one handle; the memory goes, or is given back to who lent it, with the last handle, view,
// binding and run. Retain() makes a further handle to the same memory, Clone() a copy of the elements.
// Threads: any, for const functions at the same time. Who writes the elements, and when, is the callers' affair.
#ifndef OARLOCK_CPP_TENSOR_HPP_
#define OARLOCK_CPP_TENSOR_HPP_

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oarlock/cpp/owner.hpp"
#include "oarlock/cpp/result.hpp"
#include "oarlock/cpp/span.hpp"

namespace oarlock {
inline namespace v1 {

using TensorOptions = Sized<oar_tensor_options>;
using TensorDescription = Sized<oar_tensor_description>;

class Tensor : public Owner<oar_tensor, oar_tensor_release> {
 public:
  using Owner::Owner;

  static Result<Tensor> Allocate(oar_dtype dtype, const Dims& dims) {
    return Made(Get(oar_tensor{}, oar_tensor_allocate, dtype, dims.data(), dims.rank()));
  }
  template <typename T>
  static Result<Tensor> Allocate(const Dims& dims) {
    static_assert(kDtype<T> != OAR_DTYPE_INVALID, "no dtype stands for this type; specialise oarlock::kDtype");
    return Allocate(kDtype<T>, dims);
  }

  // Over memory that the caller keeps until nothing uses it any more. Memory that is const becomes read-only.
  template <typename T>
  static Result<Tensor> Of(Span<T> elements, const Dims& dims) {
    return Wrap(elements, dims, nullptr, nullptr);
  }
  // The same with release(), which is called once when the library needs the memory no longer: on any thread, and not
  // at all if this fails. It must not throw.
  template <typename T, typename Release>
  static Result<Tensor> Of(Span<T> elements, const Dims& dims, Release&& release) {
    using Callable = std::decay_t<Release>;
    auto owned = std::make_unique<Callable>(std::forward<Release>(release));
    const oar_release_fn call = [](void* user) noexcept {
      const std::unique_ptr<Callable> called(static_cast<Callable*>(user));
      (*called)();
    };
    Result<Tensor> tensor = Wrap(elements, dims, call, owned.get());
    if (tensor) (void)owned.release();
    return tensor;
  }
  // Of a vector, an array: of whatever has elements one after the other. Of an rvalue there is Take().
  template <typename C, typename... Release>
  static Result<Tensor> Of(C& elements, const Dims& dims, Release&&... release) {
    return Of(Span<std::remove_pointer_t<decltype(std::data(elements))>>(std::data(elements), std::size(elements)),
              dims, std::forward<Release>(release)...);
  }
  // The tensor becomes the owner of a vector (or the like), without a copy of its elements.
  template <typename C>
  static Result<Tensor> Take(C elements, const Dims& dims) {
    auto owned = std::make_unique<C>(std::move(elements));
    C& kept = *owned;
    return Of(kept, dims, [owned = std::move(owned)] {});
  }
  // Of BYTES in one dim, a copy of the texts: of whatever can be walked and has elements like std::string_view.
  template <typename C>
  static Result<Tensor> OfStrings(const C& texts) {
    std::vector<oar_string> elements;
    for (const std::string_view text : texts) elements.push_back({text.data(), text.size()});
    return Made(Get(oar_tensor{}, oar_tensor_from_strings, elements.data(), elements.size()));
  }
  static Result<Tensor> OfStrings(std::initializer_list<std::string_view> texts) {
    return OfStrings(Span<const std::string_view>(texts.begin(), texts.size()));
  }

  // Over the memory of a DLPack tensor, which stays the caller's if this fails; and as one, which its deleter ends.
  static Result<Tensor> FromDlpack(DLManagedTensor* managed) {
    return Made(Get(oar_tensor{}, oar_tensor_from_dlpack, managed));
  }
  static Result<Tensor> FromDlpack(DLManagedTensorVersioned* managed) {
    return Made(Get(oar_tensor{}, oar_tensor_from_dlpack_versioned, managed));
  }
  Result<DLManagedTensor*> ToDlpack() const {
    return Get(static_cast<DLManagedTensor*>(nullptr), oar_tensor_to_dlpack, handle());
  }
  Result<DLManagedTensorVersioned*> ToDlpackVersioned() const {
    return Get(static_cast<DLManagedTensorVersioned*>(nullptr), oar_tensor_to_dlpack_versioned, handle());
  }

  Result<TensorDescription> Describe() const { return Get(TensorDescription(), oar_tensor_describe, handle()); }
  // The elements where they lie, until the last handle to the memory is released. T is the element type, const T if
  // they must not be written.
  template <typename T>
  Result<Span<T>> As() const {
    const Result<TensorDescription> is = Describe();
    if (!is) return is.failure();
    if (is->dtype != kDtype<std::remove_cv_t<T>>) {
      return Failure(OAR_INVALID_ARGUMENT, std::string("the tensor is of ") + oar_dtype_name(is->dtype) + ", not of " +
                                               oar_dtype_name(kDtype<std::remove_cv_t<T>>));
    }
    if (!is->is_contiguous) return Failure(OAR_FAILED_PRECONDITION, "the elements are not contiguous; Clone() are");
    if (!std::is_const<T>::value && (is->flags & OAR_TENSOR_READ_ONLY) != 0) {
      return Failure(OAR_FAILED_PRECONDITION, "the tensor is read-only; As<const T>() is not refused");
    }
    if (reinterpret_cast<uintptr_t>(is->data) % alignof(T) != 0) {
      return Failure(OAR_FAILED_PRECONDITION, "the elements are not aligned; Clone() are");
    }
    return Span<T>(static_cast<T*>(is->data), is->size_bytes / sizeof(T));
  }
  // An element of a tensor of BYTES, until the last handle to the memory is released.
  Result<std::string_view> String(size_t index) const {
    const Result<oar_string> element = Get(oar_string{}, oar_tensor_string, handle(), index);
    if (!element) return element.failure();
    return std::string_view(element->data, element->size_bytes);
  }

  // Other tensors over the same memory.
  Result<Tensor> View(oar_dtype dtype, const Dims& dims, size_t offset_bytes = 0) const {
    return Made(Get(oar_tensor{}, oar_tensor_view, handle(), dtype, dims.data(), dims.rank(), offset_bytes));
  }
  Result<Tensor> Slice(int32_t dim, int64_t begin, int64_t end) const {
    return Made(Get(oar_tensor{}, oar_tensor_slice, handle(), dim, begin, end));
  }
  Result<Tensor> Retain() const { return Made(Get(oar_tensor{}, oar_tensor_retain, handle())); }
  Result<Tensor> To(const char* device) const { return Made(Get(oar_tensor{}, oar_tensor_to, handle(), device)); }

  // Copies of the elements, row-major without gaps.
  Result<Tensor> Clone() const { return Made(Get(oar_tensor{}, oar_tensor_clone, handle())); }
  Result<void> CopyFrom(const void* data, size_t size_bytes) const {
    return Call(oar_tensor_copy_from, handle(), data, size_bytes);
  }
  Result<void> CopyTo(void* data, size_t size_bytes) const {
    return Call(oar_tensor_copy_to, handle(), data, size_bytes);
  }

 private:
  static Result<Tensor> Made(const Result<oar_tensor>& handle) {
    if (!handle) return handle.failure();
    return Tensor(handle.value());
  }
  template <typename T>
  static Result<Tensor> Wrap(Span<T> elements, const Dims& dims, oar_release_fn release, void* user) {
    static_assert(kDtype<std::remove_cv_t<T>> != OAR_DTYPE_INVALID,
                  "no dtype stands for this type; specialise oarlock::kDtype");
    TensorOptions options;
    if (std::is_const<T>::value) options.flags = OAR_TENSOR_READ_ONLY;
    void* const data = const_cast<std::remove_cv_t<T>*>(elements.data());
    return Made(Get(oar_tensor{}, oar_tensor_wrap, data, elements.size_bytes(), kDtype<std::remove_cv_t<T>>,
                    dims.data(), dims.rank(), &options, release, user));
  }
};

// What a call takes: x, {x, y}, or a vector of tensors. It borrows them, so it is for the length of a call.
class TensorList {
 public:
  // A tensor in a list.
  struct Item {
    Item(const Tensor& tensor) noexcept : handle(tensor.handle()) {}
    oar_tensor handle;
  };

  TensorList() = default;
  explicit TensorList(size_t count) : size_(count), many_(count > kFewMax ? count : 0) {}  // of zero handles
  TensorList(const Tensor& tensor) : TensorList(size_t{1}) { *data() = tensor.handle(); }
  TensorList(std::initializer_list<Item> tensors) : TensorList(tensors.size()) {
    oar_tensor* next = data();
    for (const Item& tensor : tensors) *next++ = tensor.handle;
  }
  template <typename C, typename D = decltype(std::data(std::declval<const C&>())),
            typename = std::enable_if_t<std::is_convertible<D, const Tensor*>::value>>
  TensorList(const C& tensors) : TensorList(std::size(tensors)) {
    oar_tensor* next = data();
    for (const Tensor& tensor : tensors) *next++ = tensor.handle();
  }

  size_t size() const noexcept { return size_; }
  oar_tensor* data() noexcept { return many_.empty() ? few_ : many_.data(); }
  const oar_tensor* data() const noexcept { return many_.empty() ? few_ : many_.data(); }

 private:
  static constexpr size_t kFewMax = 8;
  size_t size_ = 0;
  oar_tensor few_[kFewMax] = {};
  std::vector<oar_tensor> many_;
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_TENSOR_HPP_
