// JSON for machines: rapidjson's writer with std::string_view, and tensors' elements as numbers.
#ifndef OARLOCK_TENSOR_JSON_TEXT_H_
#define OARLOCK_TENSOR_JSON_TEXT_H_

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "tensor/tensor.h"

namespace oarlock {

class JsonText {
 public:
  void StartObject() { writer_.StartObject(); }
  void EndObject() { writer_.EndObject(); }
  void StartArray() { writer_.StartArray(); }
  void EndArray() { writer_.EndArray(); }
  void Key(std::string_view key) { writer_.Key(key.data(), static_cast<rapidjson::SizeType>(key.size())); }
  void String(std::string_view value) { writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size())); }
  void Integer(int64_t value) { writer_.Int64(value); }
  // null where JSON has no number for it
  void Number(double value) { std::isfinite(value) ? writer_.Double(value) : writer_.Null(); }
  void Bool(bool value) { writer_.Bool(value); }
  void Null() { writer_.Null(); }

  void Value(bool value) { Bool(value); }
  void Value(int64_t value) { writer_.Int64(value); }
  void Value(uint64_t value) { writer_.Uint64(value); }
  void Value(double value) { Number(value); }
  // The shortest text that reads back to the same float, not the seventeen digits of its double.
  void Value(float value) {
    if (!std::isfinite(value)) {
      writer_.Null();
      return;
    }
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    writer_.RawValue(text, static_cast<size_t>(end - text), rapidjson::kNumberType);
  }

  void Field(std::string_view key, std::string_view value) {
    Key(key);
    String(value);
  }
  void Field(std::string_view key, const char* value) { Field(key, std::string_view(value)); }
  void Field(std::string_view key, int64_t value) {
    Key(key);
    Integer(value);
  }
  void Field(std::string_view key, double value) {
    Key(key);
    Number(value);
  }
  void Field(std::string_view key, bool value) {
    Key(key);
    Bool(value);
  }
  void Field(std::string_view key, const Shape& shape) {
    Key(key);
    StartArray();
    for (int64_t dim : shape.dims()) Integer(dim);
    EndArray();
  }
  std::string_view text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace oarlock

#endif  // OARLOCK_TENSOR_JSON_TEXT_H_
