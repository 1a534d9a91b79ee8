#include "server/grpc/byte_buffer.h"

#include <utility>

namespace oarlock {
namespace {

// Memory that `keep` owns, as a slice.
grpc::Slice SliceOf(std::span<const std::byte> bytes, std::shared_ptr<const void> keep) {
  auto* const owner = new std::shared_ptr<const void>(std::move(keep));
  return {const_cast<std::byte*>(bytes.data()), bytes.size(),
          [](void* user) { delete static_cast<std::shared_ptr<const void>*>(user); }, owner};
}

}  // namespace

ReceivedMessage::ReceivedMessage(const grpc::ByteBuffer& buffer) {
  if (!buffer.Dump(&slices_).ok()) slices_.clear();
  pieces_.reserve(slices_.size());
  for (const grpc::Slice& slice : slices_) {
    pieces_.push_back({reinterpret_cast<const std::byte*>(slice.begin()), slice.size()});
  }
}

std::string ReceivedMessage::Joined() const {
  std::string joined;
  for (const Segment& piece : pieces_) joined.append(reinterpret_cast<const char*>(piece.data), piece.size_bytes);
  return joined;
}

grpc::ByteBuffer ToByteBuffer(MessageBytes message, const std::shared_ptr<const void>& keep) {
  if (message.cuts.empty()) return ToByteBuffer(std::move(message.text));
  const auto text = std::make_shared<const std::string>(std::move(message.text));
  const std::span<const std::byte> bytes = std::as_bytes(std::span(*text));
  std::vector<grpc::Slice> slices;
  size_t at = 0;
  for (const MessageBytes::Cut& cut : message.cuts) {
    slices.push_back(SliceOf(bytes.subspan(at, cut.at - at), text));
    slices.push_back(SliceOf(cut.bytes, keep));
    at = cut.at;
  }
  if (at < bytes.size()) slices.push_back(SliceOf(bytes.subspan(at), text));
  return {slices.data(), slices.size()};
}

grpc::ByteBuffer ToByteBuffer(std::string message) {
  const grpc::Slice slice(message);
  return {&slice, 1};
}

}  // namespace oarlock
