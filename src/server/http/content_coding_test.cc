#include "server/http/content_coding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>
#include <random>
#include <string>

#include "base/rounds_test.h"
#include "base/status.h"

namespace oarlock {
namespace {

using testing::HasSubstr;

constexpr size_t kMax = 1 << 20;

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string Text(const Body& body) { return {reinterpret_cast<const char*>(body.bytes().data()), body.bytes().size()}; }

// By zlib alone, so that encoder and decoder are not only each other's measure.
std::string Deflate(std::string_view text, int window_bits) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string encoded(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(encoded.data());
  stream.avail_out = static_cast<uInt>(encoded.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  encoded.resize(stream.total_out);
  deflateEnd(&stream);
  return encoded;
}

std::string Gzip(std::string_view text) { return Deflate(text, 15 + 16); }
std::string Zlib(std::string_view text) { return Deflate(text, 15); }
std::string Raw(std::string_view text) { return Deflate(text, -15); }

std::string Sample(size_t size_bytes) {
  std::string text;
  for (size_t i = 0; text.size() < size_bytes; ++i) text += fmt::format("{},", i * i % 1009);
  text.resize(size_bytes);
  return text;
}

TEST(DecodeBody, ReadsGzipZlibAndRawDeflate) {
  for (const size_t size : {0U, 1U, 63U, 64U, 65535U, 65536U, 300'000U}) {
    const std::string text = Sample(size);
    const std::pair<ContentCoding, std::string> cases[] = {{ContentCoding::kGzip, Gzip(text)},
                                                           {ContentCoding::kDeflate, Zlib(text)},
                                                           {ContentCoding::kDeflate, Raw(text)},
                                                           {ContentCoding::kDeflate, Deflate(text, 9)}};
    for (const auto& [coding, encoded] : cases) {
      const auto body = DecodeBody(coding, Bytes(encoded), kMax, 0);
      ASSERT_TRUE(body.ok()) << body.status();
      EXPECT_EQ(Text(*body), text);
    }
  }
}

TEST(DecodeBody, LaysTensorsOutAtMultiplesOf64) {
  for (const size_t json_size : {0U, 1U, 100U, 128U}) {
    for (const auto coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
      const std::string text = Sample(5000);
      const auto body =
          DecodeBody(coding, Bytes(coding == ContentCoding::kGzip ? Gzip(text) : Zlib(text)), kMax, json_size);
      ASSERT_TRUE(body.ok());
      EXPECT_EQ(reinterpret_cast<uintptr_t>(body->bytes().data() + json_size) % kBufferAlignmentBytes, 0U);
    }
  }
}

TEST(DecodeBody, TheLimitIsExact) {
  const std::string text = Sample(10'000);
  for (const auto& [coding, encoded] :
       {std::pair(ContentCoding::kGzip, Gzip(text)), std::pair(ContentCoding::kDeflate, Zlib(text)),
        std::pair(ContentCoding::kDeflate, Raw(text))}) {
    EXPECT_TRUE(DecodeBody(coding, Bytes(encoded), text.size(), 0).ok());
    const auto status = DecodeBody(coding, Bytes(encoded), text.size() - 1, 0).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(MessageOf(status), "the body has more than 9999 bytes once it is decompressed, which is the limit");
  }
}

TEST(DecodeBody, WhatEndsTooEarlyIsRefused) {
  const std::string text = Sample(2000);
  for (const auto& [coding, encoded] :
       {std::pair(ContentCoding::kGzip, Gzip(text)), std::pair(ContentCoding::kDeflate, Zlib(text)),
        std::pair(ContentCoding::kDeflate, Raw(text))}) {
    for (size_t size = 0; size < encoded.size(); ++size) {
      const auto status = DecodeBody(coding, Bytes(encoded).first(size), kMax, 0).status();
      ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << NameOf(coding) << " " << size << status;
      ASSERT_THAT(std::string(MessageOf(status)), HasSubstr(fmt::format("ends too early; its {} bytes", size)));
    }
  }
}

TEST(DecodeBody, WhatGoesOnAfterItsEndIsRefused) {
  const std::string text = Sample(2000);
  for (const auto& [coding, encoded] :
       {std::pair(ContentCoding::kGzip, Gzip(text)), std::pair(ContentCoding::kDeflate, Zlib(text)),
        std::pair(ContentCoding::kDeflate, Raw(text))}) {
    for (const std::string& more : {std::string("x"), std::string(4, '\0'), std::string(20, '\xFF'), encoded}) {
      const auto status = DecodeBody(coding, Bytes(encoded + more), kMax, 0).status();
      ASSERT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
      EXPECT_THAT(std::string(MessageOf(status)),
                  HasSubstr(fmt::format("goes on for {} bytes after its end", more.size())));
    }
  }
}

TEST(DecodeBody, WhatIsCorruptIsRefusedWithTheReason) {
  std::string check = Gzip(Sample(2000));
  check[check.size() - 6] ^= 1;
  std::string size = Gzip(Sample(2000));
  size[size.size() - 4] ^= 1;
  std::string larger = Gzip(Sample(2000));
  larger[larger.size() - 4] += 1;
  const std::tuple<ContentCoding, std::string, std::string> cases[] = {
      {ContentCoding::kGzip, Zlib("text"), "incorrect header check"},
      {ContentCoding::kGzip, "plain text", "incorrect header check"},
      {ContentCoding::kGzip, check, "incorrect data check"},
      {ContentCoding::kGzip, size, "incorrect length check"},
      {ContentCoding::kGzip, larger, "incorrect length check"},
      {ContentCoding::kDeflate, std::string("\x07\x00", 2), "invalid block type"},
      {ContentCoding::kDeflate, std::string("\x78\xbb\x01\x02\x03\x04\x05\x06", 8), "needs a dictionary"},
  };
  for (const auto& [coding, encoded, reason] : cases) {
    const auto status = DecodeBody(coding, Bytes(encoded), kMax, 0).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(reason));
    EXPECT_THAT(std::string(MessageOf(status)), HasSubstr(NameOf(coding)));
  }
}

TEST(DecodeBody, ABombIsRefusedHoweverItLies) {
  const std::string zeros(32 << 20, '\0');
  std::string lying = Gzip(zeros);
  lying.replace(lying.size() - 4, 4, std::string("\x10\0\0\0", 4));
  for (const auto& [coding, encoded] :
       {std::pair(ContentCoding::kGzip, Gzip(zeros)), std::pair(ContentCoding::kGzip, lying),
        std::pair(ContentCoding::kDeflate, Zlib(zeros))}) {
    EXPECT_LT(encoded.size(), 40'000U);
    EXPECT_EQ(DecodeBody(coding, Bytes(encoded), kMax, 0).status().code(), absl::StatusCode::kOutOfRange);
  }
}

TEST(EncodeBody, ComesBackTheSame) {
  const std::string json = Sample(3000);
  const std::string tensor(200'000, 'x');
  const std::vector<std::span<const std::byte>> parts = {Bytes(json), {}, Bytes(tensor), {}};
  for (const auto coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
    const auto encoded = EncodeBody(coding, parts);
    ASSERT_TRUE(encoded.has_value());
    EXPECT_LT(encoded->size(), 5000U);
    const auto body = DecodeBody(coding, Bytes(*encoded), kMax, 0);
    ASSERT_TRUE(body.ok()) << body.status();
    EXPECT_EQ(Text(*body), json + tensor);
  }
}

TEST(EncodeBody, WhatWouldNotBeSmallerStaysAsItIs) {
  std::mt19937 random(7);
  std::string noise(300'000, '\0');
  for (char& c : noise) c = static_cast<char>(random());
  for (const std::string& text : {std::string(), std::string("{}"), noise}) {
    const std::vector<std::span<const std::byte>> parts = {Bytes(text)};
    EXPECT_EQ(EncodeBody(ContentCoding::kGzip, parts), std::nullopt) << text.size();
    EXPECT_EQ(EncodeBody(ContentCoding::kDeflate, parts), std::nullopt) << text.size();
  }
  const std::string text(5000, 'x');
  const std::vector<std::span<const std::byte>> parts = {Bytes(text)};
  EXPECT_EQ(EncodeBody(ContentCoding::kIdentity, parts), std::nullopt);
}

// Mutations never crash, never exceed the limit, and never pass for something else: both formats carry a check sum.
TEST(ContentCodingFuzz, MutationsAreRefusedOrHarmless) {
  std::mt19937 random(20240611);
  const std::string text = Sample(3000);
  const std::string seeds[] = {Gzip(text), Zlib(text), Raw(text)};
  int decoded = 0;
  int refused = 0;
  for (int round = 0; round < Rounds(10'000); ++round) {
    const size_t which = static_cast<size_t>(round) % std::size(seeds);
    std::string mutated = seeds[which];
    for (size_t changes = random() % 3; changes > 0 && !mutated.empty(); --changes) {
      const size_t at = random() % mutated.size();
      switch (random() % 5) {
        case 0:
          mutated[at] = static_cast<char>(random());
          break;
        case 1:
          mutated.erase(at, random() % 8 + 1);
          break;
        case 2:
          mutated.insert(at, mutated.substr(random() % mutated.size(), random() % 32));
          break;
        case 3:
          mutated[at] = static_cast<char>(mutated[at] ^ (1 << random() % 8));
          break;
        default:
          mutated.resize(at);
          break;
      }
    }
    // On the heap to the byte, so that a sanitizer sees a read beyond the end.
    const std::unique_ptr<std::byte[]> exact(new std::byte[mutated.size()]);
    std::memcpy(exact.get(), mutated.data(), mutated.size());
    const size_t max = random() % 2 == 0 ? kMax : text.size();
    const auto body = DecodeBody(which == 0 ? ContentCoding::kGzip : ContentCoding::kDeflate,
                                 std::span<const std::byte>(exact.get(), mutated.size()), max, random() % 100);
    if (!body.ok()) {
      ++refused;
      ASSERT_FALSE(body.status().message().empty());
      continue;
    }
    ++decoded;
    ASSERT_LE(body->size_bytes(), max);
    if (which != 2) {
      ASSERT_EQ(Text(*body), text);
    }
  }
  EXPECT_GT(decoded, 2000);
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace oarlock
