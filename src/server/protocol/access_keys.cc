#include "server/protocol/access_keys.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <map>

#include "base/status.h"
#include "model/yaml_section.h"

namespace oarlock {
namespace {

constexpr AccessGroup kGroups[] = {AccessGroup::kInfer, AccessGroup::kRead, AccessGroup::kControl};

constexpr uint8_t Bit(AccessGroup group) { return static_cast<uint8_t>(1U << static_cast<unsigned>(group)); }

Sha256Digest DigestOf(std::string_view key) { return Sha256(std::as_bytes(std::span(key.data(), key.size()))); }

// As a header can carry it, and be told from two in a list.
bool IsKeyCharacter(char c) { return c > 0x20 && c < 0x7F && c != ','; }

absl::Status CheckKey(std::string_view key, const Limits& limits) {
  const auto size_bytes = static_cast<int64_t>(key.size());
  if (size_bytes < AccessKeys::kKeyBytesMin || size_bytes > limits.access_key_bytes_max) {
    return InvalidArgument("a key of {} bytes; it must have {} to {}", size_bytes, AccessKeys::kKeyBytesMin,
                           limits.access_key_bytes_max);
  }
  if (!std::all_of(key.begin(), key.end(), IsKeyCharacter)) {
    return InvalidArgument("a key may hold visible ASCII characters only, and no comma");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AccessKeys> AccessKeys::Parse(std::string_view text, std::string file, const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const YamlSection section, YamlSection::ParseSecret(text, file, "keys"));
  std::map<Sha256Digest, uint8_t> groups;
  int64_t count = 0;
  for (const AccessGroup group : kGroups) {
    OAR_RETURN_IF_ERROR(section.ForEachText(NameOf(group), [&](std::string_view key) -> absl::Status {
      if (++count > limits.access_keys_max) {
        return ResourceExhausted("more than {} keys, which is the limit (access_keys_max)", limits.access_keys_max);
      }
      OAR_RETURN_IF_ERROR(CheckKey(key, limits));
      groups[DigestOf(key)] |= Bit(group);
      return absl::OkStatus();
    }));
  }
  if (groups.empty()) {
    return InvalidArgument("{}: it holds no key; list some in `infer`, `read` or `control`, as in `infer: [KEY]`",
                           file);
  }
  AccessKeys keys;
  for (const auto& [digest, allowed] : groups) keys.entries_.push_back({digest, allowed});
  return keys;
}

bool AccessKeys::Allows(AccessGroup group, std::string_view key) const {
  const Sha256Digest digest = DigestOf(key);
  unsigned allowed = 0;
  for (const Entry& entry : entries_) {
    const bool same = CRYPTO_memcmp(entry.digest.data(), digest.data(), digest.size()) == 0;
    allowed |= entry.groups & (0U - static_cast<unsigned>(same));  // no branch
  }
  return (allowed & Bit(group)) != 0;
}

}  // namespace oarlock
