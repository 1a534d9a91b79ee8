#include "server/http/infer_request_parser.h"

#include <array>
#include <new>
#include <utility>

#include "base/status.h"
#include "server/http/json_reader.h"
#include "server/http/json_tensor.h"
#include "server/protocol/repeated_name.h"

namespace oarlock {
namespace {

static_assert(kBodyPaddingBytes >= kJsonPaddingBytes);

// An input as the JSON describes it. Its data is read once everything about it is known: the keys come in any order.
struct DescribedInput {
  std::optional<std::string> name;
  std::optional<DType> dtype;
  std::optional<Shape> shape;
  std::optional<std::string_view> data;  // text of the JSON array
  // The array read at once, where type and shape came before it, as most clients write them.
  std::optional<absl::StatusOr<std::shared_ptr<Buffer>>> elements;
  int64_t data_depth_max = 0;
  std::optional<int64_t> binary_size_bytes;
  std::optional<SharedMemoryPart> shared_memory;

  // In how many ways its data is given.
  int Sources() const {
    return (data.has_value() ? 1 : 0) + (binary_size_bytes.has_value() ? 1 : 0) + (shared_memory.has_value() ? 1 : 0);
  }
};

class Parser {
 public:
  Parser(std::span<const std::byte> body, size_t json_size_bytes, const Limits& limits)
      : json_(reinterpret_cast<const char*>(body.data()), json_size_bytes),
        binary_(body.subspan(json_size_bytes)),
        limits_(limits) {}

  absl::StatusOr<ParsedInferRequest> Run() {
    OAR_RETURN_IF_ERROR(document_.ReadObject(
        json_, limits_.json_depth_max, [this](std::string_view key, JsonValue v) { return ReadTopLevel(key, v); }));
    if (described_.empty()) return InvalidArgument("'inputs' is missing or empty; a request has at least one input");
    OAR_RETURN_IF_ERROR(CheckNames());
    for (DescribedInput& input : described_) {
      OAR_RETURN_IF_ERROR(TakeData(std::move(input)));
    }
    if (!binary_.empty()) {
      return InvalidArgument("{} bytes are left after the binary data that the inputs speak of (binary_data_size)",
                             binary_.size());
    }
    return std::move(request_);
  }

 private:
  absl::Status ReadTopLevel(std::string_view key, JsonValue value) {
    if (key == "id") return ReadName(key, value, &request_.id);
    if (key == "parameters") {
      return ReadJsonObject(
          key, value, [this](std::string_view name, JsonValue parameter) { return ReadParameter(name, parameter); });
    }
    if (key == "inputs") {
      return ReadJsonArray(key, value, [this](size_t index, JsonValue input) -> absl::Status {
        if (std::cmp_greater_equal(index, limits_.request_tensors_max)) return TooMany("inputs");
        const absl::Status status = ReadInput(input, &described_.emplace_back());
        return status.ok() ? status : Annotate(status, fmt::format("inputs[{}]", index));
      });
    }
    if (key == "outputs") {
      return ReadJsonArray(key, value, [this](size_t index, JsonValue output) -> absl::Status {
        if (std::cmp_greater_equal(index, limits_.request_tensors_max)) return TooMany("outputs");
        const absl::Status status = ReadOutput(output, &request_.outputs.emplace_back());
        return status.ok() ? status : Annotate(status, fmt::format("outputs[{}]", index));
      });
    }
    return SkipJson(value);
  }

  absl::Status ReadParameter(std::string_view name, JsonValue value) {
    if (name == "binary_data_output") return Store(ReadJsonBool(name, value), &request_.binary_data_output);
    if (name == "timeout") return Store(ReadJsonInteger(name, value, 0), &request_.timeout_us);
    if (name == "priority") return Store(ReadJsonInteger(name, value, 0), &request_.priority);
    if (name == "sequence_id") return RefuseSequence(value);
    return SkipJsonScalar(Printable(name), value);
  }

  // Requests of a sequence answered one by one would be answered wrongly. 0 and "" mean that there is none.
  static absl::Status RefuseSequence(JsonValue value) {
    const std::string text = WrittenJson(value.value);
    OAR_RETURN_IF_ERROR(SkipJsonScalar("sequence_id", value));
    if (text == "0" || text == "\"\"") return absl::OkStatus();
    return Unimplemented("sequences are not supported (sequence_id {})", text);
  }

