#include "server/http/content_coding.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/status.h"
#include "server/http/infer_request_parser.h"

namespace oarlock {
namespace {

constexpr int kWindowBits = 15;  // the largest, so that every stream can be read
constexpr int kGzipBits = 16;    // added to the above: a gzip header and trailer
// Tensors hardly compress, and who asks for it wants an answer: the fastest level.
constexpr int kLevel = Z_BEST_SPEED;
constexpr int kMemoryLevel = 8;  // zlib's default: 256 KiB
constexpr size_t kPieceBytes = size_t{64} * 1024;
// Deflate cannot do better than 258 bytes out of 2 bits.
constexpr size_t kRatioMax = 1032;
constexpr size_t kGzipTrailerBytes = 8;

uInt Piece(size_t size_bytes) {
  return static_cast<uInt>(std::min<size_t>(size_bytes, std::numeric_limits<uInt>::max()));
}

Bytef* In(const std::byte* data) {  // zlib reads only; its type dates from before const
  return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(data));
}

class Inflater {
 public:
  Inflater(ContentCoding coding, std::span<const std::byte> encoded)
      : coding_(coding), encoded_(encoded), ready_(inflateInit2(&stream_, Bits(coding, encoded)) == Z_OK) {}
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Fills `room`, again and again if it is `reused`, until the stream ends. Gives the bytes that came out; OUT_OF_RANGE
  // if there are more than `size_bytes_max`.
  absl::StatusOr<size_t> Run(std::span<std::byte> room, bool reused, size_t size_bytes_max) {
    if (!ready_) return ResourceExhausted("no memory to read a compressed body");
    size_t size_bytes = 0;
    size_t used = 0;
    std::span<std::byte> left = room;
    for (;;) {
      if (left.empty() && reused) left = room;
      const uInt fed = Piece(encoded_.size() - used);
      const uInt asked = Piece(left.size());
      stream_.next_in = In(encoded_.data() + used);
      stream_.avail_in = fed;
      stream_.next_out = reinterpret_cast<Bytef*>(left.data());
      stream_.avail_out = asked;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      used += fed - stream_.avail_in;
      size_bytes += asked - stream_.avail_out;
      left = left.subspan(asked - stream_.avail_out);
      if (size_bytes > size_bytes_max) return absl::OutOfRangeError("");
      if (result == Z_STREAM_END) break;
      if (result == Z_MEM_ERROR) return ResourceExhausted("no memory to read a compressed body");
      if (result == Z_NEED_DICT) return Broken("needs a dictionary, which nobody has agreed on");
      if (result != Z_OK && result != Z_BUF_ERROR) {
        return Broken(fmt::format("is corrupt after {} of its {} bytes: {}", used, encoded_.size(),
                                  stream_.msg == nullptr ? "unknown reason" : stream_.msg));
      }
      if (used == encoded_.size() && stream_.avail_out > 0) {
        return Broken(fmt::format("ends too early; its {} bytes are not all of it", used));
      }
    }
    if (used == encoded_.size()) return size_bytes;
    return Broken(fmt::format("goes on for {} bytes after its end", encoded_.size() - used));
  }

 private:
  static int Bits(ContentCoding coding, std::span<const std::byte> encoded) {
    if (coding == ContentCoding::kGzip) return kWindowBits + kGzipBits;
    if (encoded.size() < 2) return kWindowBits;
    const auto method = std::to_integer<unsigned>(encoded[0]);
    const auto flags = std::to_integer<unsigned>(encoded[1]);
    const bool is_zlib =
        (method & 0x0FU) == Z_DEFLATED && (method >> 4) + 8 <= kWindowBits && (method * 256 + flags) % 31 == 0;
    return is_zlib ? kWindowBits : -kWindowBits;
  }

  absl::Status Broken(std::string_view how) const {
    return InvalidArgument("the body, {} by its Content-Encoding, {}", NameOf(coding_), how);
  }

