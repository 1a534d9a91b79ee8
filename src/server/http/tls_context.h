// What a server shows and asks for when it speaks TLS: OpenSSL's context, made from PEM. Const use from any thread.
//   OAR_ASSIGN_OR_RETURN(const auto context, MakeTlsContext(pem));
#ifndef OARLOCK_SERVER_HTTP_TLS_CONTEXT_H_
#define OARLOCK_SERVER_HTTP_TLS_CONTEXT_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "server/protocol/tls_pem.h"

namespace oarlock {

// TLS 1.2 and up. With `client_ca`, clients that show no certificate of it are refused. INVALID_ARGUMENT, naming the
// file, for what cannot be used.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsPem& pem);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_TLS_CONTEXT_H_
