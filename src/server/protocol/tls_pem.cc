#include "server/protocol/tls_pem.h"

#include "base/file.h"
#include "base/status.h"

namespace oarlock {
namespace {

absl::Status ReadText(std::string_view what, const std::filesystem::path& path, const Limits& limits,
                      std::string* text) {
  const auto content = ReadFile(path, limits.manifest_bytes_max);
  if (!content.ok()) return Annotate(content.status(), fmt::format("{} '{}'", what, path.string()));
  *text = content->text();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<TlsPem> ReadTlsPem(const TlsFiles& files, const Limits& limits) {
  TlsPem pem;
  pem.files = files;
  OAR_RETURN_IF_ERROR(ReadText("certificate", files.cert, limits, &pem.cert));
  OAR_RETURN_IF_ERROR(ReadText("key", files.key, limits, &pem.key));
  if (pem.asks_clients()) OAR_RETURN_IF_ERROR(ReadText("client CA", files.client_ca, limits, &pem.client_ca));
  return pem;
}

}  // namespace oarlock
