#include "strings.h"

#include <cstdint>
#include <cstring>
#include <limits>

#include "error.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;

[[noreturn]] void Refuse(const Port& port, const std::string& text) {
  throw Failure(Code::kInvalidArgument, "input '" + port.name + "': " + text);
}

}  // namespace

void FillStrings(const Port& port, const oar_view& view, OrtValue* value) {
  size_t count = 0;
  plugin::Product(view.rank, view.dims, 1, &count);  // that it fits was checked when the input was bound
  const char* at = static_cast<const char*>(view.data);
  size_t left = view.size_bytes;
  for (size_t i = 0; i < count; ++i) {
    uint32_t length = 0;
    if (left < sizeof length) {
      Refuse(port, "BYTES element " + std::to_string(i) + " of " + std::to_string(count) + " is missing");
    }
    std::memcpy(&length, at, sizeof length);
    at += sizeof length;
    left -= sizeof length;
    if (length > left) {
      Refuse(port, "BYTES element " + std::to_string(i) + " says " + std::to_string(length) + " bytes; " +
                       std::to_string(left) + " are left");
    }
    char* room = nullptr;
    Check(Api().GetResizedStringTensorElementBuffer(value, i, length, &room));
    if (length > 0) std::memcpy(room, at, length);
    at += length;
    left -= length;
  }
  if (left > 0) {
    Refuse(port, std::to_string(left) + " bytes are left after " + std::to_string(count) + " BYTES elements");
  }
}

void PackStrings(const OrtValue& value, size_t count, std::vector<char>* packed) {
  packed->clear();
  if (count == 0) return;
  size_t length_sum = 0;
  Check(Api().GetStringTensorDataLength(&value, &length_sum));
  // The texts go behind room for all lengths, and are then moved to their places from the front.
  std::vector<size_t> begins(count);
  const size_t head = count * sizeof(uint32_t);
  packed->resize(head + length_sum);
  Check(Api().GetStringTensorContent(&value, packed->data() + head, length_sum, begins.data(), count));
  char* to = packed->data();
  for (size_t i = 0; i < count; ++i) {
    const size_t size = (i + 1 < count ? begins[i + 1] : length_sum) - begins[i];
    if (size > std::numeric_limits<uint32_t>::max()) {
      throw Failure(Code::kUnimplemented,
                    "a string of " + std::to_string(size) + " bytes; a BYTES element has less than 2^32");
    }
    const auto length = static_cast<uint32_t>(size);
    std::memcpy(to, &length, sizeof length);
    to += sizeof length;
    std::memmove(to, packed->data() + head + begins[i], size);
    to += size;
  }
}

}  // namespace oarlock::onnxruntime