  const ContentCoding coding_;
  const std::span<const std::byte> encoded_;
  z_stream stream_ = {};
  const bool ready_;
};

class Deflater {
 public:
  Deflater(ContentCoding coding, size_t size_bytes_max)
      : size_bytes_max_(size_bytes_max),
        ready_(deflateInit2(&stream_, kLevel, Z_DEFLATED,
                            kWindowBits + (coding == ContentCoding::kGzip ? kGzipBits : 0), kMemoryLevel,
                            Z_DEFAULT_STRATEGY) == Z_OK) {}
  ~Deflater() {
    if (ready_) deflateEnd(&stream_);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // False once there is more than `size_bytes_max`, or no memory.
  bool Add(std::span<const std::byte> part, int flush) {
    if (!ready_) return false;
    size_t used = 0;
    do {
      const uInt fed = Piece(part.size() - used);
      stream_.next_in = In(part.data() + used);
      stream_.avail_in = fed;
      stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
      stream_.avail_out = Piece(room_.size());
      deflate(&stream_, flush);
      used += fed - stream_.avail_in;
      const size_t made = room_.size() - stream_.avail_out;
      if (made > size_bytes_max_ - encoded_.size()) return false;
      encoded_.append(reinterpret_cast<const char*>(room_.data()), made);
    } while (used < part.size() || stream_.avail_out == 0);
    return true;
  }

  std::string TakeEncoded() { return std::move(encoded_); }

 private:
  const size_t size_bytes_max_;
  z_stream stream_ = {};
  const bool ready_;
  std::string encoded_;
  std::array<std::byte, kPieceBytes> room_;
};

// How long the decoded body is, found by decoding it into a small room: a bomb takes time in proportion to the limit,
// but no memory.
absl::StatusOr<size_t> CountDecoded(ContentCoding coding, std::span<const std::byte> encoded, size_t size_bytes_max) {
  std::array<std::byte, kPieceBytes> room;
  auto size = Inflater(coding, encoded).Run(room, true, size_bytes_max);
  if (size.status().code() != absl::StatusCode::kOutOfRange) return size;
  return absl::OutOfRangeError(ToAbsl(
      fmt::format("the body has more than {} bytes once it is decompressed, which is the limit", size_bytes_max)));
}

// gzip tells the size, modulo 2^32, at its end. It may lie, so it is only where to begin.
std::optional<size_t> GzipSize(std::span<const std::byte> encoded, size_t size_bytes_max) {
  if (encoded.size() < kGzipTrailerBytes) return std::nullopt;
  size_t size = 0;
  for (size_t i = 1; i <= 4; ++i) size = size << 8 | std::to_integer<size_t>(encoded[encoded.size() - i]);
  return size > size_bytes_max || size / kRatioMax > encoded.size() ? std::nullopt : std::optional(size);
}

absl::StatusOr<Body> DecodeSized(ContentCoding coding, std::span<const std::byte> encoded, size_t size_bytes,
                                 size_t json_size_bytes) {
  OAR_ASSIGN_OR_RETURN(Body body, Body::Allocate(size_bytes, json_size_bytes));
  // One byte more, from the padding, tells a stream that ends from one that goes on.
  static_assert(kBodyPaddingBytes > 0);
  const std::span<std::byte> room(body.mutable_bytes().data(), size_bytes + 1);
  OAR_ASSIGN_OR_RETURN(const size_t decoded, Inflater(coding, encoded).Run(room, false, size_bytes));
  if (decoded != size_bytes) return Internal("{} bytes were decompressed instead of {}", decoded, size_bytes);
  return body;
}

}  // namespace

std::string_view NameOf(ContentCoding coding) {
  return coding == ContentCoding::kGzip ? "gzip" : coding == ContentCoding::kDeflate ? "deflate" : "identity";
}

absl::StatusOr<Body> DecodeBody(ContentCoding coding, std::span<const std::byte> encoded, size_t size_bytes_max,
                                size_t json_size_bytes) {
  if (coding == ContentCoding::kGzip) {
    if (const auto size = GzipSize(encoded, size_bytes_max)) {
      auto body = DecodeSized(coding, encoded, *size, json_size_bytes);
      if (body.status().code() != absl::StatusCode::kOutOfRange) return body;
    }
  }
  OAR_ASSIGN_OR_RETURN(const size_t size, CountDecoded(coding, encoded, size_bytes_max));
  return DecodeSized(coding, encoded, size, json_size_bytes);
}

std::optional<std::string> EncodeBody(ContentCoding coding, std::span<const std::span<const std::byte>> parts) {
  size_t size_bytes = 0;
  for (const auto& part : parts) size_bytes += part.size();
  if (coding == ContentCoding::kIdentity || size_bytes == 0) return std::nullopt;
  Deflater deflater(coding, size_bytes - 1);
  bool smaller = true;
  for (size_t i = 0; smaller && i < parts.size(); ++i) smaller = deflater.Add(parts[i], Z_NO_FLUSH);
  smaller = smaller && deflater.Add({}, Z_FINISH);
  return smaller ? std::optional(deflater.TakeEncoded()) : std::nullopt;
}

}  // namespace oarlock
