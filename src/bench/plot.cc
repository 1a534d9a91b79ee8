#include "bench/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace oarlock {
namespace {

constexpr double kWidth = 760;
constexpr double kHeight = 400;
constexpr double kLeft = 70;
constexpr double kRight = 20;
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

// 1, 2 or 5 times a power of ten.
double NiceStep(double range) {
  const double raw = range / 5;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

struct Line {
  std::string name;
  std::vector<std::pair<double, double>> points;  // percent, us
};

std::vector<Line> LinesOf(const Comparison& comparison, double* highest_us) {
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
      *highest_us = std::max(*highest_us, line.points.back().second);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

double X(double percent) {
  return kLeft + Spread(percent) / Spread(kPercents[std::size(kPercents) - 1]) * (kWidth - kLeft - kRight);
}
double Y(double us, double top_us) { return kHeight - kBottom - us / top_us * (kHeight - kTop - kBottom); }

}  // namespace

std::string LatencyPlot(const Comparison& comparison, std::string_view title) {
  double highest_us = 0;
  const std::vector<Line> lines = LinesOf(comparison, &highest_us);
  if (lines.empty()) return {};
  const double step = NiceStep(std::max(highest_us, 1e-3));
  const double top_us = std::ceil(highest_us * 1.02 / step) * step;
  const double height = kHeight + 20 * static_cast<double>(lines.size());
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\" font-size=\"13\">\n"
      "<style>svg{{background:#fff}} text{{fill:#222}} .grid{{stroke:#ddd}} "
      "@media (prefers-color-scheme: dark){{svg{{background:#161b22}} text{{fill:#ddd}} "
      ".grid{{stroke:#333}}}}</style>\n"
      "<title>{2}</title>\n<text x=\"{3}\" y=\"24\" font-size=\"16\">{2}</text>\n",
      kWidth, height, Escaped(title), kLeft);
  for (double us = 0; us <= top_us * 1.0001; us += step) {
    svg += fmt::format("<line class=\"grid\" x1=\"{}\" y1=\"{:.1f}\" x2=\"{}\" y2=\"{:.1f}\"/>\n", kLeft, Y(us, top_us),
                       kWidth - kRight, Y(us, top_us));
    svg +=
        fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:g}</text>\n", kLeft - 8, Y(us, top_us) + 4, us);
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
    for (const auto& [percent, us] : lines[i].points)
      points += fmt::format("{:.1f},{:.1f} ", X(percent), Y(us, top_us));
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
