// Any bytes as the body of POST /v2/models/M/infer: JSON, JSON with binary tensors after it, or one raw tensor. It is
// refused, or every input is whole and lies in the body or in memory of its own.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>
#include <cstring>

#include "server/http/body.h"
#include "server/http/infer_request_parser.h"

namespace {

void Check(const oarlock::ParsedInferRequest& request, std::span<const std::byte> body) {
  for (const oarlock::ParsedInput& input : request.inputs) {
    if (input.shared_memory) continue;  // it has no bytes yet
    const std::span<const std::byte> bytes = input.view.bytes();
    if (!oarlock::CheckView(input.view, {"input"}).ok()) std::abort();
    if (bytes.empty()) continue;
    const std::span<const std::byte> room =
        input.owned != nullptr ? std::span<const std::byte>(input.owned->data(), input.owned->size_bytes()) : body;
    if (bytes.data() < room.data() || bytes.data() + bytes.size() > room.data() + room.size()) std::abort();
    // Every byte can be read.
    [[maybe_unused]] volatile std::byte last = bytes.back();
    last = bytes.front();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  const bool is_raw = provider.ConsumeIntegralInRange(0, 7) == 0;
  const auto json_size = provider.ConsumeIntegral<uint16_t>();
  const auto dtype = static_cast<oarlock::DType>(provider.ConsumeIntegralInRange(1, 14));
  const std::vector<uint8_t> rest = provider.ConsumeRemainingBytes<uint8_t>();
  auto body = oarlock::Body::Allocate(rest.size(), std::min<size_t>(json_size, rest.size()));
  if (!body.ok()) std::abort();
  if (!rest.empty()) std::memcpy(body->mutable_bytes().data(), rest.data(), rest.size());
  const oarlock::Limits limits;
  const auto request =
      is_raw ? oarlock::ParseRawInferRequest(body->bytes(), "x", dtype, {oarlock::kDynamic, json_size % 5}, limits)
             : oarlock::ParseInferRequest(body->bytes(), json_size == 0xFFFF ? rest.size() : json_size, limits);
  if (request.ok()) Check(*request, body->bytes());
  return 0;
}
