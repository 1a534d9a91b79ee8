// The body of a request that is one JSON object, or nothing. Pure; any thread.
//   OAR_RETURN_IF_ERROR(ReadJsonBody(call.body, limits, [](std::string_view key, JsonValue value) { ... }));
#ifndef OARLOCK_SERVER_HTTP_JSON_BODY_H_
#define OARLOCK_SERVER_HTTP_JSON_BODY_H_

#include <new>

#include "base/limits.h"
#include "server/http/body.h"
#include "server/http/infer_request_parser.h"
#include "server/http/json_reader.h"

namespace oarlock {

static_assert(kBodyPaddingBytes >= kJsonPaddingBytes);

// Calls `on_field(key, value)` for every field, as ReadJsonObject() does.
template <typename OnField>
absl::Status ReadJsonBody(const Body& body, const Limits& limits, OnField&& on_field) {
  if (body.size_bytes() == 0) return absl::OkStatus();
  try {
    JsonDocument document;
    const std::string_view text(reinterpret_cast<const char*>(body.bytes().data()), body.size_bytes());
    return document.ReadObject(text, limits.json_depth_max, on_field);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for a request of {} bytes", body.size_bytes());
  }
}

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_JSON_BODY_H_
