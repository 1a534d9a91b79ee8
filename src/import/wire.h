// Walks the fields of a protobuf message in memory, without a protobuf library. Every step is bounded by the message:
// a length or a varint that runs past the end ends the walk with ok() false. Groups are refused.
// Source: protobuf's description of the wire format.
#ifndef OARLOCK_IMPORT_WIRE_H_
#define OARLOCK_IMPORT_WIRE_H_

#include <cstdint>
#include <string_view>

namespace oarlock {

class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // Moves to the next field. False at the end, and after an error.
  bool Next() {
    if (!ok_ || rest_.empty()) return false;
    uint64_t key = 0;
    if (!Varint(&key) || (key >> 3) == 0 || (key >> 3) > 0x1FFFFFFF) return Fail();
    field_ = static_cast<uint32_t>(key >> 3);
    type_ = static_cast<uint32_t>(key & 7);
    value_ = 0;
    bytes_ = {};
    switch (type_) {
      case 0:
        return Varint(&value_) || Fail();
      case 1:
        return Take(8) || Fail();
      case 2: {
        uint64_t size = 0;
        return (Varint(&size) && size <= rest_.size() && Take(static_cast<size_t>(size))) || Fail();
      }
      case 5:
        return Take(4) || Fail();
      default:
        return Fail();
    }
  }

  bool ok() const { return ok_; }
  uint32_t field() const { return field_; }
  bool is_varint() const { return type_ == 0; }
  bool is_bytes() const { return type_ == 2; }
  uint64_t varint() const { return value_; }
  // Payload of a length-delimited or fixed-width field.
  std::string_view bytes() const { return bytes_; }

  // One varint from the front of `text`; for packed repeated fields.
  static bool TakeVarint(std::string_view* text, uint64_t* value) {
    *value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (text->empty()) return false;
      const auto byte = static_cast<unsigned char>(text->front());
      text->remove_prefix(1);
      *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }

 private:
  bool Fail() {
    ok_ = false;
    return false;
  }
  bool Varint(uint64_t* value) { return TakeVarint(&rest_, value); }
  bool Take(size_t size) {
    if (size > rest_.size()) return false;
    bytes_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t value_ = 0;
  uint32_t field_ = 0;
  uint32_t type_ = 0;
  bool ok_ = true;
};

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_WIRE_H_
