#include "model/yaml_section.h"

#include <fmt/ranges.h>

#include <charconv>
#include <cmath>

#include "base/config_schema.h"
#include "base/nearest.h"
#include "base/status.h"

namespace oarlock {
namespace {

// Instead of the library's messages, which quote what they do not understand.
const std::string kNoYaml = "this is no YAML; quote texts that hold more than letters and digits";

bool ParseNumber(const std::string& text, float* value) {
  float parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(parsed)) return false;
  *value = parsed;
  return true;
}

bool ParseInteger(const YAML::Node& node, int64_t* value) {
  if (!node.IsScalar()) return false;
  const std::string& text = node.Scalar();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string Shown(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  if (!node.IsScalar()) return "nothing";
  return fmt::format("'{}'", Printable(node.Scalar()));
}

// Control characters, which YAML allows nowhere. The library takes one of them, 0x04, for the end of the text.
absl::Status CheckBytes(std::string_view text, std::string_view file) {
  int line = 1;
  size_t line_start = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == '\n') {
      ++line;
      line_start = at + 1;
    } else if (byte < 0x20 && byte != '\t' && byte != '\r') {
      return InvalidArgument("{}:{}:{}: byte 0x{:02x} is no text", file, line, at - line_start + 1, byte);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<YamlSection> YamlSection::Parse(std::string_view text, std::string file, std::string_view scope) {
  return Parse(text, std::move(file), scope, false);
}

absl::StatusOr<YamlSection> YamlSection::ParseSecret(std::string_view text, std::string file, std::string_view scope) {
  return Parse(text, std::move(file), scope, true);
}

absl::StatusOr<YamlSection> YamlSection::Parse(std::string_view text, std::string file, std::string_view scope,
                                               bool secret) {
  OAR_RETURN_IF_ERROR(CheckBytes(text, file));
  try {
    // The library takes an open quote for closed where the text ends with its line: a comment keeps the end away.
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text) + (text.ends_with('\n') ? "#" : "\n#"));
    YAML::Node node = documents.empty() ? YAML::Node() : documents[0];
    if (node.IsNull()) node = YAML::Node(YAML::NodeType::Map);
    YamlSection section(node, file, scope, "");
    section.secret_ = secret;
    if (documents.size() > 1) return section.ErrorAt(documents[1].Mark(), "a second document; the file must hold one");
    if (!node.IsMap()) return section.ErrorAt(node.Mark(), "the file must be a mapping of keys to values");
    OAR_RETURN_IF_ERROR(section.CheckKeys());
    return section;
  } catch (const YAML::ParserException& error) {
    return InvalidArgument("{}:{}:{}: {}", file, error.mark.line + 1, error.mark.column + 1,
                           secret ? kNoYaml : error.msg);
  } catch (const std::exception& error) {
    return InvalidArgument("{}: {}", file, secret ? kNoYaml : Printable(error.what()));
  }
}

absl::Status YamlSection::ErrorAt(const YAML::Mark& mark, std::string_view text) const {
  if (mark.is_null()) return InvalidArgument("{}: {}", file_, text);
  return InvalidArgument("{}:{}:{}: {}", file_, mark.line + 1, mark.column + 1, text);
}

absl::Status YamlSection::Error(std::string_view key, std::string_view text) const {
  const YAML::Node value = Find(key);
  return ErrorAt(value.IsDefined() ? value.Mark() : node_.Mark(), text);
}

std::string YamlSection::Path(std::string_view key) const {
  return prefix_.empty() ? std::string(key) : fmt::format("{}.{}", prefix_, key);
}

YAML::Node YamlSection::Find(std::string_view key) const {
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

absl::Status YamlSection::CheckKey(const YAML::Node& key, std::set<std::string>* seen) const {
  if (!key.IsScalar()) return ErrorAt(key.Mark(), "a key must be a word");
  if (seen->insert(key.Scalar()).second) return absl::OkStatus();
  return ErrorAt(key.Mark(), fmt::format("key '{}' stands twice", Printable(key.Scalar())));
}

absl::Status YamlSection::CheckKeys() const {
  const std::vector<std::string_view> known = ConfigKeysBelow(scope_, prefix_);
  std::set<std::string> seen;
  for (const auto& entry : node_) {
    OAR_RETURN_IF_ERROR(CheckKey(entry.first, &seen));
    const std::string& key = entry.first.Scalar();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return ErrorAt(entry.first.Mark(),
                     secret_ ? fmt::format("unknown word; it must be one of {}", fmt::join(known, ", "))
                             : fmt::format("unknown key '{}'{}", Printable(key), Suggestion(key, known)));
    }
  }
  return absl::OkStatus();
}

bool YamlSection::Has(std::string_view key) const { return Find(key).IsDefined(); }

absl::Status YamlSection::Read(std::string_view key, std::string* value) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  if (!node.IsScalar()) return Error(key, fmt::format("'{}' is {}; it must be text", Path(key), Shown(node)));
  *value = node.Scalar();
  return absl::OkStatus();
}

absl::Status YamlSection::Read(std::string_view key, bool* value) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  if (node.IsScalar() && node.Scalar() == "true") {
    *value = true;
  } else if (node.IsScalar() && node.Scalar() == "false") {
    *value = false;
  } else {
    return Error(key, fmt::format("'{}' is {}; it must be true or false", Path(key), Shown(node)));
  }
  return absl::OkStatus();
}

absl::Status YamlSection::Read(std::string_view key, int64_t smallest, int64_t largest, int64_t* value) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  int64_t parsed = 0;
  if (!ParseInteger(node, &parsed) || parsed < smallest || parsed > largest) {
    return Error(
        key, fmt::format("'{}' is {}; it must be an integer from {} to {}", Path(key), Shown(node), smallest, largest));
  }
  *value = parsed;
  return absl::OkStatus();
}

