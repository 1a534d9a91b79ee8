// Pictures: from a PNG whose pixels are known to numbers worked out by hand.
#include "fixture.h"

namespace oarlock::capi_test {
namespace {

// Three columns and two rows of red, green, blue:
//   255,0,0    0,255,0    0,0,255
//   10,20,30   40,50,60   255,255,255
constexpr unsigned char kPng[] = {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
                                  0x44, 0x52, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x08, 0x02, 0x00, 0x00,
                                  0x00, 0x12, 0x16, 0xf1, 0x4d, 0x00, 0x00, 0x00, 0x18, 0x49, 0x44, 0x41, 0x54, 0x78,
                                  0xda, 0x63, 0xf8, 0xcf, 0xc0, 0xc0, 0x00, 0xc1, 0x5c, 0x22, 0x72, 0x1a, 0x46, 0x36,
                                  0xff, 0xff, 0xff, 0x07, 0x00, 0x37, 0x87, 0x06, 0xcd, 0xad, 0xb0, 0x5a, 0x93, 0x00,
                                  0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

class CImage : public CApi {
 protected:
  static Owned<oar_image> Decoded(oar_color color) {
    Owned<oar_image> image;
    EXPECT_TRUE(Ok(oar_image_decode, kPng, sizeof kPng, color, image.out()));
    return image;
  }
  static std::vector<float> Pixels(oar_image image, const oar_image_options* options) {
    Owned<oar_tensor> tensor;
    EXPECT_TRUE(Ok(oar_image_to_tensor, image, options, tensor.out()));
    return Elements<float>(tensor.get());
  }
};

TEST_F(CImage, DescribesItsPixelsInTheOrderAskedFor) {
  const auto rgb = Decoded(OAR_COLOR_RGB);
  auto description = Sized<oar_image_description>();
  ASSERT_TRUE(Ok(oar_image_describe, rgb.get(), &description));
  EXPECT_EQ(description.width, 3);
  EXPECT_EQ(description.height, 2);
  EXPECT_EQ(description.channel_count, 3);
  EXPECT_EQ(description.color, OAR_COLOR_RGB);
  ASSERT_EQ(description.size_bytes, 18U);
  EXPECT_EQ(std::vector<int>(description.pixels, description.pixels + 18),
            (std::vector<int>{255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 255, 255, 255}));
  const auto bgr = Decoded(OAR_COLOR_BGR);
  ASSERT_TRUE(Ok(oar_image_describe, bgr.get(), &description));
  EXPECT_EQ(description.color, OAR_COLOR_BGR);
  EXPECT_EQ(std::vector<int>(description.pixels + 9, description.pixels + 12), (std::vector<int>{30, 20, 10}));
  const auto gray = Decoded(OAR_COLOR_GRAY);
  ASSERT_TRUE(Ok(oar_image_describe, gray.get(), &description));
  EXPECT_EQ(description.color, OAR_COLOR_GRAY);
  EXPECT_EQ(description.channel_count, 1);
  ASSERT_EQ(description.size_bytes, 6U);
  EXPECT_EQ(description.pixels[5], 255);
}

TEST_F(CImage, BecomesNumbersByChannelOrByPixel) {
  const auto image = Decoded(OAR_COLOR_RGB);
  auto options = Sized<oar_image_options>();
  options.scale = 1;
  EXPECT_EQ(Pixels(image.get(), &options), (std::vector<float>{255, 0, 0, 10, 40, 255,     // red
                                                               0, 255, 0, 20, 50, 255,     // green
                                                               0, 0, 255, 30, 60, 255}));  // blue
  options.layout = OAR_LAYOUT_NHWC;
  EXPECT_EQ(Pixels(image.get(), &options),
            (std::vector<float>{255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30, 40, 50, 60, 255, 255, 255}));
  Owned<oar_tensor> tensor;
  ASSERT_TRUE(Ok(oar_image_to_tensor, image.get(), &options, tensor.out()));
  EXPECT_EQ(DimsOf(tensor.get()), (Dims{1, 2, 3, 3}));
}

TEST_F(CImage, IsScaledAndNormalisedByChannel) {
  const auto image = Decoded(OAR_COLOR_RGB);
  const std::vector<float> plain = Pixels(image.get(), nullptr);
  EXPECT_FLOAT_EQ(plain[0], 1);
  EXPECT_FLOAT_EQ(plain[3], 10.0F / 255);
  auto options = Sized<oar_image_options>();
  options.scale = 0.1F;
  options.mean[0] = 1;
  options.mean[2] = 3;
  options.std[1] = 2;
  options.std[2] = 4;
  const std::vector<float> made = Pixels(image.get(), &options);
  EXPECT_FLOAT_EQ(made[4], 40 * 0.1F - 1);
  EXPECT_FLOAT_EQ(made[6 + 4], 50 * 0.1F / 2);
  EXPECT_FLOAT_EQ(made[12 + 4], (60 * 0.1F - 3) / 4);
}

TEST_F(CImage, KeepsItsProportionsAndIsPaddedAtTheRightAndTheBottom) {
  const auto image = Decoded(OAR_COLOR_RGB);
  auto options = Sized<oar_image_options>();
  options.scale = 1;
  options.width = 3;
  options.height = 3;
  options.resize = OAR_RESIZE_KEEP_RATIO;
  options.pad_value = 7;
  const std::vector<float> made = Pixels(image.get(), &options);
  EXPECT_EQ(std::vector<float>(made.begin(), made.begin() + 9), (std::vector<float>{255, 0, 0, 10, 40, 255, 7, 7, 7}));
}

TEST_F(CImage, IsWrittenIntoOneRowAndNoOther) {
  const auto image = Decoded(OAR_COLOR_GRAY);
  auto options = Sized<oar_image_options>();
  options.scale = 1;
  const auto tensor = Of<float>({3, 1, 2, 3}, std::vector<float>(18, -1));
  ASSERT_TRUE(Ok(oar_image_write_to, image.get(), &options, tensor.get(), int64_t{1}));
  const std::vector<float> rows = Elements<float>(tensor.get());
  EXPECT_EQ(std::vector<float>(rows.begin(), rows.begin() + 6), std::vector<float>(6, -1));
  EXPECT_EQ(rows[11], 255);
  EXPECT_EQ(std::vector<float>(rows.begin() + 12, rows.end()), std::vector<float>(6, -1));
  for (const int64_t row : {int64_t{-1}, int64_t{3}, INT64_MAX, INT64_MIN}) {
    EXPECT_TRUE(
        Fails(OAR_OUT_OF_RANGE, std::to_string(row), oar_image_write_to, image.get(), &options, tensor.get(), row));
  }
  EXPECT_EQ(Elements<float>(tensor.get()), rows);
}

TEST_F(CImage, TensorsThatDoNotFitAreRefusedAndNotWritten) {
  const auto image = Decoded(OAR_COLOR_RGB);
  std::vector<float> lent(18, -1);
  const auto read_only = Over(lent.data(), 18, {1, 3, 2, 3}, OAR_TENSOR_READ_ONLY);
  EXPECT_TRUE(Fails(OAR_FAILED_PRECONDITION, "read-only", oar_image_write_to, image.get(), nullptr, read_only.get(),
                    int64_t{0}));
  for (const Dims& dims : {Dims{18}, Dims{1, 3, 3, 2}, Dims{1, 1, 6, 3}, Dims{3, 2, 3}, Dims{1, 3, 2, 3, 1}}) {
    const auto tensor = Over(lent.data(), 18, dims);
    EXPECT_TRUE(
        Fails(OAR_INVALID_ARGUMENT, "[1,3,2,3]", oar_image_write_to, image.get(), nullptr, tensor.get(), int64_t{0}));
  }
  const auto none = Allocated(OAR_DTYPE_F32, {0, 3, 2, 3});
  EXPECT_TRUE(Fails(OAR_OUT_OF_RANGE, "0 of 0", oar_image_write_to, image.get(), nullptr, none.get(), int64_t{0}));
  const auto integers = Allocated(OAR_DTYPE_I32, {1, 3, 2, 3});
  EXPECT_TRUE(
      Fails(OAR_INVALID_ARGUMENT, "INT32", oar_image_write_to, image.get(), nullptr, integers.get(), int64_t{0}));
  EXPECT_EQ(lent, std::vector<float>(18, -1));
}

TEST_F(CImage, OptionsThatMakeNoSenseAreNamed) {
  const auto image = Decoded(OAR_COLOR_RGB);
  const auto refused = [&](std::string_view word, const std::function<void(oar_image_options&)>& change) {
    auto options = Sized<oar_image_options>();
    change(options);
    oar_tensor tensor{0xabab};
    EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, word, oar_image_to_tensor, image.get(), &options, &tensor));
    EXPECT_EQ(tensor.value, 0xababU);
  };
  refused("height", [](oar_image_options& options) { options.height = -1; });
  refused("width", [](oar_image_options& options) { options.width = INT32_MIN; });
  refused("", [](oar_image_options& options) { options.width = options.height = INT32_MAX; });
  refused("resize", [](oar_image_options& options) { options.resize = 2; });
  refused("layout", [](oar_image_options& options) { options.layout = -1; });
}

TEST_F(CImage, FilesThatAreCutOrChangedAreRefused) {
  for (size_t size_bytes = 0; size_bytes < sizeof kPng; ++size_bytes) {
    oar_image image{0xabab};
    const Answer answer = Ask(oar_image_decode, kPng, size_bytes, OAR_COLOR_RGB, &image);
    // What follows the pixels may be missing without harm.
    if (answer.code == OAR_OK) {
      EXPECT_GE(size_bytes, sizeof kPng - 16) << size_bytes;
      contract::End(image);
      continue;
    }
    EXPECT_EQ(answer.code, OAR_INVALID_ARGUMENT) << size_bytes << ": " << answer.text;
    EXPECT_EQ(image.value, 0xababU);
  }
  std::vector<unsigned char> changed(kPng, kPng + sizeof kPng);
  changed[16] = 0x7f;  // 2^31 columns
  oar_image image{0xabab};
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "", oar_image_decode, changed.data(), changed.size(), OAR_COLOR_RGB, &image));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "", oar_image_decode, nullptr, size_t{0}, OAR_COLOR_RGB, &image));
  EXPECT_TRUE(Fails(OAR_INVALID_ARGUMENT, "color", oar_image_decode, kPng, sizeof kPng, oar_color{3}, &image));
  EXPECT_EQ(image.value, 0xababU);
}

}  // namespace
}  // namespace oarlock::capi_test
