// Sums of products by an equation. ONNX wants "..." to stand for as many dims in every operand, and in Paddle it may be
// more in one than in another: so it becomes labels that the equation does not use, the last of them where it is fewer.
#include <algorithm>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/status.h"
#include "import/paddle/conversion.h"

namespace oarlock::paddle {
namespace {

constexpr std::string_view kEllipsis = "...";
constexpr std::string_view kArrow = "->";
constexpr std::string_view kLabels = "abcdefghijklmnopqrstuvwxyz";

std::string UnusedLabels(std::string_view equation) {
  std::string unused;
  for (const char label : kLabels) {
    if (equation.find(label) == std::string_view::npos) unused += label;
  }
  return unused;
}

// The last `count` labels in the place of the ellipsis, if it is there.
std::string Labelled(std::string term, std::string_view labels, size_t count) {
  const size_t place = term.find(kEllipsis);
  if (place == std::string::npos) return term;
  return term.replace(place, kEllipsis.size(), labels.substr(labels.size() - count));
}

// The labels that are there once, in their order: what a result has that the equation does not tell.
std::string SingleLabels(std::string_view terms) {
  std::string single;
  for (const char label : terms) {
    if (label != ',' && label != '.' && std::count(terms.begin(), terms.end(), label) == 1) single += label;
  }
  std::sort(single.begin(), single.end());
  return single;
}

std::string WithoutEllipsis(Conversion& c, std::string equation) {
  equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
  if (equation.find(kEllipsis) == std::string::npos) return equation;
  const size_t arrow = equation.find(kArrow);
  const std::string left = equation.substr(0, arrow);
  const std::string result =
      arrow == std::string::npos ? std::string(kEllipsis) + SingleLabels(left) : equation.substr(arrow + kArrow.size());
  const std::string labels = UnusedLabels(equation);
  std::vector<std::string> terms = absl::StrSplit(left, ',');
  size_t most = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    const Value& operand = c.About("Operands", i);
    if (terms[i].find(kEllipsis) == std::string::npos) continue;
    const size_t named = terms[i].size() - kEllipsis.size();
    if (!operand.rank_known || operand.dims.size() < named || operand.dims.size() - named > labels.size()) {
      c.Fail(InvalidArgument("equation '{}' does not go with the dims of operand {}", Printable(equation), i));
      return {};
    }
    most = std::max(most, operand.dims.size() - named);
    terms[i] = Labelled(terms[i], labels, operand.dims.size() - named);
  }
  return absl::StrJoin(terms, ",") + std::string(kArrow) + Labelled(result, labels, most);
}

}  // namespace

void Einsum(Conversion& c) {
  const NodeAttribute equation{"equation", WithoutEllipsis(c, c.String("equation", ""))};
  c.Set("Out", c.Nodes("Einsum", c.InList("Operands"), std::span(&equation, 1), 1).front());
}

}  // namespace oarlock::paddle
