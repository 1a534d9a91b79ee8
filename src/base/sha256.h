// SHA-256 (FIPS 180-4) of bytes in memory, by libcrypto. Thread-safe.
#ifndef OARLOCK_BASE_SHA256_H_
#define OARLOCK_BASE_SHA256_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace oarlock {

using Sha256Digest = std::array<unsigned char, 32>;
Sha256Digest Sha256(std::span<const std::byte> bytes);

// 64 lower-case hexadecimal digits, as `sha256sum` prints them.
std::string Sha256Hex(std::span<const std::byte> bytes);

}  // namespace oarlock

#endif  // OARLOCK_BASE_SHA256_H_
