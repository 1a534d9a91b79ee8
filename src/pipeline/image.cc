#include "pipeline/image.h"

#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "pipeline/image_formats.h"

namespace oarlock {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kJpegMagic = "\xFF\xD8\xFF"sv;
constexpr std::string_view kPngMagic = "\x89PNG\r\n\x1A\n"sv;

std::string HexOf(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", static_cast<uint8_t>(byte));
  return text;
}

// What a file that is not read here looks like, for the message.
std::string Describe(std::string_view file) {
  if (file.starts_with("GIF87a") || file.starts_with("GIF89a")) return "a GIF file";
  if (file.starts_with("RIFF") && file.substr(0, 12).ends_with("WEBP")) return "a WebP file";
  if (file.starts_with("II*\0"sv) || file.starts_with("MM\0*"sv)) return "a TIFF file";
  if (file.starts_with("%PDF-")) return "a PDF file";
  if (file.size() >= 12 && file.substr(4, 4) == "ftyp") return "an AVIF, HEIC or MP4 file";
  if (file.starts_with("BM") && file.size() >= 26) return "a BMP file";
  return fmt::format("a file that begins with the bytes {}", HexOf(file.substr(0, 8)));
}

}  // namespace

absl::Status CheckPixelCount(const char* format, int64_t width, int64_t height, const Limits& limits) {
  if (width < 1 || height < 1) return InvalidArgument("the {} has no pixels: {}x{}", format, width, height);
  // Both formats hold sizes of at most 31 bits, so the product fits.
  if (width * height > limits.image_pixels_max) {
    return InvalidArgument("the {} has {}x{} pixels; at most {} are accepted (image_pixels_max)", format, width, height,
                           limits.image_pixels_max);
  }
  return absl::OkStatus();
}

void ConvertFromRgb(ColorOrder wanted, Image* image) {
  std::vector<uint8_t>& pixels = image->pixels;
  if (wanted == ColorOrder::kBgr) {
    for (size_t i = 0; i + 2 < pixels.size(); i += 3) std::swap(pixels[i], pixels[i + 2]);
  }
  if (wanted != ColorOrder::kGray) return;
  const size_t count = pixels.size() / 3;
  for (size_t i = 0; i < count; ++i) {
    // ITU-R BT.601 in 16 fractional bits. The weights sum to 65536, so grey stays exactly as it is.
    const uint32_t luma = pixels[3 * i] * 19595U + pixels[3 * i + 1] * 38470U + pixels[3 * i + 2] * 7471U + 0x8000U;
    pixels[i] = static_cast<uint8_t>(luma >> 16);
  }
  pixels.resize(count);
  image->channels = 1;
}

absl::StatusOr<Image> DecodeImage(std::span<const std::byte> file, ColorOrder wanted, const Limits& limits) {
  if (std::cmp_greater(file.size(), limits.image_bytes_max)) {
    return InvalidArgument("a picture of {} bytes; at most {} are accepted (image_bytes_max)", file.size(),
                           limits.image_bytes_max);
  }
  if (file.empty()) return InvalidArgument("a picture of 0 bytes; JPEG and PNG files are read");
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  try {
    if (text.starts_with(kJpegMagic)) return DecodeJpeg(file, wanted, limits);
    if (text.starts_with(kPngMagic)) return DecodePng(file, wanted, limits);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for the pixels of a picture");
  }
  return InvalidArgument("{}; JPEG and PNG files are read", Describe(text));
}

}  // namespace oarlock
