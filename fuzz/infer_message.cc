// Any bytes as the message of ModelInfer, in any pieces: refused, or every input is whole and lies in the pieces or in
// memory of its own.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>
#include <cstring>
#include <memory>

#include "server/grpc/infer_message_reader.h"

namespace {

// Each piece in memory of its own, so that AddressSanitizer sees the first byte beyond it.
class Pieces {
 public:
  Pieces(const std::vector<uint8_t>& bytes, size_t step) {
    for (size_t at = 0; at < bytes.size(); at += step) {
      const size_t size = std::min(step, bytes.size() - at);
      memory_.push_back(std::make_unique<std::byte[]>(size));
      std::memcpy(memory_.back().get(), bytes.data() + at, size);
      segments_.push_back({memory_.back().get(), size});
    }
  }
  std::span<const oarlock::Segment> segments() const { return segments_; }
  bool Hold(const std::byte* data, size_t size_bytes) const {
    for (const oarlock::Segment& piece : segments_) {
      if (data >= piece.data && data + size_bytes <= piece.data + piece.size_bytes) return true;
    }
    return size_bytes == 0;
  }

 private:
  std::vector<std::unique_ptr<std::byte[]>> memory_;
  std::vector<oarlock::Segment> segments_;
};

void Check(const oarlock::ParsedInput& input, const Pieces& pieces) {
  if (input.shared_memory) return;  // it has no bytes yet
  if (!input.pieces.empty()) {
    size_t sum = 0;
    for (const oarlock::Segment& piece : input.pieces) {
      if (!pieces.Hold(piece.data, piece.size_bytes)) std::abort();
      sum += piece.size_bytes;
    }
    if (sum != input.view.size_bytes) std::abort();
    return;
  }
  if (!oarlock::CheckView(input.view, {"input"}).ok()) std::abort();
  if (input.owned == nullptr && !pieces.Hold(input.view.data, input.view.size_bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider provider(data, size);
  const size_t step = 1 + provider.ConsumeIntegral<uint8_t>();
  const Pieces pieces(provider.ConsumeRemainingBytes<uint8_t>(), step);
  const auto message = oarlock::ReadInferMessage(pieces.segments(), {});
  if (!message.ok()) return 0;
  if (message->model_name.empty() || message->request.inputs.empty()) std::abort();
  for (const oarlock::ParsedInput& input : message->request.inputs) Check(input, pieces);
  return 0;
}
