#include <cmath>
#include <string>
#include <vector>

#include "hpp_fixture.h"

namespace oarlock {
namespace {

using HppImage = NoLeakTest;

// One white pixel, 8-bit gray, as PNG.
const std::vector<uint8_t> kPicture = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00,
    0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0xf8, 0x0f, 0x00, 0x01, 0x01, 0x01, 0x00,
    0x1c, 0xb0, 0x8c, 0x99, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

TEST_F(HppImage, BecomesATensor) {
  const Image image = Image::Decode(kPicture, OAR_COLOR_RGB).value();
  const ImageDescription is = image.Describe().value();
  EXPECT_EQ(is.width, 1);
  EXPECT_EQ(is.channel_count, 3);
  EXPECT_EQ(is.pixels[2], 255);
  ImageOptions options;
  options.height = 2;
  options.width = 4;
  options.mean[0] = 0.5F;
  const Tensor tensor = image.ToTensor(options).value();
  EXPECT_EQ(DimsOf(tensor.Describe().value()), Dims({1, 3, 2, 4}));
  EXPECT_FLOAT_EQ(tensor.As<float>().value()[0], 0.5F);
  EXPECT_FLOAT_EQ(tensor.As<float>().value()[23], 1.0F);
}

TEST_F(HppImage, WritesOneRow) {
  const Image image = Image::Decode(kPicture, OAR_COLOR_GRAY).value();
  std::vector<float> rows(3, -1);
  const Tensor tensor = Tensor::Of(rows, {3, 1, 1, 1}).value();
  image.WriteTo(tensor, 1).value();
  EXPECT_EQ(rows, std::vector<float>({-1, 1, -1}));
  EXPECT_EQ(image.WriteTo(tensor, 3).code(), OAR_OUT_OF_RANGE);
}

TEST_F(HppImage, BytesOfOtherKindsAreRefused) {
  EXPECT_EQ(Image::Decode(std::string("no picture")).code(), OAR_INVALID_ARGUMENT);
  EXPECT_EQ(Image::Decode(Bytes(kPicture.data(), 20)).code(), OAR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace oarlock
