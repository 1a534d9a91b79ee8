#include "base/status.h"
#include "capi/generated/bodies.h"
#include "capi/objects.h"
#include "pipeline/preprocess.h"

namespace oarlock::capi {
namespace {

constexpr ColorOrder kColors[] = {ColorOrder::kRgb, ColorOrder::kBgr, ColorOrder::kGray};  // by oar_color

oar_color ColorOf(ColorOrder color) {
  for (size_t i = 0; i < std::size(kColors); ++i) {
    if (kColors[i] == color) return static_cast<oar_color>(i);
  }
  return OAR_COLOR_RGB;
}

absl::StatusOr<ImagePreprocess> SettingsOf(const ImageObject& image, const oar_image_options& options) {
  ImagePreprocess settings;
  settings.color = image.color;
  settings.height = options.height == 0 ? image.image.height : options.height;
  settings.width = options.width == 0 ? image.image.width : options.width;
  settings.resize = options.resize == OAR_RESIZE_KEEP_RATIO ? Resize::kKeepRatio : Resize::kStretch;
  settings.pad_value = options.pad_value;
  if (options.scale != 0) settings.scale = options.scale;
  const int channels = image.image.channels;
  settings.mean.assign(options.mean, options.mean + channels);
  settings.std.assign(options.std, options.std + channels);
  for (float& std : settings.std) {
    if (std == 0) std = 1;
  }
  settings.layout = options.layout == OAR_LAYOUT_NHWC ? Layout::kNhwc : Layout::kNchw;
  OAR_RETURN_IF_ERROR(Check(settings));
  return settings;
}

}  // namespace

absl::Status ImageDecode(std::span<const std::byte> file, oar_color color, std::shared_ptr<ImageObject>* image) {
  auto made = std::make_shared<ImageObject>();
  made->color = kColors[color];
  OAR_ASSIGN_OR_RETURN(made->image, DecodeImage(file, made->color, Limits()));
  *image = std::move(made);
  return absl::OkStatus();
}

absl::Status ImageDescribe(const Pinned<ImageObject>& image, oar_image_description* description) {
  const Image& from = image->image;
  description->width = from.width;
  description->height = from.height;
  description->channel_count = from.channels;
  description->color = ColorOf(image->color);
  description->pixels = from.pixels.data();
  description->size_bytes = from.pixels.size();
  return absl::OkStatus();
}

absl::Status ImageWriteTo(const Pinned<ImageObject>& image, const oar_image_options& options,
                          const Pinned<TensorObject>& tensor, int64_t row) {
  OAR_ASSIGN_OR_RETURN(const ImagePreprocess settings, SettingsOf(*image, options));
  const StridedTensor& to = tensor->tensor;
  const int64_t rows = to.shape().rank() == 4 ? to.shape()[0] : 1;
  const Shape wanted = OutputShape(settings, rows);
  if (to.dtype() != DType::kF32 || !(to.shape() == wanted)) {
    return InvalidArgument("the picture becomes FP32 {}; the tensor is {} {}", wanted.ToString(), NameOf(to.dtype()),
                           to.shape().ToString());
  }
  if (row < 0 || row >= rows) return OutOfRange("row {} of {}", row, rows);
  if (to.traits().read_only) return FailedPrecondition("the tensor is read-only");
  // A row of a tensor with gaps may be without.
  OAR_ASSIGN_OR_RETURN(const StridedTensor slice, to.Slice(0, row, row + 1));
  if (!slice.is_contiguous() || !Execution::ReadsInPlace(slice.data(), DType::kF32)) {
    return InvalidArgument("row {} of the tensor has gaps, or does not start at a multiple of {} bytes", row,
                           sizeof(float));
  }
  return PreprocessInto(settings, image->image,
                        {reinterpret_cast<float*>(slice.data()), slice.size_bytes() / sizeof(float)});
}

absl::Status ImageToTensor(const Pinned<ImageObject>& image, const oar_image_options& options,
                           std::shared_ptr<TensorObject>* tensor) {
  OAR_ASSIGN_OR_RETURN(const ImagePreprocess settings, SettingsOf(*image, options));
  auto made = std::make_shared<TensorObject>();
  OAR_ASSIGN_OR_RETURN(made->tensor, StridedTensor::Allocate(DType::kF32, OutputShape(settings, 1)));
  OAR_RETURN_IF_ERROR(
      PreprocessInto(settings, image->image,
                     {reinterpret_cast<float*>(made->tensor.data()), made->tensor.size_bytes() / sizeof(float)}));
  *tensor = std::move(made);
  return absl::OkStatus();
}

}  // namespace oarlock::capi
