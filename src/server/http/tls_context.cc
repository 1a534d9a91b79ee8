#include "server/http/tls_context.h"

#include "base/status.h"

namespace oarlock {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;

absl::Status Unusable(std::string_view what, const std::filesystem::path& path,
                      const boost::system::error_code& error) {
  return InvalidArgument(
      "{} '{}' cannot be used: {}; it must be PEM that the server may read, and a key that of its certificate", what,
      path.string(), error.message());
}

}  // namespace

absl::StatusOr<std::shared_ptr<ssl::context>> MakeTlsContext(const TlsPem& pem) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
  boost::system::error_code error;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                           ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::no_compression |
                           ssl::context::single_dh_use,
                       error);
  if (!error) context->use_certificate_chain(asio::buffer(pem.cert), error);
  if (error) return Unusable("certificate", pem.files.cert, error);
  context->use_private_key(asio::buffer(pem.key), ssl::context::pem, error);
  if (error) return Unusable("key", pem.files.key, error);
  if (!pem.asks_clients()) return context;
  context->add_certificate_authority(asio::buffer(pem.client_ca), error);
  if (error) return Unusable("client CA", pem.files.client_ca, error);
  context->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert, error);
  if (error) return Internal("clients' certificates cannot be asked for: {}", error.message());
  return context;
}

}  // namespace oarlock
