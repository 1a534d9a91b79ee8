#include "server/http/json_reader.h"

#include <vector>

namespace oarlock {

namespace json_internal {

absl::Status TooDeep() { return InvalidArgument("the JSON nests too deep (json_depth_max)"); }

}  // namespace json_internal

absl::Status MalformedJson(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return InvalidArgument("a JSON object is needed; there is nothing");
    case simdjson::UTF8_ERROR:
      return InvalidArgument("the JSON is not UTF-8");
    case simdjson::MEMALLOC:
      return ResourceExhausted("no memory to read the JSON");
    case simdjson::CAPACITY:
      return InvalidArgument("the JSON is too long");
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return InvalidArgument("malformed JSON: an array or an object is not closed");
    case simdjson::STRING_ERROR:
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS:
      return InvalidArgument("malformed JSON: a string is not closed, or has a wrong escape or a control character");
    case simdjson::NUMBER_ERROR:
      return InvalidArgument("malformed JSON: a number is not written as JSON writes them, or is out of range");
    default:
      return InvalidArgument("malformed JSON: a value, ',', ':' or a bracket is wrong or missing");
  }
}

std::string WrittenJson(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  const bool is_json = !value.type().get(type);
  if (is_json && type == simdjson::ondemand::json_type::array) return "an array";
  if (is_json && type == simdjson::ondemand::json_type::object) return "an object";
  // The token goes on until the next one begins, white space included.
  // Behind the end of a text that is cut off there is none, and its length is no length: no more than the room there.
  std::string_view token = value.raw_json_token();
  token = token.substr(0, kJsonPaddingBytes);
  while (!token.empty() && std::string_view(" \t\r\n").find(token.back()) != std::string_view::npos) {
    token.remove_suffix(1);
  }
  return is_json ? Printable(token, 40) : fmt::format("no JSON value ({})", Printable(token, 40));
}

absl::Status WrongJson(std::string_view key, JsonValue value, std::string_view must_be) {
  return InvalidArgument("'{}' is {}; it must be {}", key, WrittenJson(value.value), must_be);
}

absl::StatusOr<std::string_view> ReadJsonString(std::string_view key, JsonValue value) {
  std::string_view text;
  const auto error = value.value.get_string().get(text);
  if (error == simdjson::INCORRECT_TYPE) return WrongJson(key, value, "a string");
  if (error) return MalformedJson(error);
  return text;
}

absl::StatusOr<bool> ReadJsonBool(std::string_view key, JsonValue value) {
  bool result = false;
  if (value.value.get_bool().get(result)) return WrongJson(key, value, "true or false");
  return result;
}

absl::StatusOr<int64_t> ReadJsonInteger(std::string_view key, JsonValue value, int64_t smallest) {
  int64_t result = 0;
  if (value.value.get_int64().get(result) || result < smallest) {
    return WrongJson(key, value, fmt::format("an integer from {} to 2^63-1", smallest));
  }
  return result;
}

absl::Status SkipJson(JsonValue value) {
  simdjson::ondemand::json_type type{};
  if (const auto error = value.value.type().get(type)) return MalformedJson(error);
  switch (type) {
    case simdjson::ondemand::json_type::array:
      return ReadJsonArray("", value, [](size_t, JsonValue element) { return SkipJson(element); });
    case simdjson::ondemand::json_type::object:
      return ReadJsonObject("", value, [](std::string_view, JsonValue element) { return SkipJson(element); });
    case simdjson::ondemand::json_type::null: {
      bool is_null = false;
      const auto error = value.value.is_null().get(is_null);
      return error || !is_null ? MalformedJson(error) : absl::OkStatus();
    }
    default:
      return SkipJsonScalar("", value);
  }
}

absl::Status SkipJsonScalar(std::string_view key, JsonValue value) {
  simdjson::ondemand::json_type type{};
  if (const auto error = value.value.type().get(type)) return MalformedJson(error);
  simdjson::error_code error = simdjson::SUCCESS;
  switch (type) {
    case simdjson::ondemand::json_type::string:
      error = value.value.get_string().error();
      break;
    case simdjson::ondemand::json_type::number:
      error = value.value.get_double().error();
      break;
    case simdjson::ondemand::json_type::boolean:
      error = value.value.get_bool().error();
      break;
    default:
      return WrongJson(key, value, "a string, a number or a boolean");
  }
  return error ? MalformedJson(error) : absl::OkStatus();
}

absl::StatusOr<std::string_view> JsonArrayText(std::string_view key, JsonValue value) {
  JsonArray array;
  const auto error = value.value.get_array().get(array);
  if (error == simdjson::INCORRECT_TYPE) return WrongJson(key, value, "an array");
  if (error) return MalformedJson(error);
  std::string_view text;
  if (const auto text_error = array.raw_json().get(text)) return MalformedJson(text_error);
  return text;
}

absl::Status JsonDocument::Open(std::string_view text) {
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + kJsonPaddingBytes);
  const auto error = parser_->iterate(padded).get(document_);
  return error ? MalformedJson(error) : absl::OkStatus();
}

namespace {

// A body and the data of one of its tensors are read at the same time.
constexpr size_t kParsersKept = 2;
// What a large text took is given back.
constexpr size_t kCapacityKept = 64 * 1024;

thread_local std::vector<std::unique_ptr<simdjson::ondemand::parser>> kept_parsers;

}  // namespace

JsonDocument::Parser::Parser() {
  if (kept_parsers.empty()) {
    parser_ = std::make_unique<simdjson::ondemand::parser>();
  } else {
    parser_ = std::move(kept_parsers.back());
    kept_parsers.pop_back();
  }
}

JsonDocument::Parser::~Parser() {
  if (parser_->capacity() <= kCapacityKept && kept_parsers.size() < kParsersKept) {
    kept_parsers.push_back(std::move(parser_));
  }
}

absl::Status JsonDocument::CheckEnd() {
  if (document_.current_location().error() == simdjson::OUT_OF_BOUNDS) return absl::OkStatus();
  return InvalidArgument("malformed JSON: something follows its end");
}

}  // namespace oarlock
