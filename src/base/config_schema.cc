#include "base/config_schema.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace oarlock {
namespace {

constexpr ConfigRow kConfigRows[] = {
#define OAR_KEY(scope, key, type, value, flag, metavar, doc) {#scope, key, type, value, flag, metavar, doc},
#include "base/config_schema.def"
#undef OAR_KEY
};

void AppendTable(std::string_view title, std::span<const std::string_view> scopes, std::string* text) {
  fmt::format_to(std::back_inserter(*text),
                 "### {}\n\n| key | flag | type | default | meaning |\n|---|---|---|---|---|\n", title);
  for (const ConfigRow& row : kConfigRows) {
    bool wanted = false;
    for (std::string_view scope : scopes) wanted |= row.scope == scope;
    if (!wanted) continue;
    std::string type(row.type);
    for (size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2) type.insert(at, "\\");
    const bool flag_only = row.scope == "run" || row.scope == "bench" || row.scope == "serve" || row.scope == "cli";
    const std::string flag =
        row.flag.empty() ? "" : fmt::format("`{}{}{}`", row.flag, row.metavar.empty() ? "" : " ", row.metavar);
    fmt::format_to(std::back_inserter(*text), "| {} | {} | {} | {} | {} |\n",
                   flag_only ? "" : fmt::format("`{}`", row.key), flag, type,
                   row.value.empty() ? "" : fmt::format("`{}`", row.value), row.doc);
  }
  *text += '\n';
}

}  // namespace

std::span<const ConfigRow> ConfigRows() { return kConfigRows; }

const ConfigRow* FindConfigRow(std::string_view scope, std::string_view key) {
  for (const ConfigRow& row : kConfigRows) {
    if (row.scope == scope && row.key == key) return &row;
  }
  return nullptr;
}

std::vector<std::string_view> ConfigKeysBelow(std::string_view scope, std::string_view prefix) {
  std::vector<std::string_view> keys;
  for (const ConfigRow& row : kConfigRows) {
    if (row.scope != scope) continue;
    std::string_view rest = row.key;
    if (!prefix.empty()) {
      if (!rest.starts_with(prefix) || rest.size() <= prefix.size() || rest[prefix.size()] != '.') continue;
      rest.remove_prefix(prefix.size() + 1);
    }
    if (rest.find('.') == std::string_view::npos) keys.push_back(rest);
  }
  return keys;
}

std::vector<std::string_view> ConfigChoices(const ConfigRow& row) {
  std::vector<std::string_view> choices;
  for (std::string_view rest = row.type; row.type.find('|') != std::string_view::npos;) {
    const size_t bar = rest.find('|');
    choices.push_back(rest.substr(0, bar));
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  return choices;
}

std::string ConfigMarkdown() {
  constexpr std::string_view kServe[] = {"models", "serve"};
  constexpr std::string_view kModel[] = {"model"};
  constexpr std::string_view kBatching[] = {"batching"};
  constexpr std::string_view kRoute[] = {"route"};
  constexpr std::string_view kKeys[] = {"keys"};
  constexpr std::string_view kManifest[] = {"manifest"};
  constexpr std::string_view kCommands[] = {"cli", "run", "bench"};
  std::string text;
  AppendTable("models.yaml, and the flags of `oarlock serve`", kServe, &text);
  AppendTable("One entry of `models:`, and the flags of commands that load a model", kModel, &text);
  AppendTable("`batching`, in an entry of `models:` or in model.yaml", kBatching, &text);
  AppendTable("`route`, in an entry of `models:`", kRoute, &text);
  AppendTable("model.yaml, beside a model", kManifest, &text);
  AppendTable("The file that `keys_file` names", kKeys, &text);
  AppendTable("Flags of the other commands", kCommands, &text);
  text += "### Limits\n\n| name | default | range | bounds |\n|---|---|---|---|\n";
  for (const LimitRow& row : LimitRows()) {
    fmt::format_to(std::back_inserter(text), "| `{}` | {} | {} to {} | {} |\n", row.name, row.value, row.smallest,
                   row.largest, row.doc);
  }
  return text;
}

}  // namespace oarlock
