// A set of API keys, and what each of them allows. Immutable; const use from any thread. Holds digests, not keys.
//
//   OAR_ASSIGN_OR_RETURN(const AccessKeys keys, AccessKeys::Parse(text, "keys.yaml", limits));
//   if (keys.Allows(AccessGroup::kInfer, "tKx0...")) ...
//
// The text is YAML: `infer: [key, ...]`, `read: [...]`, `control: [...]`. A key allows what the groups say that list
// it, and nothing else: one for everything stands in all three.
#ifndef OARLOCK_SERVER_PROTOCOL_ACCESS_KEYS_H_
#define OARLOCK_SERVER_PROTOCOL_ACCESS_KEYS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "server/protocol/access_group.h"

namespace oarlock {

class AccessKeys {
 public:
  // Keys that are shorter can be found by trying.
  static constexpr int64_t kKeyBytesMin = 16;

  // INVALID_ARGUMENT "file:line:column: ..." for what is no key or no group; it shows no key. A text without keys is an
  // error too: it is one that was cut off rather than one that lets nobody in.
  static absl::StatusOr<AccessKeys> Parse(std::string_view text, std::string file, const Limits& limits);

  // Takes as long whichever key it is, and whether it is one. `group` is not kOpen.
  bool Allows(AccessGroup group, std::string_view key) const;
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Sha256Digest digest;
    uint8_t groups;  // a bit for each
  };
  std::vector<Entry> entries_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_ACCESS_KEYS_H_
