// Parts of a PIR json: names with their dialect, and attributes. Nothing here knows operators or values.
#ifndef OARLOCK_IMPORT_PADDLE_PIR_JSON_H_
#define OARLOCK_IMPORT_PADDLE_PIR_JSON_H_

#include <optional>
#include <string_view>
#include <vector>

#include "import/paddle/program.h"
#include "simdjson.h"

namespace oarlock::paddle {

namespace dom = simdjson::dom;

// "1.conv2d" -> {"1", "conv2d"}. Dialects that the writer does not abbreviate are left whole in front.
struct QualifiedName {
  std::string_view dialect;
  std::string_view name;
};
QualifiedName Split(std::string_view text);

// Empty where there is no such text.
std::string_view TextOf(const dom::element& element, const char* key);
// None, and `*there` false, where there is no such array. (One of simdjson's own that was never filled cannot be
// walked.)
std::vector<dom::element> ArrayOf(const dom::element& element, const char* key, bool* there);
// None if it is no list of integers.
std::optional<std::vector<int64_t>> IntegersOf(const dom::element& element);

// An attribute's type ("a_i32") that is not about the computation.
bool IsIgnoredAttribute(std::string_view type);
// The value of {"#": type, "D": data}; none if the type is not known, or the data are not of it.
std::optional<Attribute> AttributeOf(const dom::element& attribute, std::string_view type);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_PIR_JSON_H_
