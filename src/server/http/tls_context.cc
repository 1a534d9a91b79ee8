#include "server/http/tls_context.h"

#include "base/status.h"

namespace oarlock {
namespace {

namespace ssl = boost::asio::ssl;

absl::Status Unusable(std::string_view what, const std::filesystem::path& path,
                      const boost::system::error_code& error) {
  return InvalidArgument(
      "{} '{}' cannot be used: {}; it must be PEM that the server may read, and a key that of its certificate", what,
      path.string(), error.message());
}

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> MakeTlsContext(const TlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression |
                           ssl::context::single_dh_use,
                       error);
  if (!error) context->use_certificate_chain_file(files.cert.string(), error);
  if (error) return Unusable("certificate", files.cert, error);
  context->use_private_key_file(files.key.string(), ssl::context::pem, error);
  if (error) return Unusable("key", files.key, error);
  if (files.client_ca.empty()) return context;
  context->load_verify_file(files.client_ca.string(), error);
  if (error) return Unusable("client CA", files.client_ca, error);
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  if (error) return Internal("clients' certificates cannot be asked for: {}", error.message());
  return context;
}

}  // namespace oarlock
