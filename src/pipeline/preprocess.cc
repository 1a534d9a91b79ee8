#include "pipeline/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <new>
#include <string_view>

#include "base/status.h"
#include "pipeline/resize.h"

namespace oarlock {
namespace {

constexpr int kSideMax = 65'535;

absl::Status CheckSide(std::string_view key, int value) {
  if (value >= 1 && value <= kSideMax) return absl::OkStatus();
  return InvalidArgument("preprocess.{} is {}; it must be from 1 to {}", key, value, kSideMax);
}

absl::Status CheckPerChannel(std::string_view key, const std::vector<float>& values, int channels) {
  if (values.size() != 1 && values.size() != static_cast<size_t>(channels)) {
    return InvalidArgument("preprocess.{} has {} numbers; it must have 1{}", key, values.size(),
                           channels == 1 ? "" : fmt::format(" or {}, one per channel", channels));
  }
  for (const float value : values) {
    if (!std::isfinite(value)) return InvalidArgument("preprocess.{} is {}; it must be a finite number", key, value);
  }
  return absl::OkStatus();
}

// What each of the 256 levels of a channel becomes. A pad_value may lie between two levels, hence `value` is a float.
class Normalizer {
 public:
  Normalizer(const ImagePreprocess& settings, size_t channel)
      : scale_(settings.scale),
        mean_(settings.mean[std::min(channel, settings.mean.size() - 1)]),
        std_(settings.std[std::min(channel, settings.std.size() - 1)]) {}

  float operator()(float value) const { return (value * scale_ - mean_) / std_; }

 private:
  float scale_;
  float mean_;
  float std_;
};

struct Size {
  int width;
  int height;
};

// The size the picture itself takes within the model's.
Size FittedSize(const ImagePreprocess& settings, const Image& image) {
  if (settings.resize == Resize::kStretch) return {settings.width, settings.height};
  const int64_t width = image.width;
  const int64_t height = image.height;
  const auto scaled = [](int64_t side, int64_t to, int64_t from) {  // side * to / from, rounded, at least 1
    return static_cast<int>(std::max<int64_t>((side * to + from / 2) / from, 1));
  };
  if (width * settings.height >= height * settings.width) {
    return {settings.width, std::min(scaled(height, settings.width, width), settings.height)};
  }
  return {std::min(scaled(width, settings.height, height), settings.width), settings.height};
}

// Writes `picture` (no larger than the settings' size) at the top left, padding elsewhere.
void Fill(const ImagePreprocess& settings, const Image& picture, std::span<float> destination) {
  const auto channels = static_cast<size_t>(ChannelCount(settings.color));
  const auto width = static_cast<size_t>(settings.width);
  const auto height = static_cast<size_t>(settings.height);
  const auto picture_width = static_cast<size_t>(picture.width);
  const auto picture_height = static_cast<size_t>(picture.height);
  const bool planar = settings.layout == Layout::kNchw;
  const size_t x_step = planar ? 1 : channels;
  for (size_t c = 0; c < channels; ++c) {
    const Normalizer normalize(settings, c);
    const float padding = normalize(settings.pad_value);
    std::array<float, 256> levels{};
    for (size_t level = 0; level < levels.size(); ++level) levels[level] = normalize(static_cast<float>(level));
    float* out = destination.data() + (planar ? c * width * height : c);
    for (size_t y = 0; y < height; ++y) {
      const size_t filled = y < picture_height ? picture_width : 0;
      const uint8_t* row = picture.pixels.data() + (filled == 0 ? 0 : y * picture_width * channels + c);
      for (size_t x = 0; x < filled; ++x, out += x_step) *out = levels[row[x * channels]];
      for (size_t x = filled; x < width; ++x, out += x_step) *out = padding;
    }
  }
}

}  // namespace

absl::Status Check(const ImagePreprocess& settings) {
  const int channels = ChannelCount(settings.color);
  OAR_RETURN_IF_ERROR(CheckSide("height", settings.height));
  OAR_RETURN_IF_ERROR(CheckSide("width", settings.width));
  OAR_RETURN_IF_ERROR(CheckPerChannel("mean", settings.mean, channels));
  OAR_RETURN_IF_ERROR(CheckPerChannel("std", settings.std, channels));
  if (std::find(settings.std.begin(), settings.std.end(), 0.0F) != settings.std.end()) {
    return InvalidArgument("preprocess.std has a 0; pixels are divided by it");
  }
  if (!std::isfinite(settings.scale)) {
    return InvalidArgument("preprocess.scale is {}; it must be a finite number", settings.scale);
  }
  if (!(settings.pad_value >= 0 && settings.pad_value <= 255)) {
    return InvalidArgument("preprocess.pad_value is {}; it must be from 0 to 255", settings.pad_value);
  }
  return absl::OkStatus();
}

Shape OutputShape(const ImagePreprocess& settings, int64_t image_count) {
  const int channels = ChannelCount(settings.color);
  if (settings.layout == Layout::kNchw) return {image_count, channels, settings.height, settings.width};
  return {image_count, settings.height, settings.width, channels};
}

absl::Status PreprocessInto(const ImagePreprocess& settings, const Image& image, std::span<float> destination) {
  OAR_ASSIGN_OR_RETURN(const int64_t wanted, OutputShape(settings, 1).ElementCount());
  if (std::cmp_not_equal(destination.size(), wanted)) {
    return InvalidArgument("a picture becomes {} numbers; the destination has room for {}", wanted, destination.size());
  }
  if (image.channels != ChannelCount(settings.color) || image.width < 1 || image.height < 1 ||
      image.pixels.size() !=
          static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * static_cast<size_t>(image.channels)) {
    return InvalidArgument("a picture of {}x{} with {} channels and {} bytes is not what preprocess.color asks for",
                           image.width, image.height, image.channels, image.pixels.size());
  }
  const Size size = FittedSize(settings, image);
  try {
    if (size.width == image.width && size.height == image.height) {
      Fill(settings, image, destination);
    } else {
      Fill(settings, ResizeBilinear(image, size.width, size.height), destination);
    }
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory to resize a picture of {}x{} pixels", image.width, image.height);
  }
  return absl::OkStatus();
}

}  // namespace oarlock
