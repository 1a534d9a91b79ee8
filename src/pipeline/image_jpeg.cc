#include <turbojpeg.h>

#include <memory>
#include <type_traits>

#include "base/status.h"
#include "pipeline/image_formats.h"

namespace oarlock {
namespace {

struct Destroy {
  void operator()(tjhandle handle) const { tjDestroy(handle); }
};
using Decompressor = std::unique_ptr<std::remove_pointer_t<tjhandle>, Destroy>;

absl::Status Broken(const Decompressor& decompressor) {
  return InvalidArgument("the JPEG is damaged or cut short: {}", Printable(tjGetErrorStr2(decompressor.get())));
}

}  // namespace

absl::StatusOr<Image> DecodeJpeg(std::span<const std::byte> file, ColorOrder wanted, const Limits& limits) {
  const Decompressor decompressor(tjInitDecompress());
  if (decompressor == nullptr) return ResourceExhausted("no memory for a JPEG decoder");
  const auto* bytes = reinterpret_cast<const unsigned char*>(file.data());
  Image image;
  int subsampling = 0;
  int colorspace = 0;
  if (tjDecompressHeader3(decompressor.get(), bytes, file.size(), &image.width, &image.height, &subsampling,
                          &colorspace) != 0) {
    return Broken(decompressor);
  }
  OAR_RETURN_IF_ERROR(CheckPixelCount("JPEG", image.width, image.height, limits));
  if (colorspace == TJCS_CMYK || colorspace == TJCS_YCCK) {
    return InvalidArgument("the JPEG is in CMYK; convert it to RGB or gray first");
  }
  // A colour picture is made gray from its RGB, not taken from its Y channel: the two round differently.
  const bool gray = wanted == ColorOrder::kGray && colorspace == TJCS_GRAY;
  image.channels = gray ? 1 : 3;
  image.pixels.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) *
                      static_cast<size_t>(image.channels));
  // LIMITSCANS: a small progressive file with thousands of scans would otherwise take minutes. A warning, which is what
  // a file cut short gives, comes back as -1 as well; grey filling is no answer.
  constexpr int kFlags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS | TJFLAG_STOPONWARNING;
  if (tjDecompress2(decompressor.get(), bytes, file.size(), image.pixels.data(), image.width, 0, image.height,
                    gray ? TJPF_GRAY : TJPF_RGB, kFlags) != 0) {
    return Broken(decompressor);
  }
  if (!gray) ConvertFromRgb(wanted, &image);
  return image;
}

}  // namespace oarlock
