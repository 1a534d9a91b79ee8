// What C passes as an address and a count, as C++ views of it. Entries check the address first; NULL is an empty view
// here, whatever the count, because an argument that may be NULL says so by its address alone.
#ifndef OARLOCK_CAPI_SPAN_H_
#define OARLOCK_CAPI_SPAN_H_

#include <cstddef>
#include <span>
#include <string_view>

namespace oarlock::capi {

template <typename T, typename Count>
std::span<T> SpanOf(T* data, Count count) {
  return data == nullptr ? std::span<T>() : std::span<T>(data, static_cast<size_t>(count));
}

template <typename Count>
std::span<const std::byte> BytesOf(const void* data, Count count) {
  return SpanOf(static_cast<const std::byte*>(data), count);
}

template <typename Count>
std::span<std::byte> BytesOf(void* data, Count count) {
  return SpanOf(static_cast<std::byte*>(data), count);
}

inline std::string_view TextOf(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

template <typename Count>
std::string_view TextOf(const char* text, Count count) {
  return text == nullptr ? std::string_view() : std::string_view(text, static_cast<size_t>(count));
}

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_SPAN_H_
