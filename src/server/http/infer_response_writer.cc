#include "server/http/infer_response_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <new>
#include <type_traits>

#include "base/status.h"
#include "simdjson.h"

// rapidjson checks UTF-8 as it writes; BYTES elements and names are the only text from outside.
#include <rapidjson/writer.h>

namespace oarlock {
namespace {

// rapidjson's idea of an output stream, over a string.
struct StringStream {
  using Ch = char;
  std::string* text;
  void Put(char c) { text->push_back(c); }
  void Flush() {}
};

using JsonWriter = rapidjson::Writer<StringStream, rapidjson::UTF8<>, rapidjson::UTF8<>, rapidjson::CrtAllocator,
                                     rapidjson::kWriteValidateEncodingFlag>;

void WriteKey(std::string_view key, JsonWriter* writer) {
  writer->Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

// False if the text is not UTF-8.
bool WriteString(std::string_view text, JsonWriter* writer) {
  return writer->String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

absl::Status WriteName(std::string_view key, std::string_view name, JsonWriter* writer) {
  if (!simdjson::validate_utf8(name.data(), name.size())) return Internal("'{}' of the answer is not UTF-8", key);
  WriteKey(key, writer);
  WriteString(name, writer);
  return absl::OkStatus();
}

absl::Status NeedsBinary(std::string_view name, std::string_view why) {
  return InvalidArgument("output '{}' {}, which JSON cannot say; ask for it with binary_data", Printable(name), why);
}

template <typename T>
absl::Status WriteElement(T value, std::string_view name, size_t index, JsonWriter* writer) {
  if constexpr (std::is_same_v<T, bool>) {
    writer->Bool(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) return NeedsBinary(name, fmt::format("has {} at element {}", value, index));
    char text[32];
    const char* end = std::to_chars(text, text + sizeof text, value).ptr;
    writer->RawValue(text, static_cast<size_t>(end - text), rapidjson::kNumberType);
  } else if constexpr (std::is_signed_v<T>) {
    writer->Int64(value);
  } else {
    writer->Uint64(value);
  }
  return absl::OkStatus();
}

template <typename T>
absl::Status WriteElements(const ResponseOutput& output, JsonWriter* writer) {
  using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;  // a byte other than 0 and 1 is no bool
  for (size_t i = 0; i < output.view.size_bytes / sizeof(T); ++i) {
    Stored value{};
    std::memcpy(&value, output.view.data + i * sizeof(T), sizeof(T));
    OAR_RETURN_IF_ERROR(WriteElement(static_cast<T>(value), output.name, i, writer));
  }
  return absl::OkStatus();
}

absl::Status WriteStrings(const ResponseOutput& output, JsonWriter* writer) {
  OAR_ASSIGN_OR_RETURN(const int64_t count, output.view.shape.ElementCount());
  OAR_ASSIGN_OR_RETURN(const auto elements, BytesElements(output.view.bytes(), count));
  for (size_t i = 0; i < elements.size(); ++i) {
    if (!simdjson::validate_utf8(elements[i].data(), elements[i].size())) {
      return NeedsBinary(output.name, fmt::format("has bytes that are not UTF-8 at element {}", i));
    }
    WriteString(elements[i], writer);
  }
  return absl::OkStatus();
}

absl::Status WriteData(const ResponseOutput& output, JsonWriter* writer) {
  switch (output.view.dtype) {
    case DType::kBool:
      return WriteElements<bool>(output, writer);
    case DType::kU8:
      return WriteElements<uint8_t>(output, writer);
    case DType::kU16:
      return WriteElements<uint16_t>(output, writer);
    case DType::kU32:
      return WriteElements<uint32_t>(output, writer);
    case DType::kU64:
      return WriteElements<uint64_t>(output, writer);
    case DType::kI8:
      return WriteElements<int8_t>(output, writer);
    case DType::kI16:
      return WriteElements<int16_t>(output, writer);
    case DType::kI32:
      return WriteElements<int32_t>(output, writer);
    case DType::kI64:
      return WriteElements<int64_t>(output, writer);
    case DType::kF32:
      return WriteElements<float>(output, writer);
    case DType::kF64:
      return WriteElements<double>(output, writer);
    case DType::kBytes:
      return WriteStrings(output, writer);
    case DType::kF16:
    case DType::kBF16:
    case DType::kInvalid:
      break;
  }
  return NeedsBinary(output.name, fmt::format("is {}", NameOf(output.view.dtype)));
}

absl::Status WriteOutput(const ResponseOutput& output, JsonWriter* writer, WrittenInferResponse* written) {
  OAR_RETURN_IF_ERROR(CheckView(output.view, fmt::format("output '{}'", Printable(output.name))));
  writer->StartObject();
  OAR_RETURN_IF_ERROR(WriteName("name", output.name, writer));
  OAR_RETURN_IF_ERROR(WriteName("datatype", NameOf(output.view.dtype), writer));
  WriteKey("shape", writer);
  writer->StartArray();
  for (const int64_t dim : output.view.shape.dims()) writer->Int64(dim);
  writer->EndArray();
  if (output.binary) {
    WriteKey("parameters", writer);
    writer->StartObject();
    WriteKey("binary_data_size", writer);
    writer->Uint64(output.view.size_bytes);
    writer->EndObject();
    written->binary.push_back(output.view.bytes());
  } else {
    // No `parameters` here: Triton's C++ client takes any for those of binary data.
    WriteKey("data", writer);
    writer->StartArray();
    OAR_RETURN_IF_ERROR(WriteData(output, writer));
    writer->EndArray();
  }
  writer->EndObject();
  return absl::OkStatus();
}

absl::StatusOr<WrittenInferResponse> Write(const InferResponse& response) {
  WrittenInferResponse written;
  StringStream stream{&written.json};
  JsonWriter writer(stream);
  writer.StartObject();
  OAR_RETURN_IF_ERROR(WriteName("model_name", response.model_name, &writer));
  OAR_RETURN_IF_ERROR(WriteName("model_version", response.model_version, &writer));
  if (!response.id.empty()) OAR_RETURN_IF_ERROR(WriteName("id", response.id, &writer));
  WriteKey("outputs", &writer);
  writer.StartArray();
  for (const ResponseOutput& output : response.outputs) OAR_RETURN_IF_ERROR(WriteOutput(output, &writer, &written));
  writer.EndArray();
  writer.EndObject();
  return written;
}

}  // namespace

absl::StatusOr<WrittenInferResponse> WriteInferResponse(const InferResponse& response) {
  try {
    return Write(response);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory to write the answer");
  }
}

}  // namespace oarlock
