// SHA-256 (FIPS 180-4) of bytes in memory, by libcrypto. Thread-safe.
#ifndef OARLOCK_BASE_SHA256_H_
#define OARLOCK_BASE_SHA256_H_

#include <span>
#include <string>

namespace oarlock {

// 64 lower-case hexadecimal digits, as `sha256sum` prints them.
std::string Sha256Hex(std::span<const std::byte> bytes);

}  // namespace oarlock

#endif  // OARLOCK_BASE_SHA256_H_
