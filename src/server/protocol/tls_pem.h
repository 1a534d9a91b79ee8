// What a server speaks TLS with, as its files said when they were read. Values; one holds a private key.
//   OAR_ASSIGN_OR_RETURN(const TlsPem pem, ReadTlsPem({.cert = "tls.crt", .key = "tls.key"}, limits));
// Read once for all who need it, so that they show the same certificate whatever becomes of the files meanwhile.
// Thread rule: pure functions; any thread. Ownership: owns its texts.
#ifndef OARLOCK_SERVER_PROTOCOL_TLS_PEM_H_
#define OARLOCK_SERVER_PROTOCOL_TLS_PEM_H_

#include <string>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "model/tls_files.h"

namespace oarlock {

struct TlsPem {
  TlsFiles files;  // for errors to name
  std::string cert;
  std::string key;
  std::string client_ca;
  bool asks_clients() const { return !files.client_ca.empty(); }
};

// The texts as they are; whether they are PEM is seen when they are used. An error names the file.
absl::StatusOr<TlsPem> ReadTlsPem(const TlsFiles& files, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_PROTOCOL_TLS_PEM_H_
