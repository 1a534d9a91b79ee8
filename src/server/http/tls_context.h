// What a server shows and asks for when it speaks TLS: OpenSSL's context, made from files. Const use from any thread.
//   OAR_ASSIGN_OR_RETURN(const auto context, MakeTlsContext({.cert = "tls.crt", .key = "tls.key"}));
#ifndef OARLOCK_SERVER_HTTP_TLS_CONTEXT_H_
#define OARLOCK_SERVER_HTTP_TLS_CONTEXT_H_

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "absl/status/statusor.h"
#include "model/tls_files.h"

namespace oarlock {

// TLS 1.2 and up. With `client_ca`, clients that show no certificate of it are refused. INVALID_ARGUMENT, naming the
// file, for one that cannot be used.
absl::StatusOr<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsFiles& files);

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_TLS_CONTEXT_H_
