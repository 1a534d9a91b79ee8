#include "runtime/pictures.h"

#include "base/status.h"

namespace oarlock {
absl::StatusOr<int64_t> PictureCount(const LoadedModel& model, const RequestInput& input) {
  OAR_ASSIGN_OR_RETURN(const int64_t count, input.shape.ElementCount());
  if (count < 1 || count > model.limits.images_per_request_max) {
    return InvalidArgument("input '{}' holds {} pictures; 1 to {} are possible", input.name, count,
                           model.limits.images_per_request_max);
  }
  return count;
}

absl::Status DecodePictures(const LoadedModel& model, const RequestInput& input, int64_t count,
                            std::span<float> pixels) {
  std::string room;
  const auto files = BytesElements(Joined(input, &room), count);
  if (!files.ok()) return Annotate(files.status(), fmt::format("input '{}'", input.name));
  const ImagePreprocess& settings = *model.manifest.preprocess;
  const size_t pixels_per_image = pixels.size() / static_cast<size_t>(count);
  for (size_t i = 0; i < files->size(); ++i) {
    const auto image = DecodeImage(std::as_bytes(std::span((*files)[i])), settings.color, model.limits);
    const absl::Status status =
        image.ok() ? PreprocessInto(settings, *image, pixels.subspan(i * pixels_per_image, pixels_per_image))
                   : image.status();
    if (!status.ok()) return Annotate(status, fmt::format("input '{}', picture {}", input.name, i));
  }
  return absl::OkStatus();
}

}  // namespace oarlock
