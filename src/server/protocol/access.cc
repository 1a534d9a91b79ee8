#include "server/protocol/access.h"

#include <sys/stat.h>

#include "absl/strings/match.h"
#include "base/file.h"
#include "base/status.h"

namespace oarlock {
namespace {

// Of whom the file is no business.
constexpr mode_t kOthers = S_IROTH | S_IWOTH;

// None if it is of another scheme, which is none of ours: a proxy in front may have asked for it.
absl::StatusOr<std::optional<std::string_view>> BearerKey(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!absl::StartsWithIgnoreCase(ToAbsl(authorization), ToAbsl(kScheme))) return std::nullopt;
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' ', kScheme.size()), authorization.size()));
  if (authorization.empty() || authorization.find_first_of(" \t,") != std::string_view::npos) {
    return InvalidArgument("`authorization` is given twice, or is no 'Bearer KEY'");
  }
  return authorization;
}

absl::StatusOr<std::optional<std::string_view>> KeyOf(const Credentials& credentials) {
  const auto& [authorization, api_key] = credentials;
  std::optional<std::string_view> key;
  if (authorization) {
    OAR_ASSIGN_OR_RETURN(key, BearerKey(*authorization));
  }
  if (!api_key || api_key->empty()) return key;
  if (api_key->find_first_of(" \t,") != std::string::npos) {
    return InvalidArgument("`x-api-key` is given twice, or is no key");
  }
  if (key && *key != *api_key) {
    return InvalidArgument("`authorization` and `x-api-key` give two keys; send one of them");
  }
  return *api_key;
}

}  // namespace

absl::Status Access::Load(const std::filesystem::path& path, const Limits& limits, std::vector<std::string>* warnings) {
  const Descriptor file(::open(path.c_str(), kOpenForReading));
  OAR_ASSIGN_OR_RETURN(const FileBytes content, ReadOpened(file, path.string(), limits.manifest_bytes_max));
  OAR_ASSIGN_OR_RETURN(AccessKeys keys, AccessKeys::Parse(content.text(), path.string(), limits));
  struct stat stat {};
  if (::fstat(file.get(), &stat) == 0 && (stat.st_mode & kOthers) != 0) {
    warnings->push_back(fmt::format("'{}' holds keys, and everybody on this machine may {} it; `chmod o-rwx` it",
                                    path.string(), (stat.st_mode & S_IWOTH) != 0 ? "change" : "read"));
  }
  auto changed = std::make_shared<const AccessKeys>(std::move(keys));
  const std::lock_guard lock(mutex_);
  keys_.swap(changed);
  return absl::OkStatus();
}

std::shared_ptr<const AccessKeys> Access::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

absl::Status Access::Admit(AccessGroup group, const Credentials& credentials) const {
  if (group == AccessGroup::kOpen || is_open()) return absl::OkStatus();
  OAR_ASSIGN_OR_RETURN(const std::optional<std::string_view> key, KeyOf(credentials));
  return Check(group, key);
}

absl::Status Access::Check(AccessGroup group, std::optional<std::string_view> key) const {
  if (group == AccessGroup::kOpen) return absl::OkStatus();
  const auto keys = this->keys();
  if (keys == nullptr) return absl::OkStatus();
  if (!key) {
    return MakeStatus(absl::StatusCode::kUnauthenticated,
                      "a key is needed: 'Bearer KEY' in `authorization`, or KEY in `x-api-key`");
  }
  if (!keys->Allows(group, *key)) return PermissionDenied("the key does not allow this");
  return absl::OkStatus();
}

}  // namespace oarlock
