// Bytes of the fuzzer as arguments of the C API: numbers that matter, memory of exactly the size that is claimed,
// texts, and handles that are live, stale, zero or of another type. generated/capi_calls.h makes calls of these.
#ifndef OARLOCK_FUZZ_CAPI_INPUT_H_
#define OARLOCK_FUZZ_CAPI_INPUT_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace oarlock::fuzz {

inline void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "capi: %s\n", what);
  std::abort();
}

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  Input(const Input&) = delete;

  bool more() const { return position_ < size_; }
  uint8_t Byte() { return more() ? data_[position_++] : 0; }
  size_t Below(size_t limit) { return Byte() % limit; }
  // So that most calls get beyond their first check.
  bool Rarely() { return Below(16) == 15; }

  // Mostly small, sometimes at an end of the type, sometimes anything.
  template <typename T>
  T Number() {
    switch (Below(8)) {
      case 0:
        return std::array<T, 4>{std::numeric_limits<T>::max(), std::numeric_limits<T>::lowest(), static_cast<T>(-1),
                                static_cast<T>(1) / 2}[Below(4)];
      case 1: {
        T value;
        std::array<uint8_t, sizeof(T)> bytes;
        for (uint8_t& byte : bytes) byte = Byte();
        std::memcpy(&value, bytes.data(), sizeof(value));
        return value;
      }
      default:
        return static_cast<T>(Byte() % 2 == 0 ? Below(3) : Below(17));
    }
  }

  // Elements of an array that follows; negative where the type can be, which the library has to refuse.
  template <typename T>
  T Count(size_t limit) {
    if (std::is_signed_v<T> && Rarely()) return static_cast<T>(-1);
    return static_cast<T>(limit > 256 && Byte() % 2 == 0 ? Below(256) * limit / 256
                                                         : Below(std::min<size_t>(limit, 9)));
  }

  // A block of its own for each array, so that AddressSanitizer sees the first byte beyond it.
  template <typename T, typename Size>
  T* Array(Size count) {
    if (Rarely()) return nullptr;
    const size_t elements = count > 0 ? static_cast<size_t>(count) : 0;
    const size_t size_bytes = elements * sizeof(T);
    auto* const block = static_cast<T*>(std::malloc(std::max<size_t>(size_bytes, 1)));
    blocks_.emplace_back(block, &std::free);
    std::memset(static_cast<void*>(block), 0, size_bytes);
    return block;
  }
  template <typename T, typename Size>
  T* Numbers(Size count) {
    T* const numbers = Array<T>(count);
    for (Size i = 0; numbers != nullptr && i < count; ++i) numbers[i] = Number<T>();
    return numbers;
  }
  template <typename Size>
  unsigned char* Bytes(Size count) {
    auto* const bytes = Array<unsigned char>(count);
    for (Size i = 0; bytes != nullptr && i < count && more(); ++i) bytes[i] = Byte();
    return bytes;
  }

  // NUL-terminated: the example, a text that means something to some function, or anything.
  const char* Text(const char* example) {
    constexpr std::array<const char*, 10> known = {
        "",     "auto", "cpu",   "fake",      "none",
        "FP32", "x",    "BYTES", "/dev/null", OARLOCK_SOURCE_DIR "/tests/models/fake/add.fake"};
    if (Rarely()) return nullptr;
    const size_t which = Below(known.size() + 2);
    if (which < known.size()) return known[which];
    if (which == known.size()) return example;
    const size_t size = Below(32);
    char* const text = reinterpret_cast<char*>(Bytes(size + 1));
    if (text != nullptr) text[size] = '\0';
    return text;
  }

  // Never more than there is: the library believes the caller's size. Older headers' sizes are whole words.
  size_t StructSize(size_t size) {
    constexpr size_t word = sizeof(size_t);
    switch (Below(16)) {
      case 0:
        return Below(word);
      case 1:
        return word * (1 + Below(size / word));
      default:
        return size;
    }
  }

  template <typename T>
  T* OrNull(T* pointer) {
    return Rarely() ? nullptr : pointer;
  }
  // Where NULL is legal.
  template <typename T>
  T* Maybe(T* pointer) {
    return Byte() % 2 == 0 ? nullptr : pointer;
  }

 private:
  const uint8_t* data_;
  size_t size_;
  size_t position_ = 0;
  std::vector<std::unique_ptr<void, decltype(&std::free)>> blocks_;
};

// The number of a handle's type among all types; generated.
template <typename Handle>
struct KindOf;

// All handles that were made in one run of the fuzzer.
class Pool {
 public:
  explicit Pool(size_t kinds) : live_(kinds) {}

  template <typename Handle>
  void Add(Handle handle) {
    Require(handle.value != 0, "a call succeeded and gave no handle");
    live_[KindOf<Handle>::value].push_back(handle.value);
  }
  template <typename Handle>
  void Ended(Handle handle) {
    std::vector<uint64_t>& live = live_[KindOf<Handle>::value];
    const auto found = std::find(live.begin(), live.end(), handle.value);
    Require(found != live.end(), "a handle was ended twice");
    live.erase(found);
    stale_.push_back(handle.value);
  }

  // Mostly live.
  template <typename Handle>
  Handle Pick(Input& input) {
    switch (input.Below(12)) {
      case 0:
        return {0};
      case 1:
        return {OneOf(input, stale_)};
      case 2:
        return {OneOf(input, live_[input.Below(live_.size())])};
      case 3:
        return {input.Number<uint64_t>()};
      default:
        return {OneOf(input, live_[KindOf<Handle>::value])};
    }
  }

  // An array that a call may write new handles to; Collect() finds them afterwards.
  template <typename Handle, typename Size>
  Handle* List(Input& input, Size count) {
    Handle* const list = input.Array<Handle>(count);
    for (Size i = 0; list != nullptr && i < count; ++i) {
      list[i] = Pick<Handle>(input);
      Handle* const at = list + i;
      watched_.push_back([this, at, before = *at] {
        if (at->value != before.value) Add(*at);
      });
    }
    return list;
  }
  void Collect() {
    for (const auto& look : watched_) look();
    watched_.clear();
  }

  template <typename Handle, typename End>
  void EndAll(End end) {
    for (const uint64_t value : live_[KindOf<Handle>::value]) end(Handle{value});
    live_[KindOf<Handle>::value].clear();
  }

 private:
  static uint64_t OneOf(Input& input, const std::vector<uint64_t>& values) {
    return values.empty() ? 0 : values[input.Below(values.size())];
  }

  std::vector<std::vector<uint64_t>> live_;
  std::vector<uint64_t> stale_;
  std::vector<std::function<void()>> watched_;
};

}  // namespace oarlock::fuzz

#endif  // OARLOCK_FUZZ_CAPI_INPUT_H_
