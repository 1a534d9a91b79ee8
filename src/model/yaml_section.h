// A mapping of a YAML file, checked against the configuration table: an unknown key is an error with the nearest known
// one, and every error starts with file:line:column. Only plain data is built from the text. Not thread-safe.
#ifndef OARLOCK_MODEL_YAML_SECTION_H_
#define OARLOCK_MODEL_YAML_SECTION_H_

#include <yaml-cpp/yaml.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace oarlock {

class YamlSection {
 public:
  // The whole file, one document, as a mapping. `scope` is the table's (config_schema.def). An empty file is an empty
  // mapping.
  static absl::StatusOr<YamlSection> Parse(std::string_view text, std::string file, std::string_view scope);

  // The same of a file of secrets: no message shows any of the text, only its place. What it may hold are texts.
  static absl::StatusOr<YamlSection> ParseSecret(std::string_view text, std::string file, std::string_view scope);

  bool Has(std::string_view key) const;
  // Each leaves `*value` alone if the key is absent, and refuses a value of another type or out of range.
  absl::Status Read(std::string_view key, std::string* value) const;
  absl::Status Read(std::string_view key, bool* value) const;
  absl::Status Read(std::string_view key, int64_t smallest, int64_t largest, int64_t* value) const;
  absl::Status Read(std::string_view key, float* value) const;
  // A list of numbers, or one number.
  absl::Status Read(std::string_view key, std::vector<float>* value) const;
  // A list of integers.
  absl::Status Read(std::string_view key, int64_t smallest, int64_t largest, std::vector<int64_t>* value) const;
  // One of the words that the table lists for the key; `*index` is its place there.
  absl::Status ReadChoice(std::string_view key, int* index) const;
  // `schema: 1` must be there.
  absl::Status CheckSchema() const;

  // A mapping below this one, checked with the table's keys below `key`.
  absl::StatusOr<YamlSection> Section(std::string_view key) const;
  // A mapping below this one, whose keys are those of another scope of the table.
  absl::StatusOr<YamlSection> Section(std::string_view key, std::string_view scope) const;
  // The mappings of a list; `scope` is the table's for one of them.
  absl::StatusOr<std::vector<YamlSection>> List(std::string_view key, std::string_view scope) const;
  // A mapping of names to integers, such as `limits:`. What `set` refuses is an error at the name's own place.
  absl::Status ForEachInteger(std::string_view key,
                              const std::function<absl::Status(std::string_view name, int64_t value)>& set) const;
  // A list of texts. What `take` refuses is an error at the text's own place; no message shows the text.
  absl::Status ForEachText(std::string_view key, const std::function<absl::Status(std::string_view text)>& take) const;

  // INVALID_ARGUMENT "file:line:column: text", at the key's place (or the mapping's, if the key is absent).
  absl::Status Error(std::string_view key, std::string_view text) const;

 private:
  YamlSection(YAML::Node node, std::string file, std::string_view scope, std::string prefix)
      : node_(std::move(node)), file_(std::move(file)), scope_(scope), prefix_(std::move(prefix)) {}
  static absl::StatusOr<YamlSection> Parse(std::string_view text, std::string file, std::string_view scope,
                                           bool secret);
  absl::StatusOr<YamlSection> Below(std::string_view key, std::string_view scope, std::string prefix) const;
  absl::Status CheckKeys() const;
  // A word, and one that is not in `seen` yet.
  absl::Status CheckKey(const YAML::Node& key, std::set<std::string>* seen) const;
  absl::Status ErrorAt(const YAML::Mark& mark, std::string_view text) const;
  std::string Path(std::string_view key) const;
  YAML::Node Find(std::string_view key) const;

  YAML::Node node_;
  std::string file_;
  std::string scope_;
  std::string prefix_;
  bool secret_ = false;
};

}  // namespace oarlock

#endif  // OARLOCK_MODEL_YAML_SECTION_H_
