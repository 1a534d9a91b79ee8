// An encoded picture, as a client sends it, turned into pixels: JPEG through libjpeg-turbo, PNG through libspng.
// What comes out is what Pillow's open(file).convert("L" or "RGB") gives, with these points worth knowing:
//   alpha          dropped, not composited, be it a channel, a transparent colour or a palette's
//   16-bit PNG     the high byte is kept (as OpenCV does; Pillow clips instead, which turns most pictures white)
//   EXIF rotation  not applied
//   CMYK JPEG      refused: without its colour profile the colours are a guess
// Thread rule: a pure function; any thread. Ownership: the file's bytes are only read, and only during the call.
#ifndef OARLOCK_PIPELINE_IMAGE_H_
#define OARLOCK_PIPELINE_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "base/limits.h"

namespace oarlock {

// Channels of a picture and their order; `preprocess.color` of a manifest.
enum class ColorOrder { kGray, kRgb, kBgr };

inline int ChannelCount(ColorOrder color) { return color == ColorOrder::kGray ? 1 : 3; }

// 8 bits a channel, interleaved, rows from the top without padding: pixels[(y * width + x) * channels + c].
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;
};

// INVALID_ARGUMENT for everything that is no whole, sound JPEG or PNG file within `limits` (image_bytes_max and
// image_pixels_max; the latter is checked before memory for pixels is taken).
absl::StatusOr<Image> DecodeImage(std::span<const std::byte> file, ColorOrder wanted, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_IMAGE_H_
