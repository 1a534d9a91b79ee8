#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../capi/picture.h"
#include "hpp_fixture.h"

namespace oarlock {
namespace {

using HppImage = NoLeakTest;

static_assert(!std::is_convertible_v<const char (&)[4], Bytes> && std::is_convertible_v<std::string_view, Bytes>);

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
  EXPECT_EQ(Image::Decode(Bytes(kPicture, 20)).code(), OAR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace oarlock
