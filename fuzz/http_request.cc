// Any bytes as what a client sends: heads, bodies and chunks through the parser of requests and the table of routes.
#include <fuzzer/FuzzedDataProvider.h>

#include <boost/asio/buffer.hpp>
#include <cstdlib>

#include "server/http/request_parser.h"
#include "server/http/route.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const oarlock::Limits limits;
  oarlock::RequestParser parser(limits);
  FuzzedDataProvider provider(data, size);
  const bool is_eager = provider.ConsumeBool();
  parser.eager(is_eager);
  std::string bytes;
  while (provider.remaining_bytes() > 0 && !parser.is_done()) {
    bytes += provider.ConsumeRandomLengthString(64);
    if (bytes.empty()) continue;
    boost::system::error_code error;
    const size_t used = parser.put(boost::asio::buffer(bytes), error);
    if (used > bytes.size()) std::abort();
    bytes.erase(0, used);
    if (error && error != boost::beast::http::error::need_more) return 0;
    if (parser.is_header_done() && parser.refusal() != nullptr) return 0;
  }
  if (!parser.is_header_done()) return 0;
  const oarlock::HttpCall call = parser.TakeCall();
  const auto route = oarlock::ParseRoute(call.method, call.target);
  if (route.ok() && route->kind == oarlock::RouteKind::kModelInfer && route->model.empty()) std::abort();
  (void)call.JsonSizeBytes(100);
  return 0;
}
