// Decoded pictures, and how they become the numbers a model takes.
//
//   oarlock::Image image = oarlock::Image::Decode(file, OAR_COLOR_RGB).value();
//   oarlock::ImageOptions options;
//   options.height = options.width = 224;
//   oarlock::Tensor x = image.ToTensor(options).value();       FP32 [1, 3, 224, 224]
//
// Threads: any.
#ifndef OARLOCK_CPP_IMAGE_HPP_
#define OARLOCK_CPP_IMAGE_HPP_

#include "oarlock/cpp/owner.hpp"
#include "oarlock/cpp/result.hpp"
#include "oarlock/cpp/tensor.hpp"

namespace oarlock {
inline namespace v1 {

using ImageDescription = Sized<oar_image_description>;
using ImageOptions = Sized<oar_image_options>;

class Image : public Owner<oar_image, oar_image_destroy> {
 public:
  using Owner::Owner;

  // A JPEG or PNG file's bytes.
  static Result<Image> Decode(Bytes file, oar_color color = OAR_COLOR_RGB) {
    const Result<oar_image> handle = Get(oar_image{}, oar_image_decode, file.data(), file.size_bytes(), color);
    if (!handle) return handle.failure();
    return Image(handle.value());
  }

  // Its pixels live as long as the image.
  Result<ImageDescription> Describe() const { return Get(ImageDescription(), oar_image_describe, handle()); }
  // Resized, scaled, normalised and laid out, into one row of a tensor.
  Result<void> WriteTo(const Tensor& tensor, int64_t row, const ImageOptions& options = {}) const {
    return Call(oar_image_write_to, handle(), &options, tensor.handle(), row);
  }
  // The same into a new tensor of one row.
  Result<Tensor> ToTensor(const ImageOptions& options = {}) const {
    const Result<oar_tensor> tensor = Get(oar_tensor{}, oar_image_to_tensor, handle(), &options);
    if (!tensor) return tensor.failure();
    return Tensor(tensor.value());
  }
};

}  // namespace v1
}  // namespace oarlock

#endif  // OARLOCK_CPP_IMAGE_HPP_
