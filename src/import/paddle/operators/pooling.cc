// Pooling.
#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {

void Pool(Conversion& c) {
  const int spatial = c.Rank("X") - 2;
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const bool is_max = c.String("pooling_type", "max") == "max";
  const std::vector<int64_t> size = c.KnownInts("KernelSize", "ksize|kernel_size");
  const bool adaptive = c.Bool("adaptive", false);
  Name x = layout.ToChannelsFirst(c, c.In("X"));
  const bool to_one = adaptive && size == std::vector<int64_t>(size.size(), 1);
  if (c.Bool("global_pooling", false) || to_one) {
    return c.Set("Out", layout.FromChannelsFirst(c, c.Node(is_max ? "GlobalMaxPool" : "GlobalAveragePool", {x})));
  }
  if (adaptive) return c.Fail(Unimplemented("adaptive pooling to other sizes than 1"));
  std::vector<NodeAttribute> attributes = {
      {"kernel_shape", size}, {"strides", c.IntList("strides")}, {"ceil_mode", int64_t{c.Bool("ceil_mode", false)}}};
  if (!is_max) attributes.push_back({"count_include_pad", int64_t{!c.Bool("exclusive", true)}});
  AddPadding(c, spatial, &attributes);
  const Name pooled = c.Nodes(is_max ? "MaxPool" : "AveragePool", std::span(&x, 1), attributes, 1).front();
  c.Set("Out", layout.FromChannelsFirst(c, pooled));
}

}  // namespace oarlock::paddle
