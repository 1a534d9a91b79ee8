// What every function of the C API does around its body: refuses after a fork, checks pointers, structs and handles,
// turns a status into a code and a text, lets no exception out. The entries in generated/ are made of these.
#ifndef OARLOCK_CAPI_CALL_H_
#define OARLOCK_CAPI_CALL_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "base/status.h"
#include "capi/error.h"
#include "capi/fork.h"
#include "capi/new_handle.h"
#include "capi/pinned.h"
#include "oarlock/oarlock.h"

namespace oarlock::capi {

// Runs `body`, which answers with a status.
template <typename Body>
oar_code CallAfterFork(oar_error** error, const char* function, Body&& body) noexcept {
  try {
    const absl::Status status = body();
    if (status.ok()) [[likely]]
      return OAR_OK;
    return Report(status, error);
  } catch (...) {
    return ReportException(function, error);
  }
}

template <typename Body>
oar_code Call(oar_error** error, const char* function, Body&& body) noexcept {
  if (HasForked()) [[unlikely]]
    return ReportFork(error);
  return CallAfterFork(error, function, std::forward<Body>(body));
}

absl::Status IsNull(const char* name);
absl::Status IsNullWithCount(const char* name, size_t count);
absl::Status IsNegative(const char* name, int64_t count);
absl::Status HasStructSize(const char* name, size_t found, size_t wanted);
absl::Status IsFromTheFuture(const char* name, size_t found, size_t known);
absl::Status IsNoValue(int64_t value, const char* name, const char* type);

inline absl::Status NeedPointer(const void* pointer, const char* name) {
  return pointer != nullptr ? absl::OkStatus() : IsNull(name);
}

// NULL is legal where there is nothing.
template <typename Count>
absl::Status NeedArray(const void* data, Count count, const char* name) {
  if constexpr (std::is_signed_v<Count>) {
    if (count < 0) return IsNegative(name, count);
  }
  return data != nullptr || count == 0 ? absl::OkStatus() : IsNullWithCount(name, static_cast<size_t>(count));
}

// One that some header may have: no struct ends within a field.
template <typename S>
bool IsStructSize(size_t given) {
  return given >= sizeof(size_t) && given % alignof(S) == 0;
}

// A struct of a caller that may be built with an older header (what it lacks is zero), or a newer one (what is unknown
// here must be zero). NULL, where it is legal, is all zeros.
template <typename S>
absl::Status ReadStruct(const S* in, const char* name, S* out) {
  std::memset(static_cast<void*>(out), 0, sizeof(S));
  out->struct_size = sizeof(S);
  if (in == nullptr) return absl::OkStatus();
  const size_t given = in->struct_size;
  if (!IsStructSize<S>(given)) return HasStructSize(name, given, sizeof(S));
  const auto* const bytes = reinterpret_cast<const unsigned char*>(in);
  for (size_t i = sizeof(S); i < given; ++i) {
    if (i == sizeof(S) + 4096) return HasStructSize(name, given, sizeof(S));  // no struct grows by so much
    if (bytes[i] != 0) return IsFromTheFuture(name, given, sizeof(S));
  }
  std::memcpy(static_cast<void*>(out), in, std::min(given, sizeof(S)));
  out->struct_size = sizeof(S);
  return absl::OkStatus();
}

// A struct that is written: as much of it as the caller's header knows.
template <typename S>
absl::Status NeedStruct(const S* out, const char* name) {
  if (out == nullptr) return IsNull(name);
  return IsStructSize<S>(out->struct_size) ? absl::OkStatus() : HasStructSize(name, out->struct_size, sizeof(S));
}
template <typename S>
void WriteStruct(const S& made, S* out) {
  const size_t given = out->struct_size;
  std::memcpy(static_cast<void*>(out), &made, std::min(given, sizeof(S)));
  out->struct_size = given;
}

inline absl::Status CheckEnum(int64_t value, std::span<const int64_t> legal, const char* name, const char* type) {
  return std::find(legal.begin(), legal.end(), value) != legal.end() ? absl::OkStatus() : IsNoValue(value, name, type);
}

template <typename T>
absl::Status Destroy(uint64_t handle, const char* name) {
  return HandleTable::Get().Destroy(handle, TagOf<T>::kTag, name);
}

// The object gets another handle and the old one ends; exactly one of several callers succeeds.
template <typename T, typename Handle>
absl::Status Move(uint64_t handle, const char* name, Handle* out) {
  NewHandle<T> moved;
  OAR_RETURN_IF_ERROR(moved.Reserve());
  {
    Pinned<T> pinned;
    OAR_RETURN_IF_ERROR(pinned.Pin(handle, name));
    *moved.object() = pinned.share();
  }
  OAR_RETURN_IF_ERROR(Destroy<T>(handle, name));
  moved.Publish(out);
  return absl::OkStatus();
}

}  // namespace oarlock::capi

#endif  // OARLOCK_CAPI_CALL_H_
