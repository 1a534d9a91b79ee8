#include "pipeline/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "pipeline/resize.h"

namespace oarlock {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

// Level by level, so that expected numbers are the pixels themselves.
ImagePreprocess Plain(int width, int height, ColorOrder color = ColorOrder::kGray) {
  ImagePreprocess settings;
  settings.color = color;
  settings.width = width;
  settings.height = height;
  settings.scale = 1;
  return settings;
}

std::vector<float> Preprocessed(const ImagePreprocess& settings, const Image& image) {
  EXPECT_EQ(Check(settings), absl::OkStatus());
  std::vector<float> numbers(static_cast<size_t>(*OutputShape(settings, 1).ElementCount()), -1);
  EXPECT_EQ(PreprocessInto(settings, image, numbers), absl::OkStatus());
  return numbers;
}

// The same picture of noise wherever it is made.
Image Noise(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  uint32_t state = 12345;
  image.pixels.resize(static_cast<size_t>(width * height * channels));
  for (uint8_t& pixel : image.pixels) {
    state = state * 1664525U + 1013904223U;
    pixel = static_cast<uint8_t>(state >> 24);
  }
  return image;
}

uint64_t Fnv(const std::vector<uint8_t>& bytes) {
  uint64_t hash = 14695981039346656037ULL;
  for (const uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211ULL;
  return hash;
}

TEST(Resize, TheSameSizeIsTheSamePicture) {
  const Image image = Noise(31, 17, 3);
  EXPECT_EQ(ResizeBilinear(image, 31, 17).pixels, image.pixels);
}

TEST(Resize, GrowingInterpolatesBetweenHalfPixelCentres) {
  // 2 -> 4: the centres fall at 0, 0.25, 0.75 and 1 of the way.
  EXPECT_THAT(ResizeBilinear({2, 1, 1, {0, 100}}, 4, 1).pixels, ElementsAre(0, 25, 75, 100));
  EXPECT_THAT(ResizeBilinear({1, 2, 1, {0, 100}}, 1, 4).pixels, ElementsAre(0, 25, 75, 100));
}

TEST(Resize, ShrinkingLooksAtEveryPixel) {
  // 4 -> 2: a triangle of half width 2 around 1 weighs 0.75 0.75 0.25, around 3 0.25 0.75 0.75.
  // (0.75 * 0 + 0.75 * 100 + 0.25 * 200) / 1.75 = 71.4; (0.25 * 100 + 0.75 * 200 + 0.75 * 40) / 1.75 = 117.1
  EXPECT_THAT(ResizeBilinear({4, 1, 1, {0, 100, 200, 40}}, 2, 1).pixels, ElementsAre(71, 117));
}

TEST(Resize, OnePixelFillsEverySize) {
  EXPECT_THAT(ResizeBilinear({1, 1, 1, {93}}, 5, 3).pixels, testing::AllOf(testing::SizeIs(15), Each(93)));
}

// What Pillow 13.0 makes of the same noise with resize((width, height), BILINEAR).
TEST(Resize, GivesThePixelsOfPillow) {
  EXPECT_THAT(ResizeBilinear(Noise(5, 3, 1), 3, 2).pixels, ElementsAre(29, 124, 193, 81, 167, 136));
  EXPECT_THAT(ResizeBilinear(Noise(3, 2, 1), 5, 4).pixels,
              ElementsAre(5, 5, 4, 85, 139, 44, 51, 61, 91, 111, 123, 144, 175, 104, 56, 162, 190, 232, 110, 28));
  EXPECT_THAT(ResizeBilinear(Noise(1, 50, 1), 3, 2).pixels, ElementsAre(133, 133, 133, 132, 132, 132));
  EXPECT_EQ(Fnv(ResizeBilinear(Noise(97, 61, 3), 32, 40).pixels), 0x8597d384ad47dad9U);
  EXPECT_EQ(Fnv(ResizeBilinear(Noise(97, 61, 3), 224, 224).pixels), 0xf448da1e4916f550U);
  EXPECT_EQ(Fnv(ResizeBilinear(Noise(640, 480, 3), 224, 224).pixels), 0x3234822e64451277U);
  EXPECT_EQ(Fnv(ResizeBilinear(Noise(33, 17, 3), 33, 5).pixels), 0x4b0bed944183202aU);
  EXPECT_EQ(Fnv(ResizeBilinear(Noise(100, 100, 3), 99, 101).pixels), 0xee2190490488de46U);
}

// Naively the pass in between would hold 65535 x 1000000 pixels.
TEST(Resize, HugeRatiosStaySmallInBetween) {
  const Image tall{1, 1'000'000, 1, std::vector<uint8_t>(1'000'000, 50)};
  EXPECT_THAT(ResizeBilinear(tall, 65'535, 1).pixels, testing::AllOf(testing::SizeIs(65'535), Each(50)));
  const Image wide{1'000'000, 1, 1, std::vector<uint8_t>(1'000'000, 50)};
  EXPECT_THAT(ResizeBilinear(wide, 1, 65'535).pixels, testing::AllOf(testing::SizeIs(65'535), Each(50)));
}

TEST(Preprocess, DefaultsScaleToOne) {
  ImagePreprocess settings;
  settings.width = 2;
  settings.height = 1;
  EXPECT_THAT(Preprocessed(settings, {2, 1, 3, {0, 51, 102, 153, 204, 255}}),
              testing::Pointwise(testing::FloatEq(), {0.0F, 0.6F, 0.2F, 0.8F, 0.4F, 1.0F}));
}

