#include "bench/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace oarlock {
namespace {

constexpr double kWidth = 760;
constexpr double kHeight = 400;
constexpr double kLeft = 70;
constexpr double kRight = 40;  // half of the last label
constexpr double kTop = 46;
constexpr double kBottom = 60;
// Distinct to most kinds of colour sight; each line has its own dashes besides.
constexpr const char* kColors[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"};
constexpr const char* kDashes[] = {"", "6 3", "2 3", "8 3 2 3", "1 2", "10 4"};
constexpr double kPercents[] = {1, 5, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9};

// Nines are spread evenly: 90 %, 99 %, 99.9 % lie at equal distances.
double Spread(double percent) { return -std::log10(1 - percent / 100.0); }

std::string Escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// Logarithmic, from one power of ten to another: a server may be a hundred times slower than the one beside it, and
// both must be read.
struct Axis {
  double low_us = 1;
  double high_us = 10;
  static Axis Of(double lowest_us, double highest_us) {
    const double least_us = std::max(lowest_us, 1e-3);  // a nanosecond
    Axis axis;
    axis.low_us = std::pow(10, std::floor(std::log10(least_us)));
    axis.high_us = std::pow(10, std::ceil(std::log10(std::max(highest_us, least_us))));
    if (axis.high_us <= axis.low_us) axis.high_us = axis.low_us * 10;
    return axis;
  }
  double Share(double us) const { return std::log(std::max(us, low_us) / low_us) / std::log(high_us / low_us); }
  std::vector<double> Marks() const {
    std::vector<double> marks;
    for (double power = low_us; power < high_us * 0.999; power *= 10) {
      for (double factor : {1.0, 2.0, 5.0}) marks.push_back(power * factor);
    }
    marks.push_back(high_us);
    return marks;
  }
};

struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;  // percent, us
};

std::vector<Line> LinesOf(const Comparison& comparison) {
  std::vector<Line> lines;
  for (const Measured& measured : comparison.measured) {
    std::vector<int64_t> latencies;
    for (const BlockResult& block : measured.blocks) {
      latencies.insert(latencies.end(), block.latencies_ns.begin(), block.latencies_ns.end());
    }
    if (latencies.empty()) continue;
    std::sort(latencies.begin(), latencies.end());
    Line line{measured.name, {}};
    for (double percent : kPercents) {
      line.points.emplace_back(percent, static_cast<double>(Percentile(latencies, percent)) / 1000.0);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

double X(double percent) {
  return kLeft + Spread(percent) / Spread(kPercents[std::size(kPercents) - 1]) * (kWidth - kLeft - kRight);
}
double Y(double us, const Axis& axis) { return kHeight - kBottom - axis.Share(us) * (kHeight - kTop - kBottom); }

Axis AxisOf(const std::vector<Line>& lines) {
  double lowest_us = lines[0].points.front().second;
  double highest_us = lowest_us;
  for (const Line& line : lines) {  // percentiles ascend
    lowest_us = std::min(lowest_us, line.points.front().second);
    highest_us = std::max(highest_us, line.points.back().second);
  }
  return Axis::Of(lowest_us, highest_us);
}

}  // namespace

std::string LatencyPlot(const Comparison& comparison, std::string_view title) {
  const std::vector<Line> lines = LinesOf(comparison);
  if (lines.empty()) return {};
  const Axis axis = AxisOf(lines);
  const double height = kHeight + 20 * static_cast<double>(lines.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"13\">\n"
      "<style>svg{{background:#fff}} text{{fill:#222}} .grid{{stroke:#ddd}} "
      "@media (prefers-color-scheme: dark){{svg{{background:#161b22}} text{{fill:#ddd}} "
      ".grid{{stroke:#333}}}}</style>\n"
      "<title>{2}</title>\n<text x=\"{3}\" y=\"24\" font-size=\"16\">{2}</text>\n",
      kWidth, height, Escaped(title), kLeft);
  for (double us : axis.Marks()) {
    svg += fmt::format("<line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", kLeft, Y(us, axis),
                       kWidth - kRight, Y(us, axis));
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n", kLeft - 8, Y(us, axis) + 4, us);
  }
  for (double percent : {10.0, 50.0, 90.0, 99.0, 99.9}) {
    svg += fmt::format("<line class=\"grid\" x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\"/>\n", X(percent), kTop,
                       kHeight - kBottom);
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:g} %</text>\n", X(percent),
                       kHeight - kBottom + 18, percent);
  }
  svg += fmt::format(
      "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">this share of the requests was answered within ... us</text>\n",
      (kLeft + kWidth - kRight) / 2, kHeight - kBottom + 38);
  for (size_t i = 0; i < lines.size(); ++i) {
    const char* color = kColors[i % std::size(kColors)];
    const char* dashes = kDashes[i % std::size(kDashes)];
    std::string points;
    for (const auto& [percent, us] : lines[i].points) points += fmt::format("{:.1f},{:.1f} ", X(percent), Y(us, axis));
    svg += fmt::format(
        "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-dasharray=\"{}\" points=\"{}\"/>\n", color,
        dashes, points);
    const double y = kHeight + 20 * static_cast<double>(i);
    svg += fmt::format(
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"2\" "
        "stroke-dasharray=\"{}\"/>\n<text x=\"{}\" y=\"{}\">{}</text>\n",
        kLeft, y - 4, kLeft + 30, y - 4, color, dashes, kLeft + 38, y, Escaped(lines[i].name));
  }
  return svg + "</svg>\n";
}

}  // namespace oarlock
