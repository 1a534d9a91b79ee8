// The first name that comes twice in a list, for requests to be refused by: what is asked for must be told apart. Pure.
//   if (const auto name = RepeatedName(inputs, [](const Input& input) { return std::string_view(input.name); })) ...
#ifndef OARLOCK_SERVER_PROTOCOL_REPEATED_NAME_H_
#define OARLOCK_SERVER_PROTOCOL_REPEATED_NAME_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace oarlock {

// `name_of` shows an item's name.
template <typename Item, typename NameOf>
std::optional<std::string_view> RepeatedName(const std::vector<Item>& items, NameOf name_of) {
  if (items.size() < 2) return std::nullopt;  // most requests: no set is made for them
  absl::flat_hash_set<std::string_view> names;
  for (const Item& item : items) {
    if (const std::string_view name = name_of(item); !names.insert(name).second) return name;
  }
  return std::nullopt;
}

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_REPEATED_NAME_H_
