#include "pipeline/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spng.h>
#include <turbojpeg.h>

#include <cstring>
#include <memory>
#include <random>

#include "base/rounds_test.h"

namespace oarlock {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Pixels = std::vector<uint8_t>;

std::span<const std::byte> Bytes(const std::string& file) { return std::as_bytes(std::span(file)); }

absl::StatusOr<Image> Decode(const std::string& file, ColorOrder wanted = ColorOrder::kRgb, const Limits& limits = {}) {
  return DecodeImage(Bytes(file), wanted, limits);
}

std::string ErrorOf(const std::string& file, const Limits& limits = {}) {
  const auto image = Decode(file, ColorOrder::kRgb, limits);
  EXPECT_EQ(image.status().code(), absl::StatusCode::kInvalidArgument) << image.status();
  return std::string(image.status().message());
}

std::string Jpeg(int width, int height, const Pixels& pixels, int format, int subsampling, int flags = 0) {
  const tjhandle encoder = tjInitCompress();
  unsigned char* data = nullptr;
  unsigned long size = 0;  // NOLINT: the library's type
  EXPECT_EQ(tjCompress2(encoder, pixels.data(), width, 0, height, format, &data, &size, subsampling, 95,
                        flags | TJFLAG_ACCURATEDCT),
            0)
      << tjGetErrorStr2(encoder);
  std::string file(reinterpret_cast<const char*>(data), size);
  tjFree(data);
  tjDestroy(encoder);
  return file;
}

struct PngKind {
  uint8_t color_type = SPNG_COLOR_TYPE_TRUECOLOR;
  uint8_t bit_depth = 8;
  bool interlaced = false;
  std::vector<spng_plte_entry> palette = {};
  std::vector<uint8_t> palette_alpha = {};
};

std::string Png(uint32_t width, uint32_t height, const Pixels& raw, const PngKind& kind = {}) {
  spng_ctx* context = spng_ctx_new(SPNG_CTX_ENCODER);
  spng_set_option(context, SPNG_ENCODE_TO_BUFFER, 1);
  spng_ihdr header = {};
  header.width = width;
  header.height = height;
  header.color_type = kind.color_type;
  header.bit_depth = kind.bit_depth;
  header.interlace_method = kind.interlaced ? 1 : 0;
  EXPECT_EQ(spng_set_ihdr(context, &header), 0);
  if (!kind.palette.empty()) {
    spng_plte palette = {};
    palette.n_entries = static_cast<uint32_t>(kind.palette.size());
    std::copy(kind.palette.begin(), kind.palette.end(), palette.entries);
    EXPECT_EQ(spng_set_plte(context, &palette), 0);
  }
  if (!kind.palette_alpha.empty()) {
    spng_trns alpha = {};
    alpha.n_type3_entries = static_cast<uint32_t>(kind.palette_alpha.size());
    std::copy(kind.palette_alpha.begin(), kind.palette_alpha.end(), alpha.type3_alpha);
    EXPECT_EQ(spng_set_trns(context, &alpha), 0);
  }
  const int error = spng_encode_image(context, raw.data(), raw.size(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  EXPECT_EQ(error, 0) << spng_strerror(error);
  size_t size = 0;
  int buffer_error = 0;
  void* data = spng_get_png_buffer(context, &size, &buffer_error);
  std::string file(static_cast<const char*>(data), size);
  free(data);
  spng_ctx_free(context);
  return file;
}

Pixels Noise(size_t count) {
  std::minstd_rand random(7);
  Pixels pixels(count);
  for (uint8_t& pixel : pixels) pixel = static_cast<uint8_t>(random() >> 8);
  return pixels;
}

TEST(Image, PngRgbIsReadInEachOrder) {
  const std::string file = Png(2, 1, {255, 0, 0, 10, 20, 30});
  const auto rgb = Decode(file);
  ASSERT_TRUE(rgb.ok()) << rgb.status();
  EXPECT_EQ(rgb->width, 2);
  EXPECT_EQ(rgb->height, 1);
  EXPECT_EQ(rgb->channels, 3);
  EXPECT_THAT(rgb->pixels, ElementsAre(255, 0, 0, 10, 20, 30));
  EXPECT_THAT(Decode(file, ColorOrder::kBgr)->pixels, ElementsAre(0, 0, 255, 30, 20, 10));
  const auto gray = Decode(file, ColorOrder::kGray);
  EXPECT_EQ(gray->channels, 1);
  EXPECT_THAT(gray->pixels, ElementsAre(76, 18));
}

TEST(Image, GrayStaysExact) {
  Pixels levels(256);
  for (size_t i = 0; i < levels.size(); ++i) levels[i] = static_cast<uint8_t>(i);
  const std::string file = Png(16, 16, levels, {.color_type = SPNG_COLOR_TYPE_GRAYSCALE});
  EXPECT_EQ(Decode(file, ColorOrder::kGray)->pixels, levels);
}

TEST(Image, GrayWeightsAreThoseOfBt601) {
  const std::string file = Png(4, 1, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255});
  EXPECT_THAT(Decode(file, ColorOrder::kGray)->pixels, ElementsAre(76, 150, 29, 255));
}

TEST(Image, PngOfFewBitsIsSpreadOverTheRange) {
  const PngKind one_bit{.color_type = SPNG_COLOR_TYPE_GRAYSCALE, .bit_depth = 1};
  EXPECT_THAT(Decode(Png(3, 1, {0b10100000}, one_bit), ColorOrder::kGray)->pixels, ElementsAre(255, 0, 255));
  const PngKind two_bits{.color_type = SPNG_COLOR_TYPE_GRAYSCALE, .bit_depth = 2};
  EXPECT_THAT(Decode(Png(4, 1, {0b00011011}, two_bits), ColorOrder::kGray)->pixels, ElementsAre(0, 85, 170, 255));
  const PngKind four_bits{.color_type = SPNG_COLOR_TYPE_GRAYSCALE, .bit_depth = 4};
  EXPECT_THAT(Decode(Png(2, 1, {0x1F}, four_bits), ColorOrder::kGray)->pixels, ElementsAre(17, 255));
}

// Native byte order in the encoder's input: 0x1234 and 0xFEDC.
TEST(Image, PngOf16BitsKeepsTheHighByte) {
  const PngKind gray{.color_type = SPNG_COLOR_TYPE_GRAYSCALE, .bit_depth = 16};
  EXPECT_THAT(Decode(Png(2, 1, {0x34, 0x12, 0xDC, 0xFE}, gray), ColorOrder::kGray)->pixels, ElementsAre(0x12, 0xFE));
  const PngKind rgb{.color_type = SPNG_COLOR_TYPE_TRUECOLOR, .bit_depth = 16};
  EXPECT_THAT(Decode(Png(1, 1, {0xFF, 1, 0xFF, 2, 0xFF, 3}, rgb))->pixels, ElementsAre(1, 2, 3));
  const PngKind rgba{.color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA, .bit_depth = 16};
  EXPECT_THAT(Decode(Png(1, 1, {9, 1, 9, 2, 9, 3, 0, 0}, rgba))->pixels, ElementsAre(1, 2, 3));
}

TEST(Image, AlphaIsDropped) {
  const PngKind rgba{.color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA};
  EXPECT_THAT(Decode(Png(2, 1, {1, 2, 3, 0, 4, 5, 6, 128}, rgba))->pixels, ElementsAre(1, 2, 3, 4, 5, 6));
  const PngKind gray{.color_type = SPNG_COLOR_TYPE_GRAYSCALE_ALPHA};
  EXPECT_THAT(Decode(Png(2, 1, {7, 0, 8, 255}, gray), ColorOrder::kGray)->pixels, ElementsAre(7, 8));
  EXPECT_THAT(Decode(Png(2, 1, {7, 0, 8, 255}, gray))->pixels, ElementsAre(7, 7, 7, 8, 8, 8));
}

TEST(Image, PaletteBecomesItsColors) {
  const PngKind palette{.color_type = SPNG_COLOR_TYPE_INDEXED,
                        .palette = {{255, 0, 0, 255}, {0, 0, 255, 255}},
                        .palette_alpha = {0, 255}};
  EXPECT_THAT(Decode(Png(3, 1, {1, 0, 1}, palette))->pixels, ElementsAre(0, 0, 255, 255, 0, 0, 0, 0, 255));
}

TEST(Image, InterlacedPngIsTheSamePicture) {
  const Pixels pixels = Noise(13 * 11 * 3);
  EXPECT_EQ(Decode(Png(13, 11, pixels, {.interlaced = true}))->pixels, pixels);
  EXPECT_EQ(Decode(Png(1, 1, {1, 2, 3}, {.interlaced = true}))->pixels, (Pixels{1, 2, 3}));
}

TEST(Image, JpegOfOneColorIsThatColor) {
  Pixels pixels;
  for (int i = 0; i < 17 * 9; ++i) pixels.insert(pixels.end(), {200, 100, 50});
  for (const int flags : {0, TJFLAG_PROGRESSIVE}) {
    const std::string file = Jpeg(17, 9, pixels, TJPF_RGB, TJSAMP_420, flags);
    const auto rgb = Decode(file);
    ASSERT_TRUE(rgb.ok()) << rgb.status();
    EXPECT_EQ(rgb->width, 17);
    EXPECT_EQ(rgb->height, 9);
    ASSERT_EQ(rgb->pixels.size(), pixels.size());
    for (size_t i = 0; i < pixels.size(); ++i) EXPECT_NEAR(rgb->pixels[i], pixels[i], 2);
    EXPECT_NEAR(Decode(file, ColorOrder::kBgr)->pixels[0], 50, 2);
    // 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2
    EXPECT_NEAR(Decode(file, ColorOrder::kGray)->pixels.back(), 124, 1);
  }
}

TEST(Image, GrayJpegIsReadAsGrayAndAsColor) {
  const std::string file = Jpeg(8, 8, Pixels(64, 90), TJPF_GRAY, TJSAMP_GRAY);
  EXPECT_THAT(Decode(file, ColorOrder::kGray)->pixels, testing::AllOf(testing::SizeIs(64), testing::Each(90)));
  EXPECT_THAT(Decode(file)->pixels, testing::AllOf(testing::SizeIs(192), testing::Each(90)));
}

TEST(Image, CmykJpegIsRefused) {
  const std::string file = Jpeg(2, 2, Pixels(16, 40), TJPF_CMYK, TJSAMP_444);
  EXPECT_EQ(ErrorOf(file), "the JPEG is in CMYK; convert it to RGB or gray first");
}

TEST(Image, OtherFilesAreNamed) {
  const std::pair<std::string, std::string> cases[] = {
      {"GIF89a....", "a GIF file; JPEG and PNG files are read"},
      {"RIFF1234WEBPVP8 ", "a WebP file; JPEG and PNG files are read"},
      {std::string("II*\0....", 8), "a TIFF file; JPEG and PNG files are read"},
      {std::string("MM\0*....", 8), "a TIFF file; JPEG and PNG files are read"},
      {"%PDF-1.7", "a PDF file; JPEG and PNG files are read"},
      {"BM" + std::string(30, '\0'), "a BMP file; JPEG and PNG files are read"},
      {std::string("\0\0\0\x20"
                   "ftypavif",
                   12),
       "an AVIF, HEIC or MP4 file; JPEG and PNG files are read"},
      {"", "a picture of 0 bytes; JPEG and PNG files are read"},
      {"hi", "a file that begins with the bytes 68 69; JPEG and PNG files are read"},
      {"{\"inputs\":[]}", "a file that begins with the bytes 7b 22 69 6e 70 75 74 73; JPEG and PNG files are read"},
  };
  for (const auto& [file, message] : cases) EXPECT_EQ(ErrorOf(file), message);
}

// The last four bytes hold no pixels: the checksum of a PNG's empty last chunk, the end of a JPEG.
TEST(Image, FilesCutShortAreRefused) {
  const std::string files[] = {Png(9, 7, Noise(9 * 7 * 3)), Jpeg(9, 7, Noise(9 * 7 * 3), TJPF_RGB, TJSAMP_444),
                               Jpeg(9, 7, Noise(9 * 7 * 3), TJPF_RGB, TJSAMP_420, TJFLAG_PROGRESSIVE)};
  for (const std::string& file : files) {
    ASSERT_TRUE(Decode(file).ok());
    for (size_t size = 0; size + 4 < file.size(); ++size) {
      EXPECT_FALSE(Decode(file.substr(0, size)).ok()) << size << " of " << file.size();
    }
  }
}

TEST(Image, DamagedPngIsRefused) {
  std::string file = Png(9, 7, Noise(9 * 7 * 3));
  file[file.size() / 2] = static_cast<char>(file[file.size() / 2] ^ 0x10);
  EXPECT_THAT(ErrorOf(file), HasSubstr("the PNG is damaged, cut short or too large: "));
}

TEST(Image, FileSizeIsLimited) {
  Limits limits;
  limits.image_bytes_max = 10;
  EXPECT_EQ(ErrorOf("12345678901", limits), "a picture of 11 bytes; at most 10 are accepted (image_bytes_max)");
}

TEST(Image, PixelsAreLimitedFromTheHeader) {
  Limits limits;
  limits.image_pixels_max = 62;
  EXPECT_EQ(ErrorOf(Png(9, 7, Noise(189)), limits),
            "the PNG has 9x7 pixels; at most 62 are accepted (image_pixels_max)");
  EXPECT_EQ(ErrorOf(Jpeg(9, 7, Noise(189), TJPF_RGB, TJSAMP_444), limits),
            "the JPEG has 9x7 pixels; at most 62 are accepted (image_pixels_max)");
  limits.image_pixels_max = 63;
  EXPECT_TRUE(Decode(Png(9, 7, Noise(189)), ColorOrder::kRgb, limits).ok());
}

// A header that promises 65500 x 65500 pixels in a file of a few hundred bytes.
TEST(Image, JpegBombTakesNoMemory) {
  std::string file = Jpeg(16, 16, Noise(768), TJPF_RGB, TJSAMP_444);
  const size_t frame = file.find("\xFF\xC0");
  ASSERT_NE(frame, std::string::npos);
  const uint8_t sizes[] = {0xFF, 0xDC, 0xFF, 0xDC};
  std::memcpy(file.data() + frame + 5, sizes, sizeof sizes);
  EXPECT_EQ(ErrorOf(file), "the JPEG has 65500x65500 pixels; at most 67108864 are accepted (image_pixels_max)");
}

uint32_t Crc32(std::string_view bytes) {
  uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    crc ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0);
  }
  return ~crc;
}

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::string PngWithSize(uint32_t width, uint32_t height) {
  std::string file = Png(1, 1, {1, 2, 3});
  file.replace(16, 8, BigEndian(width) + BigEndian(height));
  file.replace(29, 4, BigEndian(Crc32(file.substr(12, 17))));
  return file;
}

