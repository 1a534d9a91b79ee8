#include "import/paddle/operators/window.h"

#include "base/status.h"

namespace oarlock::paddle {

void AddPadding(Conversion& c, int spatial, std::vector<NodeAttribute>* attributes) {
  const std::string algorithm = c.String("padding_algorithm", "EXPLICIT");
  if (algorithm == "SAME") return attributes->push_back({"auto_pad", std::string("SAME_UPPER")});
  const auto count = static_cast<size_t>(spatial);
  if (algorithm == "VALID") return attributes->push_back({"pads", std::vector<int64_t>(2 * count, 0)});
  const std::vector<int64_t> paddings = c.IntList("paddings");
  std::vector<int64_t> pads;  // all beginnings, then all ends
  if (paddings.size() == count) {
    pads = paddings;
    pads.insert(pads.end(), paddings.begin(), paddings.end());
  } else if (paddings.size() == 2 * count) {
    for (size_t side = 0; side < 2; ++side) {
      for (size_t i = 0; i < count; ++i) pads.push_back(paddings[2 * i + side]);
    }
  } else {
    c.Fail(InvalidArgument("{} paddings for {} dims", paddings.size(), spatial));
  }
  attributes->push_back({"pads", pads});
}

Layout::Layout(Conversion& c, std::string_view slot, std::string_view format)
    : rank_(c.Rank(slot)), channels_last_(format.size() > 1 && format.back() == 'C') {}

Name Layout::ToChannelsFirst(Conversion& c, const Name& value) const {
  if (!channels_last_) return value;
  std::vector<int64_t> permutation = {0, rank_ - 1};
  for (int i = 1; i < rank_ - 1; ++i) permutation.push_back(i);
  return c.Transpose(value, permutation);
}

Name Layout::FromChannelsFirst(Conversion& c, const Name& value) const {
  if (!channels_last_) return value;
  std::vector<int64_t> permutation = {0};
  for (int i = 2; i < rank_; ++i) permutation.push_back(i);
  permutation.push_back(1);
  return c.Transpose(value, permutation);
}

}  // namespace oarlock::paddle
