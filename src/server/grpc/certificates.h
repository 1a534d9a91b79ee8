// The certificates that gRPC shows, which may change while it serves: it asks for them at each handshake. Connections
// keep what they were made with.
//
//   GrpcCertificates certificates;
//   certificates.Set(pem);
//   builder.experimental().AddExternalConnectionAcceptor(type, certificates.NewCredentials());
//   ...
//   certificates.Set(newer);
//
// Thread-safe. Ownership: must outlive the server; its credentials are for one port or acceptor.
#ifndef OARLOCK_SERVER_GRPC_CERTIFICATES_H_
#define OARLOCK_SERVER_GRPC_CERTIFICATES_H_

#include <grpc/grpc_security.h>
#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <mutex>

#include "server/protocol/tls_pem.h"

namespace oarlock {

class GrpcCertificates {
 public:
  // From the next handshake on; whether clients are asked for certificates is settled by the first. Those that OpenSSL
  // has not taken before are not to be given: gRPC would go on with the old ones without a word.
  void Set(const TlsPem& pem);
  std::shared_ptr<grpc::ServerCredentials> NewCredentials();

 private:
  struct Destroy {
    void operator()(grpc_ssl_server_certificate_config* config) const {
      grpc_ssl_server_certificate_config_destroy(config);
    }
  };
  static grpc_ssl_certificate_config_reload_status Fetch(void* self, grpc_ssl_server_certificate_config** config);

  std::mutex mutex_;
  bool asks_clients_ = false;                                          // guarded by mutex_
  std::unique_ptr<grpc_ssl_server_certificate_config, Destroy> next_;  // guarded by mutex_; null: no others than before
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_GRPC_CERTIFICATES_H_