TEST(Image, PngBombTakesNoMemory) {
  EXPECT_EQ(ErrorOf(PngWithSize(65'536, 65'536)),
            "the PNG has 65536x65536 pixels; at most 67108864 are accepted (image_pixels_max)");
  for (const auto& [width, height] : {std::pair{0x7FFFFFFFU, 0x7FFFFFFFU}, std::pair{0xFFFFFFFFU, 1U},
                                      std::pair{0U, 1U}, std::pair{1U, 0U}, std::pair{1U, 67'108'865U}}) {
    EXPECT_THAT(ErrorOf(PngWithSize(width, height)), HasSubstr("the PNG is damaged, cut short or too large: "));
  }
}

// Whatever becomes of a file, reading it ends, and what is called a picture is one.
TEST(Image, MutatedFilesNeverCrash) {
  const std::string seeds[] = {Png(19, 13, Noise(19 * 13 * 3)),
                               Png(19, 13, Noise(19 * 13 * 3), {.interlaced = true}),
                               Png(5, 1, {0, 1, 0, 1, 1}, {.color_type = SPNG_COLOR_TYPE_INDEXED, .palette = {{}, {}}}),
                               Jpeg(19, 13, Noise(19 * 13 * 3), TJPF_RGB, TJSAMP_420),
                               Jpeg(19, 13, Noise(19 * 13 * 3), TJPF_RGB, TJSAMP_444, TJFLAG_PROGRESSIVE),
                               Jpeg(19, 13, Noise(19 * 13), TJPF_GRAY, TJSAMP_GRAY)};
  Limits limits;
  limits.image_pixels_max = 1 << 20;
  std::mt19937 random(20240607);
  int pictures = 0;
  for (int round = 0; round < Rounds(2000); ++round) {
    std::string file = seeds[static_cast<size_t>(round) % std::size(seeds)];
    for (uint32_t changes = random() % 4 + 1; changes > 0; --changes) {
      const size_t at = random() % file.size();
      switch (random() % 4) {
        case 0:
          file[at] = static_cast<char>(random());
          break;
        case 1:
          file[at] = static_cast<char>(file[at] ^ (1 << random() % 8));
          break;
        case 2:
          file.erase(at, random() % 8 + 1);
          break;
        default:
          file.insert(at, file.substr(random() % file.size(), random() % 16));
          break;
      }
      if (file.empty()) file = "\xFF";
    }
    // libspng refuses a chunk of the wrong checksum before it looks inside, so half of the files get right ones.
    if (file.starts_with("\x89PNG") && round % 2 == 0) {
      for (size_t at = 8; at + 12 <= file.size();) {
        const auto* length = reinterpret_cast<const uint8_t*>(file.data() + at);
        const size_t size = size_t{length[0]} << 24 | size_t{length[1]} << 16 | size_t{length[2]} << 8 | length[3];
        if (size > file.size() - at - 12) break;
        file.replace(at + 8 + size, 4, BigEndian(Crc32(std::string_view(file).substr(at + 4, size + 4))));
        at += size + 12;
      }
    }
    const auto image = Decode(file, static_cast<ColorOrder>(round % 3), limits);
    if (!image.ok()) continue;
    ++pictures;
    ASSERT_EQ(image->pixels.size(), static_cast<size_t>(image->width * image->height * image->channels));
  }
  EXPECT_GT(pictures, 100);
}

}  // namespace
}  // namespace oarlock
