#include "server/grpc/certificates.h"

#include <grpc/grpc.h>

#include <string>

namespace oarlock {
namespace {

// gRPC's own class for TLS in C++ has no way to change certificates; its C interface does.
class FetchingCredentials final : public grpc::ServerCredentials {
 public:
  FetchingCredentials(bool asks_clients, grpc_ssl_server_certificate_config_callback fetch, void* context)
      : credentials_(grpc_ssl_server_credentials_create_with_options(
            grpc_ssl_server_credentials_create_options_using_config_fetcher(
                asks_clients ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
                fetch, context))) {}
  ~FetchingCredentials() override { grpc_server_credentials_release(credentials_); }
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  grpc_server_credentials* const credentials_;
};

}  // namespace

void GrpcCertificates::Set(const TlsPem& pem) {
  const grpc_ssl_pem_key_cert_pair pair{pem.key.c_str(), pem.cert.c_str()};
  // gRPC 1.51 ends the process where there is none. It looks at it only where clients are asked.
  const std::string& client_ca = pem.asks_clients() ? pem.client_ca : pem.cert;
  const std::lock_guard lock(mutex_);
  asks_clients_ = pem.asks_clients();
  next_.reset(grpc_ssl_server_certificate_config_create(client_ca.c_str(), &pair, 1));
}

std::shared_ptr<grpc::ServerCredentials> GrpcCertificates::NewCredentials() {
  const std::lock_guard lock(mutex_);
  return std::make_shared<FetchingCredentials>(asks_clients_, &GrpcCertificates::Fetch, this);
}

grpc_ssl_certificate_config_reload_status GrpcCertificates::Fetch(void* self,
                                                                  grpc_ssl_server_certificate_config** config) {
  auto& own = *static_cast<GrpcCertificates*>(self);
  const std::lock_guard lock(own.mutex_);
  if (own.next_ == nullptr) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
  *config = own.next_.release();
  return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

}  // namespace oarlock
