// Who may do what: the keys that are set at the moment, if any. One filter for all protocols: each asks it before it
// looks at anything else of a request.
//
//   Access access;                                          // everything is allowed
//   OAR_RETURN_IF_ERROR(access.Load("keys.yaml", limits, &warnings));
//   OAR_RETURN_IF_ERROR(access.Admit(GroupOf(method, target), {authorization, api_key}));
//
// Thread-safe: requests see the old keys or the new ones.
#ifndef OARLOCK_SERVER_PROTOCOL_ACCESS_H_
#define OARLOCK_SERVER_PROTOCOL_ACCESS_H_

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/protocol/access_keys.h"

namespace oarlock {

// What a request says for itself, in headers or in gRPC's metadata: `authorization: Bearer KEY` or `x-api-key: KEY`.
// What comes twice is joined with a comma, which no key holds.
struct Credentials {
  std::optional<std::string> authorization;
  std::optional<std::string> api_key;
};

class Access {
 public:
  // From here on the keys of that file count. An error leaves those that did before; it names the file and the line,
  // and no key.
  absl::Status Load(const std::filesystem::path& path, const Limits& limits, std::vector<std::string>* warnings);
  // Are no keys set, and everything allowed?
  bool is_open() const { return keys() == nullptr; }

  // INVALID_ARGUMENT if there is doubt about which key is meant; else as Check().
  absl::Status Admit(AccessGroup group, const Credentials& credentials) const;
  // UNAUTHENTICATED without a key, PERMISSION_DENIED with one that is not known or not of the group: which of the two,
  // it does not say.
  absl::Status Check(AccessGroup group, std::optional<std::string_view> key) const;

 private:
  std::shared_ptr<const AccessKeys> keys() const;

  mutable std::mutex mutex_;
  std::shared_ptr<const AccessKeys> keys_;  // guarded by mutex_; null = everything is allowed
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_ACCESS_H_
