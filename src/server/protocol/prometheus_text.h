// Metrics in the text format of Prometheus, version 0.0.4.
//
//   PrometheusText text;
//   text.Family("oarlock_executions", "gauge", "Executions of a version.");
//   text.Sample({{"model", name}, {"version", "1"}}, 4);
//   answer = std::move(text).Take();
//
// Thread rule: one thread. Ownership: owns its text. A family comes once, with all its samples behind it.
#ifndef OARLOCK_SERVER_PROTOCOL_PROMETHEUS_TEXT_H_
#define OARLOCK_SERVER_PROTOCOL_PROMETHEUS_TEXT_H_

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace oarlock {

class PrometheusText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";
  // Names are constants of ours; values may hold anything that is UTF-8.
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // `type` is "counter", "gauge" or "histogram".
  void Family(std::string_view name, std::string_view type, std::string_view help);
  void Sample(Labels labels, int64_t value);
  void Sample(Labels labels, double value);
  // `counts[i]` are those above bounds[i - 1] and not above bounds[i]; the last, behind all bounds, the rest.
  void Histogram(Labels labels, std::span<const double> bounds, std::span<const int64_t> counts, double sum);

  std::string Take() && { return std::move(text_); }

 private:
  void Name(std::string_view suffix, Labels labels, std::string_view bound = {});

  std::string family_;
  std::string text_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_PROMETHEUS_TEXT_H_