absl::Status YamlSection::Read(std::string_view key, int64_t smallest, int64_t largest,
                               std::vector<int64_t>* value) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  if (!node.IsSequence()) {
    return Error(key, fmt::format("'{}' is {}; it must be a list of integers", Path(key), Shown(node)));
  }
  std::vector<int64_t> parsed;
  for (const YAML::Node& item : node) {
    if (!ParseInteger(item, &parsed.emplace_back()) || parsed.back() < smallest || parsed.back() > largest) {
      return ErrorAt(item.Mark(), fmt::format("'{}' holds {}; it must hold integers from {} to {}", Path(key),
                                              Shown(item), smallest, largest));
    }
  }
  *value = std::move(parsed);
  return absl::OkStatus();
}

absl::Status YamlSection::Read(std::string_view key, float* value) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  if (!node.IsScalar() || !ParseNumber(node.Scalar(), value)) {
    return Error(key, fmt::format("'{}' is {}; it must be a number", Path(key), Shown(node)));
  }
  return absl::OkStatus();
}

absl::Status YamlSection::Read(std::string_view key, std::vector<float>* value) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  std::vector<float> parsed;
  float number = 0;
  if (node.IsScalar() && ParseNumber(node.Scalar(), &number)) {
    parsed.push_back(number);
  } else if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      if (!item.IsScalar() || !ParseNumber(item.Scalar(), &number)) {
        return ErrorAt(item.Mark(), fmt::format("'{}' holds {}; it must hold numbers", Path(key), Shown(item)));
      }
      parsed.push_back(number);
    }
  }
  if (parsed.empty()) {
    return Error(key, fmt::format("'{}' is {}; it must be a number or a list of numbers", Path(key), Shown(node)));
  }
  *value = std::move(parsed);
  return absl::OkStatus();
}

absl::Status YamlSection::ReadChoice(std::string_view key, int* index) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  const ConfigRow* row = FindConfigRow(scope_, Path(key));
  if (row == nullptr) return Internal("no row '{}' in the configuration table", Path(key));
  const std::vector<std::string_view> choices = ConfigChoices(*row);
  const auto found = std::find(choices.begin(), choices.end(), node.IsScalar() ? node.Scalar() : std::string());
  if (found == choices.end()) {
    return Error(key, fmt::format("'{}' is {}; it must be one of {}", Path(key), Shown(node), row->type));
  }
  *index = static_cast<int>(found - choices.begin());
  return absl::OkStatus();
}

absl::Status YamlSection::CheckSchema() const {
  if (!Has("schema")) return Error("schema", "'schema: 1' is missing; it says which version of the format this is");
  int64_t schema = 0;
  return Read("schema", 1, 1, &schema);
}

absl::StatusOr<YamlSection> YamlSection::Section(std::string_view key) const { return Below(key, scope_, Path(key)); }

absl::StatusOr<YamlSection> YamlSection::Section(std::string_view key, std::string_view scope) const {
  return Below(key, scope, "");
}

absl::StatusOr<YamlSection> YamlSection::Below(std::string_view key, std::string_view scope, std::string prefix) const {
  const YAML::Node node = Find(key);
  if (!node.IsMap()) return Error(key, fmt::format("'{}' is {}; it must be a mapping", Path(key), Shown(node)));
  YamlSection section(node, file_, scope, std::move(prefix));
  OAR_RETURN_IF_ERROR(section.CheckKeys());
  return section;
}

absl::StatusOr<std::vector<YamlSection>> YamlSection::List(std::string_view key, std::string_view scope) const {
  const YAML::Node node = Find(key);
  if (!node.IsSequence()) return Error(key, fmt::format("'{}' is {}; it must be a list", Path(key), Shown(node)));
  std::vector<YamlSection> sections;
  for (const YAML::Node& item : node) {
    if (!item.IsMap()) {
      return ErrorAt(item.Mark(), fmt::format("'{}' holds {}; it must hold mappings", Path(key), Shown(item)));
    }
    YamlSection section(item, file_, scope, "");
    OAR_RETURN_IF_ERROR(section.CheckKeys());
    sections.push_back(std::move(section));
  }
  return sections;
}

absl::Status YamlSection::ForEachInteger(
    std::string_view key, const std::function<absl::Status(std::string_view name, int64_t value)>& set) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  if (!node.IsMap()) return Error(key, fmt::format("'{}' is {}; it must be a mapping", Path(key), Shown(node)));
  std::set<std::string> seen;
  for (const auto& entry : node) {
    OAR_RETURN_IF_ERROR(CheckKey(entry.first, &seen));
    int64_t value = 0;
    if (!ParseInteger(entry.second, &value)) {
      return ErrorAt(entry.second.Mark(), fmt::format("'{}.{}' is {}; it must be an integer", Path(key),
                                                      Printable(entry.first.Scalar()), Shown(entry.second)));
    }
    const absl::Status status = set(entry.first.Scalar(), value);
    if (!status.ok()) return ErrorAt(entry.first.Mark(), MessageOf(status));
  }
  return absl::OkStatus();
}

absl::Status YamlSection::ForEachText(std::string_view key,
                                      const std::function<absl::Status(std::string_view text)>& take) const {
  const YAML::Node node = Find(key);
  if (!node.IsDefined()) return absl::OkStatus();
  if (!node.IsSequence()) return Error(key, fmt::format("'{}' must be a list of texts", Path(key)));
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) return ErrorAt(item.Mark(), fmt::format("'{}' must hold texts only", Path(key)));
    const absl::Status status = take(item.Scalar());
    if (!status.ok()) return ErrorAt(item.Mark(), MessageOf(status));
  }
  return absl::OkStatus();
}

}  // namespace oarlock
