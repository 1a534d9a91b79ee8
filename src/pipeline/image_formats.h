// Inside of image.h: one decoder a file format, and what they share.
#ifndef OARLOCK_PIPELINE_IMAGE_FORMATS_H_
#define OARLOCK_PIPELINE_IMAGE_FORMATS_H_

#include "pipeline/image.h"

namespace oarlock {

// Both may throw std::bad_alloc.
absl::StatusOr<Image> DecodeJpeg(std::span<const std::byte> file, ColorOrder wanted, const Limits& limits);
absl::StatusOr<Image> DecodePng(std::span<const std::byte> file, ColorOrder wanted, const Limits& limits);

// Refuses sizes that are empty or have too many pixels. `format` names the file in the message.
absl::Status CheckPixelCount(const char* format, int64_t width, int64_t height, const Limits& limits);

// Turns the RGB pixels of `image` into what was wanted, in place.
void ConvertFromRgb(ColorOrder wanted, Image* image);

}  // namespace oarlock

#endif  // OARLOCK_PIPELINE_IMAGE_FORMATS_H_
