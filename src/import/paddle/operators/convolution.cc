// Convolutions. Paddle has NHWC too: transposed around ONNX's NCHW.
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {

void Conv(Conversion& c) {
  const int spatial = c.Rank("Input") - 2;
  const Layout layout(c, "Input", c.String("data_format", "NCHW"));
  std::vector<Name> inputs = {layout.ToChannelsFirst(c, c.In("Input")), c.In("Filter")};
  if (c.Has("Bias")) inputs.push_back(c.In("Bias"));
  std::vector<NodeAttribute> attributes = {
      {"strides", c.IntList("strides")}, {"dilations", c.IntList("dilations")}, {"group", c.Int("groups", 1)}};
  AddPadding(c, spatial, &attributes);
  c.Set("Output", layout.FromChannelsFirst(c, c.Nodes("Conv", inputs, attributes, 1).front()));
}

}  // namespace oarlock::paddle
