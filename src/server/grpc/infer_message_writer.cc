#include "server/grpc/infer_message_writer.h"

#include "server/grpc/wire_type.h"

namespace oarlock {
namespace {

// Up to here a copy costs less than memory that is counted and given back.
constexpr size_t kCopyBytesMax = 8 * 1024;

void AppendVarint(uint64_t value, std::string* to) {
  while (value >= 0x80) {
    *to += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to += static_cast<char>(value);
}

void AppendKey(uint64_t field, WireType type, std::string* to) {
  AppendVarint(field << 3 | static_cast<uint64_t>(type), to);
}

void AppendText(uint64_t field, std::string_view text, std::string* to) {
  AppendKey(field, WireType::kLength, to);
  AppendVarint(text.size(), to);
  *to += text;
}

// proto3 leaves out what is empty.
void AppendNonEmpty(uint64_t field, std::string_view text, std::string* to) {
  if (!text.empty()) AppendText(field, text, to);
}

std::string OutputTensor(const ResponseOutput& output) {
  std::string dims;
  for (const int64_t dim : output.view.shape.dims()) AppendVarint(static_cast<uint64_t>(dim), &dims);
  std::string message;
  AppendNonEmpty(1, output.name, &message);
  AppendNonEmpty(2, NameOf(output.view.dtype), &message);
  AppendNonEmpty(3, dims, &message);
  return message;
}

// {"triton_final_response": {bool_param: true}}
std::string FinalMarker() {
  std::string value;
  AppendKey(1, WireType::kVarint, &value);
  AppendVarint(1, &value);
  std::string entry;
  AppendText(1, "triton_final_response", &entry);
  AppendText(2, value, &entry);
  return entry;
}

// Enough for most messages, so that their text grows but once.
size_t SizeBytesExpected(const InferResponseMessage& response) {
  constexpr size_t kBesideEach = 64;
  size_t sum = response.model_name.size() + response.id.size() + kBesideEach;
  for (const ResponseOutput& output : response.outputs) {
    const size_t bytes = output.view.size_bytes;
    sum += output.name.size() + kBesideEach + (bytes > kCopyBytesMax ? 0 : bytes);
  }
  return sum;
}

size_t SizeBytes(const MessageBytes& message) {
  size_t sum = message.text.size();
  for (const MessageBytes::Cut& cut : message.cuts) sum += cut.bytes.size();
  return sum;
}

}  // namespace

MessageBytes WriteInferMessage(const InferResponseMessage& response) {
  MessageBytes message;
  std::string& text = message.text;
  text.reserve(SizeBytesExpected(response));
  AppendNonEmpty(1, response.model_name, &text);
  AppendNonEmpty(2, response.model_version, &text);
  AppendNonEmpty(3, response.id, &text);
  if (response.final_marker) AppendText(4, FinalMarker(), &text);
  for (const ResponseOutput& output : response.outputs) AppendText(5, OutputTensor(output), &text);
  for (const ResponseOutput& output : response.outputs) {
    const std::span<const std::byte> bytes = output.view.bytes();
    AppendKey(6, WireType::kLength, &text);
    AppendVarint(bytes.size(), &text);
    if (bytes.size() > kCopyBytesMax) {
      message.cuts.push_back({text.size(), bytes});
    } else {
      text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
  }
  return message;
}

MessageBytes WriteStreamMessage(const InferResponseMessage& response) {
  MessageBytes message = WriteInferMessage(response);
  std::string head;
  AppendKey(2, WireType::kLength, &head);
  AppendVarint(SizeBytes(message), &head);
  message.text.insert(0, head);
  for (MessageBytes::Cut& cut : message.cuts) cut.at += head.size();
  return message;
}

MessageBytes WriteStreamError(std::string_view text, std::string_view id) {
  MessageBytes message;
  AppendText(1, text, &message.text);
  std::string response;
  AppendNonEmpty(3, id, &response);
  AppendText(2, response, &message.text);
  return message;
}

}  // namespace oarlock
