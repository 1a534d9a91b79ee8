// The one table of configuration keys and flags (config_schema.def), and the questions asked of it. Constant,
// thread-safe.
#ifndef OARLOCK_BASE_CONFIG_SCHEMA_H_
#define OARLOCK_BASE_CONFIG_SCHEMA_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace oarlock {

struct ConfigRow {
  std::string_view scope;
  std::string_view key;  // dotted path within the scope
  std::string_view type;
  std::string_view value;  // default, as text; empty = none
  std::string_view flag;
  std::string_view metavar;
  std::string_view doc;
};

std::span<const ConfigRow> ConfigRows();
// Null if there is no such row.
const ConfigRow* FindConfigRow(std::string_view scope, std::string_view key);
// Last parts of the keys right below `prefix` ("" = top level), in table order. What a YAML mapping there may hold.
std::vector<std::string_view> ConfigKeysBelow(std::string_view scope, std::string_view prefix);
// Values of a row whose type is "a|b|c".
std::vector<std::string_view> ConfigChoices(const ConfigRow& row);
// The tables of docs/operations.md, as Markdown.
std::string ConfigMarkdown();

}  // namespace oarlock

#endif  // OARLOCK_BASE_CONFIG_SCHEMA_H_
