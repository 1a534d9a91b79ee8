// Convolutions and their transposes. Paddle has NHWC too: transposed around ONNX's NCHW.
#include "base/status.h"
#include "import/paddle/conversion.h"
#include "import/paddle/operators/window.h"

namespace oarlock::paddle {
namespace {

struct Geometry {
  std::vector<int64_t> strides;
  std::vector<int64_t> dilations;
  bool is_same = false;
};

// With SAME Paddle does not look at the dilations.
Geometry ReadGeometry(Conversion& c, int spatial) {
  Geometry geometry{Steps(c, "strides", spatial), Steps(c, "dilations", spatial), IsSame(c)};
  if (geometry.is_same) geometry.dilations.assign(geometry.dilations.size(), 1);
  return geometry;
}

Name Convolved(Conversion& c, std::string_view onnx_type, const Layout& layout,
               const std::vector<NodeAttribute>& attributes) {
  std::vector<Name> inputs = {layout.ToChannelsFirst(c, c.In("Input")), c.In("Filter")};
  if (c.Has("Bias")) inputs.push_back(c.In("Bias"));
  return c.Nodes(onnx_type, inputs, attributes, 1).front();
}

}  // namespace

void Conv(Conversion& c) {
  const Layout layout(c, "Input", c.String("data_format", "NCHW"));
  const Geometry geometry = ReadGeometry(c, layout.spatial());
  std::vector<NodeAttribute> attributes = {
      {"strides", geometry.strides}, {"dilations", geometry.dilations}, {"group", c.Int("groups", 1)}};
  if (geometry.is_same) {
    attributes.push_back({"auto_pad", std::string("SAME_UPPER")});
  } else {
    attributes.push_back({"pads", Joined(ExplicitPads(c, layout.spatial()))});
  }
  c.Set("Output", layout.FromChannelsFirst(c, Convolved(c, "Conv", layout, attributes)));
}

namespace {

std::vector<int64_t> KernelDims(Conversion& c, int spatial) {
  std::vector<int64_t> dims;
  for (int i = 0; i < spatial; ++i) dims.push_back(c.Dim("Filter", i + 2));
  return Checked(c, "dims of the filter", std::move(dims), static_cast<size_t>(spatial), 1);
}

// A transposed convolution, of which ONNX tells the size by what is cut off (`pads`) and what is added behind.
class TransposedConvolution {
 public:
  explicit TransposedConvolution(Conversion& c)
      : c_(c),
        layout_(c, "Input", c.String("data_format", "NCHW")),
        geometry_(ReadGeometry(c, layout_.spatial())),
        dims_(layout_.SpatialDims(c)),
        size_(c.TryInts("output_size", "output_size")),
        has_size_(!size_ || !size_->empty()) {
    if (geometry_.is_same || has_size_) kernel_ = KernelDims(c, layout_.spatial());
    pads_ = geometry_.is_same ? SamePads(dims_, kernel_, geometry_.strides) : ExplicitPads(c, layout_.spatial());
  }

  void Convert() {
    Name result;
    if (!has_size_) {
      std::vector<int64_t> added = c_.IntList("output_padding");
      if (!added.empty()) added = Checked(c_, "output_padding", std::move(added), dims_.size(), 0);
      result = pads_ ? Whole(*pads_, added) : Cut(added, {});
    } else if (const auto added = AddedForSize()) {
      result = Whole(*pads_, *added);
    } else {
      std::vector<int64_t> most = geometry_.strides;
      for (int64_t& stride : most) --stride;
      result = Cut(most, c_.Ints("output_size", "output_size"));
    }
    c_.Set("Output", layout_.FromChannelsFirst(c_, result));
  }

 private:
  Name Whole(const Pads& pads, const std::vector<int64_t>& added) {
    std::vector<NodeAttribute> attributes = {{"strides", geometry_.strides},
                                             {"dilations", geometry_.dilations},
                                             {"group", c_.Int("groups", 1)},
                                             {"pads", Joined(pads)}};
    if (!added.empty()) attributes.push_back({"output_padding", added});
    return Convolved(c_, "ConvTranspose", layout_, attributes);
  }

  // What is missing to the size that is wanted: less than a stride. None if that cannot be told now.
  std::optional<std::vector<int64_t>> AddedForSize() {
    if (!size_) return std::nullopt;
    const std::vector<int64_t> wanted = Checked(c_, "output_size", *size_, dims_.size(), 1);
    std::vector<int64_t> added;
    for (size_t i = 0; i < dims_.size(); ++i) {
      if (!pads_ || dims_[i] < 0 || dims_[i] > kStepMax) return std::nullopt;
      const int64_t least = (dims_[i] - 1) * geometry_.strides[i] - pads_->begin[i] - pads_->end[i] +
                            (kernel_[i] - 1) * geometry_.dilations[i] + 1;
      added.push_back(wanted[i] - least);
      if (added[i] >= 0 && added[i] < geometry_.strides[i]) continue;
      c_.Fail(
          InvalidArgument("output_size {} where {} to {} can be", wanted[i], least, least + geometry_.strides[i] - 1));
    }
    return added;
  }

  // Nothing cut off by ONNX: how much it is, or where it ends, is computed from the operand's dims.
  Name Cut(const std::vector<int64_t>& added, const Name& size) {
    const std::vector<int64_t> none(dims_.size(), 0);
    const Name whole = Whole({none, none}, added);
    const ComputedPads cut = PadsToCut();
    const Name stop = size.empty() ? c_.Node("Sub", {SpatialShape(c_, whole, layout_.spatial()), cut.end})
                                   : c_.Node("Add", {cut.begin, size});
    std::vector<int64_t> axes;
    for (size_t i = 0; i < dims_.size(); ++i) axes.push_back(static_cast<int64_t>(i) + 2);
    return c_.Node("Slice", {whole, cut.begin, stop, c_.IntVector(axes)});
  }

  ComputedPads PadsToCut() {
    if (pads_) return {c_.IntVector(pads_->begin), c_.IntVector(pads_->end)};
    return ComputedSamePads(c_, layout_.ToChannelsFirst(c_, c_.In("Input")), kernel_, geometry_.strides);
  }

  Conversion& c_;
  const Layout layout_;
  const Geometry geometry_;
  const std::vector<int64_t> dims_;
  const std::optional<std::vector<int64_t>> size_;  // none: computed; empty: not told
  const bool has_size_;
  std::vector<int64_t> kernel_;  // only where it is needed
  std::optional<Pads> pads_;     // none: known only as the model runs
};

}  // namespace

void ConvTranspose(Conversion& c) { TransposedConvolution(c).Convert(); }

}  // namespace oarlock::paddle
