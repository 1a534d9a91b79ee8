// Flags of a subcommand, made from the rows of config_schema.def. The command line library is behind this, in flags.cc
// and main.cc alone: its header takes ten seconds to compile. A flag is named by its row's scope and key; one without a
// row is a std::logic_error, which every run would meet.
#ifndef OARLOCK_CLI_FLAGS_H_
#define OARLOCK_CLI_FLAGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace oarlock {

class Flags {
 public:
  explicit Flags(CLI::App* app) : app_(app) {}

  // An argument without a flag.
  void Positional(const std::string& name, std::string_view doc, bool required, std::string* value);
  void Add(std::string_view scope, std::string_view key, std::string* value);
  // One that must not be empty: a script's variable that is unset must not turn off what it names.
  void AddNonEmpty(std::string_view scope, std::string_view key, std::string* value);
  // May be given again.
  void Add(std::string_view scope, std::string_view key, std::vector<std::string>* values);
  // Takes all arguments up to the next flag.
  void AddMany(std::string_view scope, std::string_view key, std::vector<std::string>* values);
  void Add(std::string_view scope, std::string_view key, uint64_t* value);
  void Add(std::string_view scope, std::string_view key, int smallest, int largest, int* value);
  void Add(std::string_view scope, std::string_view key, double smallest, double largest, double* value);
  void Switch(std::string_view scope, std::string_view key, bool* value);
  // Both are flags already added, as they are spelled.
  void Exclude(const std::string& flag, const std::string& other);
  void Need(const std::string& flag, const std::string& other);
  // Text below the flags in --help.
  void Footer(const std::string& text);

 private:
  CLI::App* const app_;
};

}  // namespace oarlock

#endif  // OARLOCK_CLI_FLAGS_H_
