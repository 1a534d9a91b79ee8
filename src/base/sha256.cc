#include "base/sha256.h"

#include <openssl/sha.h>

namespace oarlock {

Sha256Digest Sha256(std::span<const std::byte> bytes) {
  Sha256Digest digest;
  static_assert(sizeof digest == SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

std::string Sha256Hex(std::span<const std::byte> bytes) {
  const Sha256Digest digest = Sha256(bytes);
  std::string hex;
  hex.reserve(2 * sizeof digest);
  for (unsigned char byte : digest) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

}  // namespace oarlock
