// What convolutions and pooling share: padding, and layouts with the channels last.
#ifndef OARLOCK_IMPORT_PADDLE_OPERATORS_WINDOW_H_
#define OARLOCK_IMPORT_PADDLE_OPERATORS_WINDOW_H_

#include "import/paddle/conversion.h"

namespace oarlock::paddle {

// "NHWC" and its like are transposed to channels first and back.
class Layout {
 public:
  Layout(Conversion& c, std::string_view slot, std::string_view format);
  bool channels_last() const { return channels_last_; }
  int spatial() const { return rank_ - 2; }
  // Of the operand as it is in Paddle: the dims without batch and channels, kDynamic where they are not known.
  std::vector<int64_t> SpatialDims(Conversion& c) const;
  Name ToChannelsFirst(Conversion& c, const Name& value) const;
  Name FromChannelsFirst(Conversion& c, const Name& value) const;

 private:
  std::string slot_;
  int rank_;
  bool channels_last_;
};

// Larger kernels, strides, dilations and paddings are refused, so that sums of them are no matter.
inline constexpr int64_t kStepMax = int64_t{1} << 24;

// Padding in front of and behind every spatial dim.
struct Pads {
  std::vector<int64_t> begin;
  std::vector<int64_t> end;
};

// As ONNX writes them: all beginnings, then all ends.
std::vector<int64_t> Joined(const Pads& pads);

// `padding_algorithm` SAME: as many results as there are steps in the operand, an odd padding's rest at the end.
bool IsSame(Conversion& c);
// Of the other algorithms. `paddings` has one number for both sides of a dim, or one for each side.
Pads ExplicitPads(Conversion& c, int spatial);
// SAME's, where they can be told without the operand's dims, or with those that are known.
std::optional<Pads> SamePads(std::span<const int64_t> dims, std::span<const int64_t> kernel,
                             std::span<const int64_t> strides);
// The same where the dims are known only as the model runs; int64, one for each spatial dim.
struct ComputedPads {
  Name begin;
  Name end;
};
// `x` has the channels first.
ComputedPads ComputedSamePads(Conversion& c, const Name& x, std::span<const int64_t> kernel,
                              std::span<const int64_t> strides);
// The spatial dims of `x`, which has the channels first.
Name SpatialShape(Conversion& c, const Name& x, int spatial);
// Strides or dilations: a positive number for each spatial dim, 1 if the attribute says nothing.
std::vector<int64_t> Steps(Conversion& c, std::string_view attribute, int spatial);
// An error if these are not `count` numbers from `least` to kStepMax; then it gives some that are.
std::vector<int64_t> Checked(Conversion& c, std::string_view what, std::vector<int64_t> numbers, size_t count,
                             int64_t least);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_OPERATORS_WINDOW_H_
