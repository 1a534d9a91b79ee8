// What needs no handle: version, codes, element types, counts.
#include "base/clock.h"
#include "base/codes.h"
#include "base/file.h"
#include "base/install.h"
#include "base/status.h"
#include "capi/generated/bodies.h"
#include "tensor/dtype.h"

namespace oarlock::capi {
namespace {

// Part of "1.2.3", from 0.
constexpr uint32_t VersionPart(std::string_view text, int part) {
  uint32_t value = 0;
  for (const char c : text) {
    if (c == '.') {
      if (part-- == 0) break;
      value = 0;
    } else {
      value = value * 10 + static_cast<uint32_t>(c - '0');
    }
  }
  return value;
}
constexpr std::string_view kVersion = OARLOCK_VERSION;
static_assert(VersionPart("12.3.45", 0) == 12 && VersionPart("12.3.45", 1) == 3 && VersionPart("12.3.45", 2) == 45);

bool LiesBeside(const char* library) { return KindOf(PrivateLibraryDirectory() / library) == PathKind::kFile; }

}  // namespace

uint32_t Version() { return VersionPart(kVersion, 0) << 16 | VersionPart(kVersion, 1) << 8 | VersionPart(kVersion, 2); }

const char* VersionString() { return OARLOCK_VERSION; }

uint64_t Features() {
  // Looks at files, and so may want memory; without it, what lies there cannot be opened either.
  try {
    uint64_t features = OAR_FEATURE_DLPACK;
    if (LiesBeside("liboarlock_importer.so")) features |= OAR_FEATURE_IMPORTER;
    if (LiesBeside("liboarlock_server.so")) features |= OAR_FEATURE_SERVER;
    return features;
  } catch (const std::exception&) {
    return OAR_FEATURE_DLPACK;
  }
}

int64_t MonotonicNowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::Steady().Now().time_since_epoch()).count();
}

size_t ObjectCount(oar_object kind) {
  return kind > 0 && kind < static_cast<oar_object>(kTagCount) ? HandleTable::Get().count(static_cast<Tag>(kind)) : 0;
}

// Names in these tables are literals, which end with a NUL.
const char* CodeName(oar_code code) { return RowOf(static_cast<absl::StatusCode>(code)).name.data(); }

int32_t CodeToErrno(oar_code code) { return RowOf(static_cast<absl::StatusCode>(code)).error_number; }

oar_code CodeFromErrno(int32_t error_number) { return static_cast<oar_code>(oarlock::CodeFromErrno(error_number)); }

const char* DtypeName(oar_dtype dtype) { return NameOf(static_cast<DType>(dtype)).data(); }

size_t DtypeSizeBytes(oar_dtype dtype) { return ElementSizeBytes(static_cast<DType>(dtype)); }

absl::Status DtypeFromName(std::string_view name, oar_dtype* dtype) {
  const auto found = DTypeFromName(name);
  if (!found) return NotFound("no element type is called '{}'; examples are FP32, INT64 and BYTES", Printable(name));
  *dtype = static_cast<oar_dtype>(*found);
  return absl::OkStatus();
}

oar_code ErrorCode(const oar_error* error) { return error == nullptr ? OAR_OK : error->code; }

const char* ErrorMessage(const oar_error* error) { return error == nullptr ? "" : error->message.c_str(); }

void ErrorFree(oar_error* error) { FreeError(error); }

}  // namespace oarlock::capi