  absl::Status ReadInput(JsonValue value, DescribedInput* input) {
    const absl::Status status =
        ReadJsonObject("input", value, [&](std::string_view key, JsonValue field) -> absl::Status {
          if (key == "name") return ReadName(key, field, &input->name.emplace());
          if (key == "datatype") return ReadDType(field, input);
          if (key == "shape") return ReadShape(field, input);
          if (key == "data" && KnowsElements(*input) && IsArray(field)) {
            input->data = "";
            input->elements = ReadJsonTensor(field, json_.size(), *input->dtype, *input->shape);
            return absl::OkStatus();
          }
          if (key == "data") {
            OAR_ASSIGN_OR_RETURN(input->data, JsonArrayText(key, field));
            input->data_depth_max = field.depth_left;
            return absl::OkStatus();
          }
          if (key == "parameters") {
            return ReadJsonObject(key, field, [&](std::string_view name, JsonValue parameter) -> absl::Status {
              if (name == "binary_data_size")
                return Store(ReadJsonInteger(name, parameter, 0), &input->binary_size_bytes);
              return ReadSharedMemory(name, parameter, &input->shared_memory);
            });
          }
          return SkipJson(field);
        });
    OAR_RETURN_IF_ERROR(status);
    if (!input->name.has_value()) return InvalidArgument("'name' is missing");
    if (!input->dtype.has_value()) return InvalidArgument("'datatype' is missing");
    if (!input->shape.has_value()) return InvalidArgument("'shape' is missing");
    return absl::OkStatus();
  }

  static bool IsArray(JsonValue value) {
    simdjson::ondemand::json_type type{};
    return !value.value.type().get(type) && type == simdjson::ondemand::json_type::array;
  }

  // What TakeData would refuse is left to it.
  bool KnowsElements(const DescribedInput& input) const {
    if (!input.dtype.has_value() || !input.shape.has_value()) return false;
    const auto count = input.shape->ElementCount();
    return count.ok() && *count <= limits_.request_elements_max;
  }

  absl::Status ReadOutput(JsonValue value, ParsedOutput* output) {
    bool named = false;
    const absl::Status status =
        ReadJsonObject("output", value, [&](std::string_view key, JsonValue field) -> absl::Status {
          if (key == "name") {
            named = true;
            return ReadName(key, field, &output->name);
          }
          if (key != "parameters") return SkipJson(field);
          return ReadJsonObject(key, field, [&](std::string_view name, JsonValue parameter) -> absl::Status {
            if (name == "binary_data") return Store(ReadJsonBool(name, parameter), &output->binary_data);
            if (name == "classification") return Store(ReadJsonInteger(name, parameter, 0), &output->classification);
            return ReadSharedMemory(name, parameter, &output->shared_memory);
          });
        });
    OAR_RETURN_IF_ERROR(status);
    return named ? absl::OkStatus() : InvalidArgument("'name' is missing");
  }

  // One of the three parameters that say where in shared memory a tensor lies, or a custom one.
  absl::Status ReadSharedMemory(std::string_view name, JsonValue parameter,
                                std::optional<SharedMemoryPart>* part) const {
    if (!name.starts_with("shared_memory_")) return SkipJsonScalar(Printable(name), parameter);
    if (!part->has_value()) part->emplace();
    if (name == "shared_memory_region") return ReadName(name, parameter, &(*part)->region);
    if (name == "shared_memory_offset") return Store(ReadJsonInteger(name, parameter, 0), &(*part)->offset);
    if (name == "shared_memory_byte_size") return Store(ReadJsonInteger(name, parameter, 0), &(*part)->size_bytes);
    return InvalidArgument("there is no parameter '{}'", Printable(name));
  }

  absl::Status ReadName(std::string_view key, JsonValue value, std::string* name) const {
    OAR_ASSIGN_OR_RETURN(const std::string_view text, ReadJsonString(key, value));
    if (std::cmp_greater(text.size(), limits_.name_bytes_max)) {
      return InvalidArgument("'{}' has {} bytes; at most {} are accepted (name_bytes_max)", key, text.size(),
                             limits_.name_bytes_max);
    }
    if (key == "name" && text.empty()) return InvalidArgument("'name' is empty");
    *name = text;
    return absl::OkStatus();
  }

