#include <spng.h>

#include <algorithm>
#include <memory>

#include "base/status.h"
#include "pipeline/image_formats.h"

namespace oarlock {
namespace {

// What a file's text, colour profile and other extras may take once unpacked: they are never looked at.
constexpr size_t kExtrasBytesMax = 8 << 20;

struct Free {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

absl::Status Broken(int error) {
  if (error == SPNG_EMEM) return ResourceExhausted("no memory for the pixels of a picture");
  return InvalidArgument("the PNG is damaged, cut short or too large: {}", spng_strerror(error));
}

}  // namespace

absl::StatusOr<Image> DecodePng(std::span<const std::byte> file, ColorOrder wanted, const Limits& limits) {
  const std::unique_ptr<spng_ctx, Free> context(spng_ctx_new(0));
  if (context == nullptr) return ResourceExhausted("no memory for a PNG decoder");
  // No side can be longer than all pixels in a row. PNG's own bound is 2^31-1.
  const auto side_max = static_cast<uint32_t>(std::min<int64_t>(limits.image_pixels_max, 0x7FFF'FFFF));
  int error = spng_set_image_limits(context.get(), side_max, side_max);
  if (error == 0) error = spng_set_chunk_limits(context.get(), std::max(kExtrasBytesMax, file.size()), kExtrasBytesMax);
  if (error == 0) error = spng_set_png_buffer(context.get(), file.data(), file.size());
  spng_ihdr header = {};
  if (error == 0) error = spng_get_ihdr(context.get(), &header);
  if (error != 0) return Broken(error);
  OAR_RETURN_IF_ERROR(CheckPixelCount("PNG", header.width, header.height, limits));

  // RGB8 is the one format that libspng makes of every kind of PNG: palettes, 1 to 16 bits, with and without alpha.
  size_t size_bytes = 0;
  error = spng_decoded_image_size(context.get(), SPNG_FMT_RGB8, &size_bytes);
  if (error != 0) return Broken(error);
  Image image;
  image.width = static_cast<int>(header.width);
  image.height = static_cast<int>(header.height);
  image.channels = 3;
  image.pixels.resize(size_bytes);
  error = spng_decode_image(context.get(), image.pixels.data(), size_bytes, SPNG_FMT_RGB8, 0);
  // The chunks after the pixels: a file without its end was cut short.
  if (error == 0) error = spng_decode_chunks(context.get());
  if (error != 0) return Broken(error);
  ConvertFromRgb(wanted, &image);
  return image;
}

}  // namespace oarlock
