// From a decoded picture to the numbers a model takes: resize, pad, scale, normalise, order of dims. The settings are
// those under `preprocess:` of a manifest, with the same names and defaults.
//   ImagePreprocess settings{.input = "x", .height = 224, .width = 224};
//   OAR_RETURN_IF_ERROR(Check(settings));
//   OAR_RETURN_IF_ERROR(PreprocessInto(settings, image, destination));
// Thread rule: pure functions; any thread. Ownership: the destination is lent for the call.
#ifndef OARLOCK_PIPELINE_PREPROCESS_H_
#define OARLOCK_PIPELINE_PREPROCESS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "pipeline/image.h"
#include "tensor/shape.h"

namespace oarlock {

enum class Resize {
  kStretch,    // to the model's size, whatever that does to the proportions
  kKeepRatio,  // as large as fits; the rest, at the right and the bottom, is pad_value
};
enum class Layout { kNchw, kNhwc };

struct ImagePreprocess {
  std::string input = {};  // the model's input that the pixels go to; "" = its only one
  ColorOrder color = ColorOrder::kRgb;
  int height = 0;
  int width = 0;
  Resize resize = Resize::kStretch;
  float pad_value = 0;  // gray level, 0 to 255, scaled and normalised like a pixel
  float scale = 0.00392156862745098F;
  std::vector<float> mean = {0};  // one per channel, in the order of `color`, or one for all
  std::vector<float> std = {1};
  Layout layout = Layout::kNchw;
};

// INVALID_ARGUMENT naming the key and its value if the settings make no sense.
absl::Status Check(const ImagePreprocess& settings);

// [image_count, C, H, W] or [image_count, H, W, C].
Shape OutputShape(const ImagePreprocess& settings, int64_t image_count);

// Writes one picture's (value * scale - mean) / std. `settings` must have passed Check; `image` must have its channels
// in the order of `settings.color`; the destination must hold exactly one picture. Untouched on an error.
absl::Status PreprocessInto(const ImagePreprocess& settings, const Image& image, std::span<float> destination);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_PREPROCESS_H_
