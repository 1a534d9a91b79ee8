// The files that a server speaks TLS with: PEM. A value.
#ifndef OARLOCK_MODEL_TLS_FILES_H_
#define OARLOCK_MODEL_TLS_FILES_H_

#include <filesystem>

namespace oarlock {

struct TlsFiles {
  std::filesystem::path cert;       // its certificate, and those between that and a root; empty = no TLS
  std::filesystem::path key;        // of that certificate
  std::filesystem::path client_ca;  // whose certificates clients must show; empty = none
  bool is_used() const { return !cert.empty(); }
  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

}  // namespace oarlock

#endif  // OARLOCK_MODEL_TLS_FILES_H_
