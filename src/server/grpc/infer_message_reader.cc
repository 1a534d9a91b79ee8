#include "server/grpc/infer_message_reader.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <utility>

#include "base/status.h"
#include "import/wire.h"
#include "server/grpc/infer_contents.h"
#include "server/grpc/infer_parameter.h"
#include "server/grpc/piece_reader.h"
#include "server/grpc/wire_type.h"
#include "server/protocol/repeated_name.h"

namespace oarlock {
namespace {

// What a tensor without bytes shows: not null, and no memory of anybody's.
constexpr std::byte kNothing{};

absl::Status Malformed(std::string_view what) { return InvalidArgument("{} is no message of KServe v2", what); }

// An input as its own message describes it; its data may be elsewhere.
struct DescribedInput {
  ParsedInput input;
  bool has_contents = false;
};

class Reader {
 public:
  Reader(std::span<const Segment> message, const Limits& limits) : message_(message), limits_(limits) {}

  absl::StatusOr<InferMessage> Run() {
    while (!message_.at_end()) OAR_RETURN_IF_ERROR(ReadField());
    if (made_.model_name.empty()) return InvalidArgument("'model_name' is missing");
    if (described_.empty()) return InvalidArgument("'inputs' is empty; a request has at least one input");
    OAR_RETURN_IF_ERROR(CheckNames());
    OAR_RETURN_IF_ERROR(TakeRaw());
    made_.request.binary_data_output = true;
    return std::move(made_);
  }

 private:
  absl::Status ReadField() {
    uint64_t key = 0;
    uint64_t value = 0;
    if (!message_.ReadVarint(&key)) return Malformed("the request");
    switch (static_cast<WireType>(key & 7)) {
      case WireType::kVarint:
        return message_.ReadVarint(&value) ? absl::OkStatus() : Malformed("the request");
      case WireType::kFixed64:
        return message_.Skip(8) ? absl::OkStatus() : Malformed("the request");
      case WireType::kFixed32:
        return message_.Skip(4) ? absl::OkStatus() : Malformed("the request");
      case WireType::kLength:
        if (!message_.ReadVarint(&value)) return Malformed("the request");
        return ReadLengthDelimited(key >> 3, value);
      default:
        return Malformed("the request");
    }
  }

  absl::Status ReadLengthDelimited(uint64_t field, uint64_t size_bytes) {
    if (field == 7) {
      if (std::cmp_equal(raw_.size(), limits_.request_tensors_max)) return TooMany("raw_input_contents");
      return message_.Take(size_bytes, &raw_.emplace_back()) ? absl::OkStatus() : Malformed("the request");
    }
    std::string_view bytes;
    if (!message_.TakeJoined(size_bytes, &room_, &bytes)) return Malformed("the request");
    switch (field) {
      case 1:
        return TakeName("model_name", bytes, &made_.model_name);
      case 2:
        return TakeName("model_version", bytes, &made_.model_version);
      case 3:
        return TakeName("id", bytes, &made_.request.id);
      case 4: {
        OAR_ASSIGN_OR_RETURN(const InferParameter parameter, ReadParameter(bytes));
        return TakeParameter(parameter);
      }
      case 5: {
        if (std::cmp_equal(described_.size(), limits_.request_tensors_max)) return TooMany("inputs");
        const absl::Status status = ReadInput(bytes, &described_.emplace_back());
        return status.ok() ? status : Annotate(status, fmt::format("inputs[{}]", described_.size() - 1));
      }
      case 6: {
        auto& outputs = made_.request.outputs;
        if (std::cmp_equal(outputs.size(), limits_.request_tensors_max)) return TooMany("outputs");
        const absl::Status status = ReadOutput(bytes, &outputs.emplace_back());
        return status.ok() ? status : Annotate(status, fmt::format("outputs[{}]", outputs.size() - 1));
      }
      default:
        return absl::OkStatus();
    }
  }

  absl::Status TakeParameter(const InferParameter& parameter) {
    ParsedInferRequest& request = made_.request;
    if (parameter.name == "timeout") return Store(parameter.AsCount(), &request.timeout_us);
    if (parameter.name == "priority") return Store(parameter.AsCount(), &request.priority);
    if (parameter.name == "triton_enable_empty_final_response") {
      return Store(parameter.AsBool(), &made_.wants_final_marker);
    }
    if (parameter.name == "sequence_id") {
      // Requests of a sequence answered one by one would be answered wrongly. 0 and "" mean that there is none.
      const auto text = parameter.AsText();
      const auto number = parameter.AsCount();
      if ((text.ok() && text->empty()) || (number.ok() && *number == 0)) return absl::OkStatus();
      return Unimplemented("sequences are not supported (sequence_id)");
    }
    return absl::OkStatus();
  }

