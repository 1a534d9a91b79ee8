#include "import/paddle/pir_json.h"

#include <limits>

namespace oarlock::paddle {

QualifiedName Split(std::string_view text) {
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return {"", text};
  std::string_view dialect = text.substr(0, dot);
  if (dialect == "builtin") dialect = "0";
  if (dialect == "pd_op") dialect = "1";
  if (dialect == "cf") dialect = "2";
  return {dialect, text.substr(dot + 1)};
}

std::string_view TextOf(const dom::element& element, const char* key) {
  std::string_view text;
  if (element[key].get(text) != simdjson::SUCCESS) return {};
  return text;
}

// None, and `*there` false, where there is no such array. (One of simdjson's own that was never filled cannot be
// walked.)
std::vector<dom::element> ArrayOf(const dom::element& element, const char* key, bool* there) {
  dom::array array;
  *there = element[key].get(array) == simdjson::SUCCESS;
  return *there ? std::vector<dom::element>(array.begin(), array.end()) : std::vector<dom::element>();
}

std::optional<std::vector<int64_t>> IntegersOf(const dom::element& element) {
  dom::array array;
  if (element.get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<int64_t> values;
  for (const dom::element each : array) {
    int64_t value = 0;
    if (each.get(value) != simdjson::SUCCESS) return std::nullopt;
    values.push_back(value);
  }
  return values;
}

namespace {

std::optional<double> NumberOf(const dom::element& element) {
  double real = 0;
  int64_t integer = 0;
  if (element.get(integer) == simdjson::SUCCESS) return static_cast<double>(integer);
  if (element.get(real) == simdjson::SUCCESS) return real;
  return std::nullopt;
}

// What JSON has no number for is written beside, as "VD".
std::optional<double> RealOf(const dom::element& attribute) {
  dom::element data;
  if (attribute["D"].get(data) == simdjson::SUCCESS) return NumberOf(data);
  const std::string_view text = TextOf(attribute, "VD");
  if (text == "INF") return std::numeric_limits<double>::infinity();
  if (text == "-INF") return -std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  return std::nullopt;
}

bool IsInteger(std::string_view type) {
  return type == "a_i32" || type == "a_i64" || type == "a_ui32" || type == "a_ui64" || type == "a_index";
}
bool IsReal(std::string_view type) { return type == "a_f32" || type == "a_f64"; }
bool IsText(std::string_view type) {
  return type == "a_str" || type == "a_dtype" || type == "a_layout" || type == "a_tensorname";
}

// Elements of an array: all integers, all text, or numbers.
std::optional<Attribute> ListOf(const dom::element& attribute) {
  dom::array array;
  if (attribute["D"].get(array) != simdjson::SUCCESS) return std::nullopt;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::vector<std::string> texts;
  size_t count = 0;
  for (const dom::element each : array) {
    ++count;
    const std::string_view type = Split(TextOf(each, "#")).name;
    dom::element data;
    const bool has_data = each["D"].get(data) == simdjson::SUCCESS;
    if (IsText(type) && has_data && data.is_string()) {
      texts.emplace_back(data.get_string().value());
    } else if (bool flag = false; type == "a_bool" && has_data && data.get(flag) == simdjson::SUCCESS) {
      integers.push_back(flag ? 1 : 0);
      reals.push_back(flag ? 1 : 0);
    } else if (IsInteger(type) || IsReal(type)) {
      int64_t integer = 0;
      if (IsInteger(type) && has_data && data.get(integer) == simdjson::SUCCESS) integers.push_back(integer);
      const auto real = RealOf(each);
      if (!real) return std::nullopt;
      reals.push_back(*real);
    } else {
      return std::nullopt;
    }
  }
  if (count > 0 && texts.size() == count) return texts;
  if (integers.size() == count) return integers;
  if (reals.size() == count) return reals;
  return std::nullopt;
}

// ["float32", 1.5]
std::optional<Attribute> ScalarOf(const dom::element& data) {
  dom::array array;
  if (data.get(array) != simdjson::SUCCESS || array.size() != 2) return std::nullopt;
  if (const auto number = NumberOf(array.at(1).value())) return *number;
  bool flag = false;
  if (array.at(1).get(flag) == simdjson::SUCCESS) return flag;
  return std::nullopt;
}

}  // namespace

bool IsIgnoredAttribute(std::string_view type) { return type == "a_place" || type == "a_type" || type == "a_pointer"; }

std::optional<Attribute> AttributeOf(const dom::element& attribute, std::string_view type) {
  if (IsReal(type)) {
    if (const auto real = RealOf(attribute)) return *real;
    return std::nullopt;
  }
  if (type == "a_array") return ListOf(attribute);
  dom::element data;
  if (attribute["D"].get(data) != simdjson::SUCCESS) return std::nullopt;
  if (bool flag = false; type == "a_bool" && data.get(flag) == simdjson::SUCCESS) return flag;
  if (int64_t integer = 0; IsInteger(type) && data.get(integer) == simdjson::SUCCESS) return integer;
  if (IsText(type) && data.is_string()) return std::string(data.get_string().value());
  if (type == "a_scalar") return ScalarOf(data);
  if (type == "a_intarray") {
    if (auto integers = IntegersOf(data)) return *std::move(integers);
  }
  return std::nullopt;
}

}  // namespace oarlock::paddle
