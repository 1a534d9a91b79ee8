// Elements that change places between channels and pixels.
#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {
namespace {

// Elements of a table that is made here. A file may claim any number of channels.
constexpr int64_t kTableElementsMax = 1 << 24;

// Channels, each of which takes `table_elements` of a table.
int64_t KnownChannels(Conversion& c, int axis, int64_t table_elements) {
  const int64_t channels = c.Dim("X", axis);
  if (channels < 0) c.Fail(Unimplemented("a number of channels that is known only while the model runs"));
  if (channels > kTableElementsMax / table_elements) {
    c.Fail(InvalidArgument("{} channels; at most {} are possible here", channels, kTableElementsMax / table_elements));
  }
  return channels;
}

int ChannelAxis(const Layout& layout) { return layout.channels_last() ? -1 : 1; }

int64_t PositiveInt(Conversion& c, std::string_view name) {
  const int64_t value = c.Int(name, 0);
  if (value < 1 || value > 256) c.Fail(InvalidArgument("attribute '{}' is {}", name, value));
  return c.ok() ? value : 1;
}

// Weights that pick each element of a window: [channels * height * width, 1, height, width].
Name WindowElements(Conversion& c, int64_t channels, const std::vector<int64_t>& window) {
  const int64_t area = window[0] * window[1];
  const int64_t dims[] = {channels * area, 1, window[0], window[1]};
  std::string bytes;
  const std::string zero = ElementBytes(c.DTypeOf("X"), 0);
  const std::string one = ElementBytes(c.DTypeOf("X"), 1);
  for (int64_t i = 0; i < channels * area * area; ++i) bytes += i % area == i / area % area ? one : zero;
  return c.Bytes(c.DTypeOf("X"), dims, std::move(bytes));
}

struct UnfoldWindows {
  std::vector<int64_t> size;
  std::vector<int64_t> strides;
  std::vector<int64_t> pads;
  std::vector<int64_t> dilations;
};

constexpr int64_t kWindowMax = 256;

UnfoldWindows ReadUnfoldWindows(Conversion& c) {
  UnfoldWindows windows{c.IntList("kernel_sizes"), c.IntList("strides"), c.IntList("paddings"), c.IntList("dilations")};
  bool good = windows.size.size() == 2 && windows.strides.size() == 2 && windows.dilations.size() == 2;
  for (const auto& list : {windows.size, windows.strides, windows.dilations}) {
    for (const int64_t value : list) good = good && value >= 1 && value <= kWindowMax;
  }
  if (windows.pads.size() == 2) windows.pads.insert(windows.pads.end(), {windows.pads[0], windows.pads[1]});
  for (const int64_t value : windows.pads) good = good && value >= 0 && value <= kWindowMax;
  if (!good || windows.pads.size() != 4) c.Fail(InvalidArgument("windows of a size that cannot be"));
  return windows;
}

}  // namespace

void PixelShuffle(Conversion& c) {
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const Name x = layout.ToChannelsFirst(c, c.In("X"));
  const Name shuffled =
      c.Node("DepthToSpace", {x}, {{"blocksize", c.Int("upscale_factor", 1)}, {"mode", std::string("CRD")}});
  c.Set("Out", layout.FromChannelsFirst(c, shuffled));
}

// ONNX puts the places within a block before the channels, Paddle behind them.
void PixelUnshuffle(Conversion& c) {
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const int64_t factor = PositiveInt(c, "downscale_factor");
  const int64_t channels = KnownChannels(c, ChannelAxis(layout), factor * factor);
  if (!c.ok()) return;
  const Name x = layout.ToChannelsFirst(c, c.In("X"));
  const Name blocks = c.Node("SpaceToDepth", {x}, {{"blocksize", factor}});
  std::vector<int64_t> from;
  for (int64_t channel = 0; channel < channels; ++channel) {
    for (int64_t place = 0; place < factor * factor; ++place) from.push_back(place * channels + channel);
  }
  c.Set("Out", layout.FromChannelsFirst(c, c.Gather(blocks, c.IntVector(from), 1)));
}

void ChannelShuffle(Conversion& c) {
  const Layout layout(c, "X", c.String("data_format", "NCHW"));
  const int64_t groups = PositiveInt(c, "groups|group");
  const int64_t channels = KnownChannels(c, ChannelAxis(layout), 1);
  if (c.ok() && channels % groups != 0) c.Fail(InvalidArgument("{} channels in {} groups", channels, groups));
  if (!c.ok()) return;
  std::vector<int64_t> from;
  for (int64_t i = 0; i < channels; ++i) from.push_back(i % groups * (channels / groups) + i / groups);
  c.Set("Out", c.Gather(c.In("X"), c.IntVector(from), layout.channels_last() ? -1 : 1));
}

// Each window's elements as a column: [N, C * height * width, windows].
void Unfold(Conversion& c) {
  const UnfoldWindows windows = ReadUnfoldWindows(c);
  if (!c.ok()) return;
  const int64_t area = windows.size[0] * windows.size[1];
  const int64_t channels = KnownChannels(c, 1, area * area);
  if (!c.ok()) return;
  const Name picked = c.Node(
      "Conv", {c.In("X"), WindowElements(c, channels, windows.size)},
      {{"group", channels}, {"strides", windows.strides}, {"pads", windows.pads}, {"dilations", windows.dilations}});
  c.Set("Y", c.Reshape(picked, {0, 0, -1}));
}

// The other way: columns are added up where their windows were.
void Fold(Conversion& c) {
  const UnfoldWindows windows = ReadUnfoldWindows(c);
  const std::vector<int64_t> size = c.IntList("output_sizes");
  const auto is_size = [](int64_t number) { return number >= 1 && number <= kTableElementsMax; };
  if (size.size() != 2 || !is_size(size[0]) || !is_size(size[1])) {
    c.Fail(InvalidArgument("output_sizes should be two numbers from 1 to {}", kTableElementsMax));
  }
  if (!c.ok()) return;
  const int64_t area = windows.size[0] * windows.size[1];
  const int64_t rows = KnownChannels(c, 1, area);
  if (!c.ok()) return;
  std::vector<int64_t> counts;
  std::vector<int64_t> rest;  // pixels behind the last window
  for (size_t i = 0; i < 2; ++i) {
    const int64_t extent = windows.dilations[i] * (windows.size[i] - 1) + 1;
    const int64_t room = size[i] + windows.pads[i] + windows.pads[i + 2] - extent;
    if (room < 0) return c.Fail(InvalidArgument("windows larger than what they are put into"));
    counts.push_back(room / windows.strides[i] + 1);
    rest.push_back(room % windows.strides[i]);
  }
  const int64_t channels = rows / area;
  const Name columns = c.Reshape(c.In("X"), {0, 0, counts[0], counts[1]});
  c.Set("Y", c.Node("ConvTranspose", {columns, WindowElements(c, channels, windows.size)},
                    {{"group", channels},
                     {"strides", windows.strides},
                     {"pads", windows.pads},
                     {"dilations", windows.dilations},
                     {"output_padding", rest}}));
}

}  // namespace oarlock::paddle