  static absl::Status ReadDType(JsonValue value, DescribedInput* input) {
    OAR_ASSIGN_OR_RETURN(const std::string_view text, ReadJsonString("datatype", value));
    input->dtype = DTypeFromName(text);
    if (input->dtype.has_value()) return absl::OkStatus();
    std::string known;
    for (const DTypeRow& row : DTypeRows()) known += fmt::format("{}{}", known.empty() ? "" : ", ", row.name);
    return InvalidArgument("'datatype' is '{}'; it must be one of {}", Printable(text), known);
  }

  static absl::Status ReadShape(JsonValue value, DescribedInput* input) {
    std::array<int64_t, oar_max_rank> dims{};
    size_t rank = 0;
    const absl::Status status = ReadJsonArray("shape", value, [&](size_t index, JsonValue dim) -> absl::Status {
      if (index == dims.size()) return InvalidArgument("'shape' has more than {} dims", dims.size());
      OAR_RETURN_IF_ERROR(Store(ReadJsonInteger("shape", dim, 0), &dims[index]));
      rank = index + 1;
      return absl::OkStatus();
    });
    OAR_RETURN_IF_ERROR(status);
    return Store(Shape::From({dims.data(), rank}), &input->shape);
  }

  absl::Status CheckNames() const {
    if (const auto name = RepeatedName(described_, [](const auto& input) { return std::string_view(*input.name); })) {
      return InvalidArgument("input '{}' is given twice", Printable(*name));
    }
    const auto name = RepeatedName(request_.outputs, [](const auto& output) { return std::string_view(output.name); });
    if (name) return InvalidArgument("output '{}' is asked for twice", Printable(*name));
    return absl::OkStatus();
  }

  absl::Status TakeData(DescribedInput described) {
    ParsedInput& input = request_.inputs.emplace_back();
    input.name = std::move(*described.name);
    const TensorLabel what{"input", input.name};
    const auto count = described.shape->ElementCount();
    if (!count.ok()) return Annotate(count.status(), what.Text());
    if (*count > limits_.request_elements_max) {
      return InvalidArgument("{}: shape {} has {} elements; at most {} are accepted (request_elements_max)",
                             what.Text(), described.shape->ToString(), *count, limits_.request_elements_max);
    }
    if (described.Sources() != 1) {
      return InvalidArgument(
          "{} has {} of 'data', 'binary_data_size' and 'shared_memory_region'; exactly one is needed", what.Text(),
          described.Sources() == 0 ? "none" : "more than one");
    }
    input.view.dtype = *described.dtype;
    input.view.shape = *described.shape;
    input.shared_memory = std::move(described.shared_memory);
    if (input.shared_memory) return absl::OkStatus();
    if (described.data.has_value()) {
      auto buffer = described.elements.has_value()
                        ? *std::move(described.elements)
                        : ReadJsonTensor(*described.data, *described.dtype, *described.shape, described.data_depth_max);
      if (!buffer.ok()) return Annotate(buffer.status(), what.Text());
      input.owned = *std::move(buffer);
      input.view.data = input.owned->data();
      input.view.size_bytes = input.owned->size_bytes();
      return absl::OkStatus();
    }
    if (std::cmp_greater(*described.binary_size_bytes, binary_.size())) {
      return InvalidArgument("{} says {} bytes of binary data; {} are left after the JSON and the inputs before it",
                             what.Text(), *described.binary_size_bytes, binary_.size());
    }
    const auto size_bytes = static_cast<size_t>(*described.binary_size_bytes);
    input.view.data = binary_.data();
    input.view.size_bytes = size_bytes;
    binary_ = binary_.subspan(size_bytes);
    return CheckView(input.view, what);
  }

  template <typename T, typename Field>
  static absl::Status Store(absl::StatusOr<T> value, Field* field) {
    if (!value.ok()) return std::move(value).status();
    *field = static_cast<Field>(*std::move(value));
    return absl::OkStatus();
  }

