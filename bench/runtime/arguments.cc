#include "arguments.h"

#include <cstdio>
#include <cstdlib>

#include "base/status.h"

namespace oarlock {
namespace {

[[noreturn]] void EndWith(const std::string& text, int code) {
  std::fprintf(stderr, "%s\n", text.c_str());
  std::exit(code);
}

}  // namespace

Arguments::Arguments(int argc, char** argv, std::string usage) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with("--")) {
      if (!target_.empty()) EndWith(usage, 2);
      target_ = word;
    } else if (i + 1 == argc || usage.find(word + " ") == std::string::npos) {
      EndWith(usage, 2);
    } else {
      values_[word.substr(2)] = argv[++i];
    }
  }
  if (target_.empty()) EndWith(usage, 2);
}

std::string Arguments::Text(const std::string& name, std::string otherwise) const {
  const auto found = values_.find(name);
  return found == values_.end() ? std::move(otherwise) : found->second;
}

double Arguments::Number(const std::string& name, double otherwise) const {
  const auto found = values_.find(name);
  if (found == values_.end()) return otherwise;
  char* end = nullptr;
  const double value = std::strtod(found->second.c_str(), &end);
  if (found->second.empty() || *end != '\0' || value < 0)
    EndWith("--" + name + " '" + found->second + "' is no number", 2);
  return value;
}

void Need(const absl::Status& status) {
  if (!status.ok()) EndWith(std::string(MessageOf(status)), 1);
}

}  // namespace oarlock
