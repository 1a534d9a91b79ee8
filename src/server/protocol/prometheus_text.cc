#include "server/protocol/prometheus_text.h"

#include <fmt/format.h>

namespace oarlock {
namespace {

void AppendEscaped(std::string_view text, bool quoted, std::string* to) {
  for (const char c : text) {
    if (c == '\n') {
      *to += "\\n";
    } else if (c == '\\' || (c == '"' && quoted)) {
      *to += '\\';
      *to += c;
    } else {
      *to += c;
    }
  }
}

}  // namespace

void PrometheusText::Family(std::string_view name, std::string_view type, std::string_view help) {
  family_ = name;
  text_ += fmt::format("# HELP {} ", name);
  AppendEscaped(help, false, &text_);
  text_ += fmt::format("\n# TYPE {} {}\n", name, type);
}

void PrometheusText::Name(std::string_view suffix, Labels labels, std::string_view bound) {
  text_ += family_;
  text_ += suffix;
  std::string_view before = "{";
  for (const auto& [name, value] : labels) {
    text_ += before;
    text_ += name;
    text_ += "=\"";
    AppendEscaped(value, true, &text_);
    text_ += '"';
    before = ",";
  }
  if (!bound.empty()) text_ += fmt::format("{}le=\"{}\"", std::exchange(before, ","), bound);
  if (before == ",") text_ += '}';
  text_ += ' ';
}

void PrometheusText::Sample(Labels labels, int64_t value) {
  Name("", labels);
  text_ += fmt::format("{}\n", value);
}

void PrometheusText::Sample(Labels labels, double value) {
  Name("", labels);
  text_ += fmt::format("{}\n", value);
}

void PrometheusText::Histogram(Labels labels, std::span<const double> bounds, std::span<const int64_t> counts,
                               double sum) {
  int64_t count = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    Name("_bucket", labels, i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf");
    text_ += fmt::format("{}\n", count);
  }
  Name("_sum", labels);
  text_ += fmt::format("{}\n", sum);
  Name("_count", labels);
  text_ += fmt::format("{}\n", count);
}

}  // namespace oarlock
