// Strict reading of JSON over simdjson's on-demand parser. On-demand only checks what it is asked for; here every value
// is looked at, so what passes is JSON: nothing after the document, no key twice, no nesting deeper than allowed.
//   JsonDocument document;
//   OAR_RETURN_IF_ERROR(document.ReadObject(text, depth_max, [](std::string_view key, JsonValue value) { ... }));
// The callbacks must consume the value they get, with one of the functions here.
// Thread rule: one thread at a time. Ownership: strings and values live until the document reads anew or dies.
#ifndef OARLOCK_SERVER_HTTP_JSON_READER_H_
#define OARLOCK_SERVER_HTTP_JSON_READER_H_

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "base/status.h"

namespace oarlock {

// The allocation that holds a JSON text must go on for this many bytes after the text; what they hold does not matter.
inline constexpr size_t kJsonPaddingBytes = 64;
static_assert(kJsonPaddingBytes >= simdjson::SIMDJSON_PADDING);

using JsonObject = simdjson::ondemand::object;
using JsonArray = simdjson::ondemand::array;

// A value not yet read, and how much deeper it may nest.
struct JsonValue {
  simdjson::ondemand::value value;
  int64_t depth_left = 0;
};

absl::Status MalformedJson(simdjson::error_code error);
// "'timeout' is \"abc\"; it must be ..." for a value of the wrong kind.
absl::Status WrongJson(std::string_view key, JsonValue value, std::string_view must_be);
// How the value is written, cut down for a message.
std::string WrittenJson(simdjson::ondemand::value value);

absl::StatusOr<std::string_view> ReadJsonString(std::string_view key, JsonValue value);
absl::StatusOr<bool> ReadJsonBool(std::string_view key, JsonValue value);
// An integer from `smallest` to 2^63-1, written without fraction and exponent.
absl::StatusOr<int64_t> ReadJsonInteger(std::string_view key, JsonValue value, int64_t smallest);
// Checks a value that nobody needs.
absl::Status SkipJson(JsonValue value);
// The same, but only a string, a number or a boolean will do: a custom parameter.
absl::Status SkipJsonScalar(std::string_view key, JsonValue value);

namespace json_internal {

absl::Status TooDeep();

// The keys of one object. A hash set pays only from some on; a client may send millions.
class KeySet {
 public:
  // False if it is there already.
  bool Insert(std::string_view key) {
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), key) != few_.end()) return false;
      few_.push_back(key);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(key).second;
  }

 private:
  static constexpr size_t kFew = 8;
  absl::InlinedVector<std::string_view, kFew> few_;
  absl::flat_hash_set<std::string_view> many_;
};

template <typename OnField>
absl::Status ReadFields(JsonObject object, int64_t depth_left, OnField&& on_field) {
  KeySet keys;
  for (auto item : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(item).get(field)) return MalformedJson(error);
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return MalformedJson(error);
    if (!keys.Insert(key)) return InvalidArgument("the key '{}' stands twice in one object", Printable(key));
    OAR_RETURN_IF_ERROR(on_field(key, JsonValue{field.value(), depth_left}));
  }
  return absl::OkStatus();
}

}  // namespace json_internal

// Calls `on_field(key, value)` for every field.
template <typename OnField>
absl::Status ReadJsonObject(std::string_view key, JsonValue value, OnField&& on_field) {
  JsonObject object;
  const auto error = value.value.get_object().get(object);
  if (error == simdjson::INCORRECT_TYPE) return WrongJson(key, value, "an object");
  if (error) return MalformedJson(error);
  if (value.depth_left < 1) return json_internal::TooDeep();
  return json_internal::ReadFields(object, value.depth_left - 1, on_field);
}

// Calls `on_element(index, value)` for every element.
template <typename OnElement>
absl::Status ReadJsonArray(std::string_view key, JsonValue value, OnElement&& on_element) {
  JsonArray array;
  const auto error = value.value.get_array().get(array);
  if (error == simdjson::INCORRECT_TYPE) return WrongJson(key, value, "an array");
  if (error) return MalformedJson(error);
  if (value.depth_left < 1) return json_internal::TooDeep();
  size_t index = 0;
  for (auto item : array) {
    simdjson::ondemand::value element;
    if (const auto item_error = std::move(item).get(element)) return MalformedJson(item_error);
    OAR_RETURN_IF_ERROR(on_element(index++, JsonValue{element, value.depth_left - 1}));
  }
  return absl::OkStatus();
}

// The text of an array, found by counting brackets; its inside is not checked until a document of its own reads it.
absl::StatusOr<std::string_view> JsonArrayText(std::string_view key, JsonValue value);

class JsonDocument {
 public:
  // Reads a text that is one object. kJsonPaddingBytes must follow it.
  template <typename OnField>
  absl::Status ReadObject(std::string_view text, int64_t depth_max, OnField&& on_field) {
    OAR_RETURN_IF_ERROR(Open(text));
    JsonObject object;
    const auto error = document_.get_object().get(object);
    if (error == simdjson::INCORRECT_TYPE) return InvalidArgument("the JSON is not an object");
    if (error) return MalformedJson(error);
    OAR_RETURN_IF_ERROR(json_internal::ReadFields(object, depth_max - 1, on_field));
    return CheckEnd();
  }

  // Reads a text that is one array.
  template <typename OnElement>
  absl::Status ReadArray(std::string_view text, int64_t depth_max, OnElement&& on_element) {
    OAR_RETURN_IF_ERROR(Open(text));
    JsonArray array;
    const auto error = document_.get_array().get(array);
    if (error == simdjson::INCORRECT_TYPE) return InvalidArgument("the JSON is not an array");
    if (error) return MalformedJson(error);
    for (auto item : array) {
      simdjson::ondemand::value element;
      if (const auto item_error = std::move(item).get(element)) return MalformedJson(item_error);
      OAR_RETURN_IF_ERROR(on_element(JsonValue{element, depth_max - 1}));
    }
    return CheckEnd();
  }

 private:
  absl::Status Open(std::string_view text);
  absl::Status CheckEnd();

  // A parser takes memory for each text; this thread's last ones are used again.
  class Parser {
   public:
    Parser();
    ~Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;
    simdjson::ondemand::parser* operator->() { return parser_.get(); }

   private:
    std::unique_ptr<simdjson::ondemand::parser> parser_;
  };
  Parser parser_;
  simdjson::ondemand::document document_;
};

}  // namespace oarlock

#endif  // OARLOCK_SERVER_HTTP_JSON_READER_H_
