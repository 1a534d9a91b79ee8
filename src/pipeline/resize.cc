#include "pipeline/resize.h"

#include <algorithm>
#include <cmath>

namespace oarlock {
namespace {

// Weights are fixed point: 22 fractional bits leave room for an 8-bit value and the sum's sign in 32.
constexpr int kFractionBits = 22;
// Above this many pixels between the two passes, the order of passes that needs fewer is taken. Ordinary pictures stay
// below it and go horizontally first.
constexpr int64_t kIntermediatePixelsMax = int64_t{1} << 24;

// Which source samples make up one sample of the result.
struct Tap {
  int64_t first = 0;  // source index
  size_t weight = 0;  // index of the first weight
  int64_t count = 0;
};

struct Filter {
  std::vector<Tap> taps;  // one per sample of the result
  std::vector<int32_t> weights;
};

Filter MakeFilter(int from, int to) {
  const double scale = static_cast<double>(from) / to;
  const double reach = std::max(scale, 1.0);  // the triangle's half width, in source samples
  Filter filter;
  filter.taps.reserve(static_cast<size_t>(to));
  std::vector<double> exact;
  for (int i = 0; i < to; ++i) {
    const double center = (i + 0.5) * scale;
    Tap tap;
    tap.first = std::max(static_cast<int64_t>(center - reach + 0.5), int64_t{0});
    const int64_t end = std::min(static_cast<int64_t>(center + reach + 0.5), int64_t{from});
    tap.count = end - tap.first;
    tap.weight = filter.weights.size();
    exact.clear();
    double sum = 0;
    for (int64_t j = tap.first; j < end; ++j) {
      const double distance = std::abs((static_cast<double>(j) - center + 0.5) * (1 / reach));
      exact.push_back(distance < 1 ? 1 - distance : 0);
      sum += exact.back();
    }
    for (const double weight : exact) {
      filter.weights.push_back(static_cast<int32_t>(weight / sum * (1 << kFractionBits) + 0.5));
    }
    filter.taps.push_back(tap);
  }
  return filter;
}

// One sample: `source` is the first of the tap's samples, `step` the distance between two.
uint8_t Apply(const Filter& filter, const Tap& tap, const uint8_t* source, size_t step) {
  int64_t sum = int64_t{1} << (kFractionBits - 1);
  for (int64_t j = 0; j < tap.count; ++j) {
    sum += int64_t{filter.weights[tap.weight + static_cast<size_t>(j)]} * source[static_cast<size_t>(j) * step];
  }
  return static_cast<uint8_t>(std::min<int64_t>(sum >> kFractionBits, 255));
}

Image ResizeWidth(const Image& image, int width) {
  if (width == image.width) return image;
  const Filter filter = MakeFilter(image.width, width);
  const auto channels = static_cast<size_t>(image.channels);
  const size_t source_row = static_cast<size_t>(image.width) * channels;
  Image result{width, image.height, image.channels, {}};
  result.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(image.height) * channels);
  uint8_t* out = result.pixels.data();
  for (size_t y = 0; y < static_cast<size_t>(image.height); ++y) {
    const uint8_t* row = image.pixels.data() + y * source_row;
    for (const Tap& tap : filter.taps) {
      const uint8_t* source = row + static_cast<size_t>(tap.first) * channels;
      for (size_t c = 0; c < channels; ++c) *out++ = Apply(filter, tap, source + c, channels);
    }
  }
  return result;
}

Image ResizeHeight(const Image& image, int height) {
  if (height == image.height) return image;
  const Filter filter = MakeFilter(image.height, height);
  const size_t row_size = static_cast<size_t>(image.width) * static_cast<size_t>(image.channels);
  Image result{image.width, height, image.channels, {}};
  result.pixels.resize(row_size * static_cast<size_t>(height));
  uint8_t* out = result.pixels.data();
  for (const Tap& tap : filter.taps) {
    const uint8_t* source = image.pixels.data() + static_cast<size_t>(tap.first) * row_size;
    for (size_t i = 0; i < row_size; ++i) *out++ = Apply(filter, tap, source + i, row_size);
  }
  return result;
}

}  // namespace

Image ResizeBilinear(const Image& image, int width, int height) {
  const int64_t width_first = int64_t{width} * image.height;
  const int64_t height_first = int64_t{image.width} * height;
  if (width_first > kIntermediatePixelsMax && width_first > height_first) {
    return ResizeWidth(ResizeHeight(image, height), width);
  }
  return ResizeHeight(ResizeWidth(image, width), height);
}

}  // namespace oarlock