TEST(Preprocess, LayoutOrdersTheDims) {
  const Image image{2, 1, 3, {1, 2, 3, 4, 5, 6}};
  ImagePreprocess settings = Plain(2, 1, ColorOrder::kRgb);
  EXPECT_EQ(OutputShape(settings, 7), (Shape{7, 3, 1, 2}));
  EXPECT_THAT(Preprocessed(settings, image), ElementsAre(1, 4, 2, 5, 3, 6));
  settings.layout = Layout::kNhwc;
  EXPECT_EQ(OutputShape(settings, 7), (Shape{7, 1, 2, 3}));
  EXPECT_THAT(Preprocessed(settings, image), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(Preprocess, MeanAndStdAreTakenPerChannel) {
  ImagePreprocess settings = Plain(1, 1, ColorOrder::kRgb);
  settings.scale = 0.5F;
  settings.mean = {1, 2, 3};
  settings.std = {1, 2, 4};
  EXPECT_THAT(Preprocessed(settings, {1, 1, 3, {10, 20, 30}}), ElementsAre(4, 4, 3));
  settings.mean = {1};
  settings.std = {2};
  EXPECT_THAT(Preprocessed(settings, {1, 1, 3, {10, 20, 30}}), ElementsAre(2, 4.5, 7));
}

TEST(Preprocess, KeepRatioPadsAtTheRightOrTheBottom) {
  ImagePreprocess settings = Plain(4, 2);
  settings.resize = Resize::kKeepRatio;
  settings.pad_value = 9.5F;
  const Image square{2, 2, 1, {1, 2, 3, 4}};
  EXPECT_THAT(Preprocessed(settings, square), ElementsAre(1, 2, 9.5, 9.5, 3, 4, 9.5, 9.5));
  settings.width = 2;
  settings.height = 3;
  EXPECT_THAT(Preprocessed(settings, square), ElementsAre(1, 2, 3, 4, 9.5, 9.5));
  settings.scale = 2;
  settings.mean = {1};
  settings.std = {3};
  EXPECT_THAT(Preprocessed(settings, square), ElementsAre(1.F / 3, 1, 5.F / 3, 7.F / 3, 6, 6));
}

TEST(Preprocess, KeepRatioOfExtremeSizesLeavesAPixel) {
  ImagePreprocess settings = Plain(4, 3);
  settings.resize = Resize::kKeepRatio;
  const Image line{1000, 1, 1, std::vector<uint8_t>(1000, 7)};
  EXPECT_THAT(Preprocessed(settings, line), ElementsAre(7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0, 0));
  const Image column{1, 1000, 1, std::vector<uint8_t>(1000, 7)};
  EXPECT_THAT(Preprocessed(settings, column), ElementsAre(7, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0));
}

TEST(Preprocess, KeepRatioRoundsToTheNearest) {
  ImagePreprocess settings = Plain(10, 10);
  settings.resize = Resize::kKeepRatio;
  // 3 * 10 / 4 = 7.5 -> 8 rows of picture, 2 of padding.
  const std::vector<float> numbers = Preprocessed(settings, {4, 3, 1, std::vector<uint8_t>(12, 5)});
  EXPECT_EQ(std::count(numbers.begin(), numbers.end(), 5.0F), 80);
  EXPECT_EQ(numbers[79], 5);
  EXPECT_EQ(numbers[80], 0);
}

TEST(Preprocess, StretchFillsEverything) {
  EXPECT_THAT(Preprocessed(Plain(4, 2), {2, 1, 1, {0, 100}}), ElementsAre(0, 25, 75, 100, 0, 25, 75, 100));
}

TEST(Preprocess, RefusesWhatDoesNotFitTogether) {
  const ImagePreprocess settings = Plain(2, 2);
  std::vector<float> numbers(4, -1);
  EXPECT_EQ(PreprocessInto(settings, {1, 1, 1, {1}}, std::span(numbers).first(3)).message(),
            "a picture becomes 4 numbers; the destination has room for 3");
  for (const Image& image : {Image{1, 1, 3, {1, 2, 3}}, Image{2, 2, 1, {1, 2, 3}}, Image{}}) {
    EXPECT_EQ(PreprocessInto(settings, image, numbers).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_THAT(numbers, Each(-1));
}

TEST(Preprocess, CheckNamesTheKeyAndTheValue) {
  const auto message = [](auto change) {
    ImagePreprocess settings = Plain(8, 8, ColorOrder::kRgb);
    change(settings);
    const absl::Status status = Check(settings);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(message([](auto& s) { s.height = 0; }), "preprocess.height is 0; it must be from 1 to 65535");
  EXPECT_EQ(message([](auto& s) { s.width = 65'536; }), "preprocess.width is 65536; it must be from 1 to 65535");
  EXPECT_EQ(message([](auto& s) {
              s.mean = {1, 2};
            }),
            "preprocess.mean has 2 numbers; it must have 1 or 3, one per channel");
  EXPECT_EQ(message([](auto& s) { s.std = {}; }), "preprocess.std has 0 numbers; it must have 1 or 3, one per channel");
  EXPECT_EQ(message([](auto& s) { s.std = {1, 0, 1}; }), "preprocess.std has a 0; pixels are divided by it");
  EXPECT_EQ(message([](auto& s) { s.mean = {NAN}; }), "preprocess.mean is nan; it must be a finite number");
  EXPECT_EQ(message([inf](auto& s) { s.std = {inf}; }), "preprocess.std is inf; it must be a finite number");
  EXPECT_EQ(message([inf](auto& s) { s.scale = inf; }), "preprocess.scale is inf; it must be a finite number");
  EXPECT_EQ(message([](auto& s) { s.pad_value = 256; }), "preprocess.pad_value is 256; it must be from 0 to 255");
  EXPECT_EQ(message([](auto& s) { s.pad_value = NAN; }), "preprocess.pad_value is nan; it must be from 0 to 255");
}

}  // namespace
}  // namespace oarlock