  absl::Status TooMany(std::string_view what) const {
    return InvalidArgument("more than {} {} in one request (request_tensors_max)", limits_.request_tensors_max, what);
  }

  std::string_view json_;
  std::span<const std::byte> binary_;  // what no input has taken yet
  const Limits& limits_;
  JsonDocument document_;
  std::vector<DescribedInput> described_;
  ParsedInferRequest request_;
};

// The shape of a raw body: the port's, with its dynamic dims made out.
absl::StatusOr<Shape> RawShape(size_t body_size_bytes, DType dtype, const Shape& port_shape) {
  Shape shape = port_shape;
  int variable = -1;
  for (int i = 0; i < shape.rank(); ++i) {
    if (shape[i] != kDynamic) continue;
    shape.set_dim(i, 1);
    if (variable > 0 && dtype != DType::kBytes) {
      return InvalidArgument("a raw body suits at most one dynamic dim besides the first; the input has {}",
                             port_shape.ToString());
    }
    variable = i;
  }
  if (dtype == DType::kBytes) {
    OAR_ASSIGN_OR_RETURN(const int64_t count, shape.ElementCount());
    if (count == 1) return shape;
    return InvalidArgument("a raw body is one BYTES element; the input has {}", port_shape.ToString());
  }
  if (variable < 0) return shape;
  OAR_ASSIGN_OR_RETURN(const size_t step, shape.SizeBytes(dtype));
  if (step == 0 || body_size_bytes % step != 0) {
    return InvalidArgument("a raw body of {} bytes is no whole number of {} bytes, as {} {} needs", body_size_bytes,
                           step, NameOf(dtype), port_shape.ToString());
  }
  shape.set_dim(variable, static_cast<int64_t>(body_size_bytes / step));
  return shape;
}

absl::StatusOr<ParsedInferRequest> ParseRaw(std::span<const std::byte> body, std::string_view input_name, DType dtype,
                                            const Shape& port_shape, const Limits& limits) {
  ParsedInferRequest request;
  request.binary_data_output = true;
  ParsedInput& input = request.inputs.emplace_back();
  input.name = input_name;
  input.view.dtype = dtype;
  OAR_ASSIGN_OR_RETURN(input.view.shape, RawShape(body.size(), dtype, port_shape));
  OAR_ASSIGN_OR_RETURN(const int64_t count, input.view.shape.ElementCount());
  if (count > limits.request_elements_max) {
    return InvalidArgument("a raw body of {} elements; at most {} are accepted (request_elements_max)", count,
                           limits.request_elements_max);
  }
  if (dtype == DType::kBytes) {
    std::string packed;
    packed.reserve(sizeof(uint32_t) + body.size());
    OAR_RETURN_IF_ERROR(AppendBytesElement({reinterpret_cast<const char*>(body.data()), body.size()}, &packed));
    OAR_ASSIGN_OR_RETURN(
        Tensor tensor,
        Tensor::Clone({dtype, input.view.shape, reinterpret_cast<const std::byte*>(packed.data()), packed.size()}));
    input.owned = tensor.buffer();
    input.view = tensor.view();
  } else {
    input.view.data = body.data();
    input.view.size_bytes = body.size();
  }
  OAR_RETURN_IF_ERROR(CheckView(input.view, {"input", input.name}));
  return request;
}

}  // namespace

absl::StatusOr<ParsedInferRequest> ParseInferRequest(std::span<const std::byte> body, size_t json_size_bytes,
                                                     const Limits& limits) {
  if (json_size_bytes > body.size()) {
    return InvalidArgument("Inference-Header-Content-Length is {}; the body has {} bytes", json_size_bytes,
                           body.size());
  }
  try {
    return Parser(body, json_size_bytes, limits).Run();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for a request of {} bytes", body.size());
  }
}

absl::StatusOr<ParsedInferRequest> ParseRawInferRequest(std::span<const std::byte> body, std::string_view input_name,
                                                        DType dtype, const Shape& port_shape, const Limits& limits) {
  try {
    return ParseRaw(body, input_name, dtype, port_shape, limits);
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for a request of {} bytes", body.size());
  }
}

}  // namespace oarlock