  absl::Status ReadInput(std::string_view message, DescribedInput* described) {
    ParsedInput& input = described->input;
    std::string_view datatype;
    std::string_view contents;
    std::array<int64_t, oar_max_rank> dims{};
    size_t rank = 0;
    WireReader reader(message);
    while (reader.Next()) {
      switch (reader.field()) {
        case 1:
          OAR_RETURN_IF_ERROR(TakeName("name", reader.bytes(), &input.name));
          break;
        case 2:
          datatype = reader.bytes();
          break;
        case 3:
          OAR_RETURN_IF_ERROR(ReadDims(reader, &dims, &rank));
          break;
        case 4: {
          OAR_ASSIGN_OR_RETURN(const InferParameter parameter, ReadParameter(reader.bytes()));
          OAR_RETURN_IF_ERROR(TakeSharedMemory(parameter, &input.shared_memory));
          break;
        }
        case 5:
          // An empty one is none: clients send it beside raw contents.
          contents = reader.bytes();
          described->has_contents = !contents.empty();
          break;
        default:
          break;
      }
    }
    if (!reader.ok()) return Malformed("an input");
    if (input.name.empty()) return InvalidArgument("'name' is missing");
    OAR_RETURN_IF_ERROR(TakeType(datatype, &input.view));
    OAR_ASSIGN_OR_RETURN(input.view.shape, Shape::From({dims.data(), rank}));
    const TensorLabel what{"input", input.name};
    const auto count = input.view.shape.ElementCount();
    if (!count.ok()) return Annotate(count.status(), what.Text());
    if (*count > limits_.request_elements_max) {
      return InvalidArgument("{}: shape {} has {} elements; at most {} are accepted (request_elements_max)",
                             what.Text(), input.view.shape.ToString(), *count, limits_.request_elements_max);
    }
    if (!described->has_contents) return absl::OkStatus();
    auto buffer = ReadContents(contents, input.view.dtype, input.view.shape);
    if (!buffer.ok()) return Annotate(buffer.status(), what.Text());
    input.owned = *std::move(buffer);
    input.view.data = input.owned->data();
    input.view.size_bytes = input.owned->size_bytes();
    return absl::OkStatus();
  }

  static absl::Status ReadDims(const WireReader& reader, std::array<int64_t, oar_max_rank>* dims, size_t* rank) {
    std::string_view packed = reader.bytes();
    bool more = reader.is_varint() || !packed.empty();
    while (more) {
      uint64_t dim = reader.varint();
      if (!reader.is_varint() && !WireReader::TakeVarint(&packed, &dim)) return Malformed("'shape'");
      more = !packed.empty();
      if (*rank == dims->size()) return InvalidArgument("'shape' has more than {} dims", dims->size());
      const auto value = static_cast<int64_t>(dim);
      if (value < 0) return InvalidArgument("'shape' has {}; a dim is 0 or more", value);
      (*dims)[(*rank)++] = value;
    }
    return absl::OkStatus();
  }

  static absl::Status TakeType(std::string_view text, TensorView* view) {
    const auto dtype = DTypeFromName(text);
    if (!dtype)
      return InvalidArgument("'datatype' is '{}'; it must be one such as FP32, INT64 or BYTES", Printable(text));
    view->dtype = *dtype;
    return absl::OkStatus();
  }

  absl::Status ReadOutput(std::string_view message, ParsedOutput* output) {
    WireReader reader(message);
    while (reader.Next()) {
      if (reader.field() == 1) OAR_RETURN_IF_ERROR(TakeName("name", reader.bytes(), &output->name));
      if (reader.field() != 2) continue;
      OAR_ASSIGN_OR_RETURN(const InferParameter parameter, ReadParameter(reader.bytes()));
      if (parameter.name == "classification") {
        OAR_RETURN_IF_ERROR(Store(parameter.AsCount(), &output->classification));
      }
      OAR_RETURN_IF_ERROR(TakeSharedMemory(parameter, &output->shared_memory));
    }
    if (!reader.ok()) return Malformed("an output");
    return output->name.empty() ? InvalidArgument("'name' is missing") : absl::OkStatus();
  }

  // One of the three parameters that say where in shared memory a tensor lies, or another one.
  absl::Status TakeSharedMemory(const InferParameter& parameter, std::optional<SharedMemoryPart>* part) const {
    if (!parameter.name.starts_with("shared_memory_")) return absl::OkStatus();
    if (!part->has_value()) part->emplace();
    if (parameter.name == "shared_memory_region") {
      OAR_ASSIGN_OR_RETURN(const std::string_view region, parameter.AsText());
      return TakeName(parameter.name, region, &(*part)->region);
    }
    if (parameter.name != "shared_memory_offset" && parameter.name != "shared_memory_byte_size") {
      return absl::OkStatus();
    }
    OAR_ASSIGN_OR_RETURN(const int64_t number, parameter.AsCount());
    if (parameter.name == "shared_memory_offset") {
      (*part)->offset = static_cast<uint64_t>(number);
    } else {
      (*part)->size_bytes = static_cast<uint64_t>(number);
    }
    return absl::OkStatus();
  }

