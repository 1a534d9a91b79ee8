#include "server/grpc/infer_parameter.h"

#include <cstring>
#include <limits>

#include "base/status.h"
#include "import/wire.h"

namespace oarlock {
namespace {

absl::Status Wrong(std::string_view name, std::string_view wanted) {
  return InvalidArgument("parameter '{}' must be {}", Printable(name), wanted);
}

absl::Status Malformed() { return InvalidArgument("a parameter is malformed"); }

// The last of several counts, as protobuf has it.
absl::Status ReadValue(std::string_view message, InferParameter* parameter) {
  WireReader reader(message);
  while (reader.Next()) {
    switch (reader.field()) {
      case 1:
        if (!reader.is_varint()) return Malformed();
        parameter->value = reader.varint() != 0;
        break;
      case 2:
        if (!reader.is_varint()) return Malformed();
        parameter->value = static_cast<int64_t>(reader.varint());
        break;
      case 3:
        if (!reader.is_bytes()) return Malformed();
        parameter->value = reader.bytes();
        break;
      case 4: {
        double number = 0;
        if (reader.is_varint() || reader.bytes().size() != sizeof(number)) return Malformed();
        std::memcpy(&number, reader.bytes().data(), sizeof(number));
        parameter->value = number;
        break;
      }
      case 5:
        if (!reader.is_varint()) return Malformed();
        parameter->value = reader.varint();
        break;
      default:
        break;
    }
  }
  return reader.ok() ? absl::OkStatus() : Malformed();
}

}  // namespace

absl::StatusOr<int64_t> InferParameter::AsCount() const {
  if (const auto* number = std::get_if<int64_t>(&value); number != nullptr && *number >= 0) return *number;
  if (const auto* number = std::get_if<uint64_t>(&value)) {
    constexpr auto kMost = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
    if (*number <= kMost) return static_cast<int64_t>(*number);
  }
  return Wrong(name, "an integer from 0 to 2^63-1");
}

absl::StatusOr<bool> InferParameter::AsBool() const {
  if (const auto* yes = std::get_if<bool>(&value)) return *yes;
  return Wrong(name, "a bool");
}

absl::StatusOr<std::string_view> InferParameter::AsText() const {
  if (const auto* text = std::get_if<std::string_view>(&value)) return *text;
  return Wrong(name, "a string");
}

absl::StatusOr<InferParameter> ReadParameter(std::string_view entry) {
  InferParameter parameter;
  WireReader reader(entry);
  while (reader.Next()) {
    if (reader.field() > 2) continue;
    if (!reader.is_bytes()) return Malformed();
    if (reader.field() == 1) parameter.name = reader.bytes();
    if (reader.field() == 2) OAR_RETURN_IF_ERROR(ReadValue(reader.bytes(), &parameter));
  }
  if (!reader.ok()) return Malformed();
  return parameter;
}

}  // namespace oarlock
