#include "server/http/infer_response_writer.h"

#include <algorithm>
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

// rapidjson's idea of an output stream, over a string that is longer than what has been written until Finish().
class StringStream {
 public:
  using Ch = char;
  explicit StringStream(std::string* text) : text_(text) { Grow(512); }
  void Put(char c) {
    if (size_ == text_->size()) Grow(1);
    (*text_)[size_++] = c;
  }
  void Flush() {}
  // Room for so many bytes; Advance() tells how many became text.
  char* Room(size_t size) {
    if (text_->size() - size_ < size) Grow(size);
    return text_->data() + size_;
  }
  void Advance(size_t size) { size_ += size; }
  void Finish() { text_->resize(size_); }

 private:
  void Grow(size_t size) { text_->resize(std::max(size_ + size, 2 * text_->size())); }
  std::string* text_;
  size_t size_ = 0;
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

// The longest text of a number, and a comma.
constexpr size_t kElementBytesMax = 32;

template <typename T>
char* WriteElement(T value, char* to) {
  if constexpr (std::is_same_v<T, bool>) {
    const std::string_view word = value ? "true" : "false";
    return std::copy(word.begin(), word.end(), to);
  } else {
    return std::to_chars(to, to + kElementBytesMax - 1, value).ptr;
  }
}

// Past the writer, which would look at each character once more.
template <typename T>
absl::Status WriteElements(const ResponseOutput& output, StringStream* stream) {
  using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;  // a byte other than 0 and 1 is no bool
  for (size_t i = 0; i < output.view.size_bytes / sizeof(T); ++i) {
    Stored value{};
    std::memcpy(&value, output.view.data + i * sizeof(T), sizeof(T));
    if constexpr (std::is_floating_point_v<T>) {
      if (!std::isfinite(value)) return NeedsBinary(output.name, fmt::format("has {} at element {}", value, i));
    }
    char* const room = stream->Room(kElementBytesMax);
    char* to = room;
    if (i > 0) *to++ = ',';
    to = WriteElement(static_cast<T>(value), to);
    stream->Advance(static_cast<size_t>(to - room));
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

absl::Status WriteData(const ResponseOutput& output, StringStream* stream, JsonWriter* writer) {
  switch (output.view.dtype) {
    case DType::kBool:
      return WriteElements<bool>(output, stream);
    case DType::kU8:
      return WriteElements<uint8_t>(output, stream);
    case DType::kU16:
      return WriteElements<uint16_t>(output, stream);
    case DType::kU32:
      return WriteElements<uint32_t>(output, stream);
    case DType::kU64:
      return WriteElements<uint64_t>(output, stream);
    case DType::kI8:
      return WriteElements<int8_t>(output, stream);
    case DType::kI16:
      return WriteElements<int16_t>(output, stream);
    case DType::kI32:
      return WriteElements<int32_t>(output, stream);
    case DType::kI64:
      return WriteElements<int64_t>(output, stream);
    case DType::kF32:
      return WriteElements<float>(output, stream);
    case DType::kF64:
      return WriteElements<double>(output, stream);
    case DType::kBytes:
      return WriteStrings(output, writer);
    case DType::kF16:
    case DType::kBF16:
    case DType::kInvalid:
      break;
  }
  return NeedsBinary(output.name, fmt::format("is {}", NameOf(output.view.dtype)));
}

absl::Status WriteOutput(const ResponseOutput& output, StringStream* stream, JsonWriter* writer,
                         WrittenInferResponse* written) {
  if (!output.in_shared_memory) {
    OAR_RETURN_IF_ERROR(CheckView(output.view, {"output", output.name}));
  }
  writer->StartObject();
  OAR_RETURN_IF_ERROR(WriteName("name", output.name, writer));
  OAR_RETURN_IF_ERROR(WriteName("datatype", NameOf(output.view.dtype), writer));
  WriteKey("shape", writer);
  writer->StartArray();
  for (const int64_t dim : output.view.shape.dims()) writer->Int64(dim);
  writer->EndArray();
  if (output.in_shared_memory) {
    // Neither `data` nor `parameters`: the client knows where it has asked for the tensor.
  } else if (output.binary) {
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
    OAR_RETURN_IF_ERROR(WriteData(output, stream, writer));
    writer->EndArray();
  }
  writer->EndObject();
  return absl::OkStatus();
}

absl::StatusOr<WrittenInferResponse> Write(const InferResponse& response) {
  WrittenInferResponse written;
  StringStream stream(&written.json);
  JsonWriter writer(stream);
  writer.StartObject();
  OAR_RETURN_IF_ERROR(WriteName("model_name", response.model_name, &writer));
  OAR_RETURN_IF_ERROR(WriteName("model_version", response.model_version, &writer));
  if (!response.id.empty()) OAR_RETURN_IF_ERROR(WriteName("id", response.id, &writer));
  WriteKey("outputs", &writer);
  writer.StartArray();
  for (const ResponseOutput& output : response.outputs)
    OAR_RETURN_IF_ERROR(WriteOutput(output, &stream, &writer, &written));
  writer.EndArray();
  writer.EndObject();
  stream.Finish();
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