  absl::Status TakeName(std::string_view key, std::string_view text, std::string* name) const {
    if (std::cmp_greater(text.size(), limits_.name_bytes_max)) {
      return InvalidArgument("'{}' has {} bytes; at most {} are accepted (name_bytes_max)", key, text.size(),
                             limits_.name_bytes_max);
    }
    *name = text;
    return absl::OkStatus();
  }

  absl::Status CheckNames() const {
    if (const auto name =
            RepeatedName(described_, [](const auto& each) { return std::string_view(each.input.name); })) {
      return InvalidArgument("input '{}' is given twice", Printable(*name));
    }
    const auto name =
        RepeatedName(made_.request.outputs, [](const auto& output) { return std::string_view(output.name); });
    if (name) return InvalidArgument("output '{}' is asked for twice", Printable(*name));
    return absl::OkStatus();
  }

  // Raw contents are those of all inputs that are not in shared memory, in their order, or of none.
  absl::Status TakeRaw() {
    size_t next = 0;
    for (DescribedInput& described : described_) {
      const TensorLabel what{"input", described.input.name};
      if (described.input.shared_memory) {
        if (described.has_contents)
          return InvalidArgument("{} has 'contents' besides 'shared_memory_region'", what.Text());
      } else if (described.has_contents) {
        if (!raw_.empty())
          return InvalidArgument("{} has 'contents', although there are raw_input_contents", what.Text());
      } else if (next == raw_.size()) {
        return InvalidArgument("{} has no data: neither 'contents' nor one of the {} raw_input_contents", what.Text(),
                               raw_.size());
      } else {
        OAR_RETURN_IF_ERROR(TakePieces(std::move(raw_[next++]), what, &described.input));
      }
      made_.request.inputs.push_back(std::move(described.input));
    }
    if (next == raw_.size()) return absl::OkStatus();
    return InvalidArgument("{} raw_input_contents for {} inputs", raw_.size(), next);
  }

  static absl::Status TakePieces(std::vector<Segment> pieces, const TensorLabel& what, ParsedInput* input) {
    TensorView& view = input->view;
    size_t size_bytes = 0;
    for (const Segment& piece : pieces) size_bytes += piece.size_bytes;
    if (pieces.size() > 1 && view.dtype == DType::kBytes) {
      // Elements, and the lengths before them, may lie across a cut.
      OAR_ASSIGN_OR_RETURN(input->owned, Join(pieces, size_bytes));
      pieces = {{input->owned->data(), size_bytes}};
    }
    view.size_bytes = size_bytes;
    if (pieces.size() < 2) {
      view.data = pieces.empty() ? &kNothing : pieces.front().data;
      return CheckView(view, what);
    }
    size_t wanted = 0;
    if (!view.shape.TrySizeBytes(view.dtype, &wanted) || wanted != size_bytes) {
      return InvalidArgument("{} has {} bytes of raw contents; {} {} has {}", what.Text(), size_bytes,
                             NameOf(view.dtype), view.shape.ToString(), wanted);
    }
    input->pieces = std::move(pieces);
    return absl::OkStatus();
  }

  static absl::StatusOr<std::shared_ptr<Buffer>> Join(std::span<const Segment> pieces, size_t size_bytes) {
    OAR_ASSIGN_OR_RETURN(auto buffer, Buffer::Allocate(size_bytes));
    std::byte* to = buffer->data();
    for (const Segment& piece : pieces) to = std::copy_n(piece.data, piece.size_bytes, to);
    return buffer;
  }

  template <typename T>
  static absl::Status Store(absl::StatusOr<T> value, T* field) {
    if (!value.ok()) return std::move(value).status();
    *field = *value;
    return absl::OkStatus();
  }

  absl::Status TooMany(std::string_view what) const {
    return InvalidArgument("more than {} {} in one request (request_tensors_max)", limits_.request_tensors_max, what);
  }

  PieceReader message_;
  const Limits& limits_;
  std::string room_;
  InferMessage made_;
  std::vector<DescribedInput> described_;
  std::vector<std::vector<Segment>> raw_;
};

}  // namespace

absl::StatusOr<InferMessage> ReadInferMessage(std::span<const Segment> message, const Limits& limits) {
  try {
    return Reader(message, limits).Run();
  } catch (const std::bad_alloc&) {
    return ResourceExhausted("no memory for the request");
  }
}

}  // namespace oarlock
