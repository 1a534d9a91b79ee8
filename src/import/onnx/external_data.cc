#include "import/onnx/external_data.h"

#include <charconv>

#include "base/status.h"
#include "import/wire.h"

namespace oarlock {
namespace {

// Graphs nest in attributes of operators; nobody nests them deeper.
constexpr int kDepthMax = 64;

// By number of TensorProto.DataType.
constexpr DType kDTypes[] = {DType::kInvalid, DType::kF32, DType::kU8,      DType::kI8,      DType::kU16, DType::kI16,
                             DType::kI32,     DType::kI64, DType::kBytes,   DType::kBool,    DType::kF16, DType::kF64,
                             DType::kU32,     DType::kU64, DType::kInvalid, DType::kInvalid, DType::kBF16};

class Reader {
 public:
  absl::StatusOr<std::vector<OnnxExternalTensor>> Read(std::string_view model) {
    WireReader reader(model);  // ModelProto {7 graph, 25 functions: FunctionProto {7 node}}
    while (reader.Next()) {
      if (!reader.is_bytes()) continue;
      const bool whole = reader.field() == 7    ? ReadGraph(reader.bytes(), 0)
                         : reader.field() == 25 ? ReadFunction(reader.bytes())
                                                : true;
      OAR_RETURN_IF_ERROR(wrong_);
      if (!whole) return DataLoss("the ONNX model is damaged or cut off ({} bytes)", model.size());
    }
    return std::move(tensors_);
  }

 private:
  bool ReadFunction(std::string_view bytes) {
    WireReader function(bytes);
    while (function.Next()) {
      if (function.field() == 7 && function.is_bytes() && !ReadNode(function.bytes(), 1)) return false;
    }
    return function.ok();
  }

  // GraphProto {1 node, 5 initializer, 15 sparse_initializer: SparseTensorProto {1 values, 2 indices}}
  bool ReadGraph(std::string_view bytes, int depth) {
    if (depth > kDepthMax) return false;
    WireReader graph(bytes);
    while (graph.Next()) {
      if (!graph.is_bytes()) continue;
      if (graph.field() == 1 && !ReadNode(graph.bytes(), depth)) return false;
      if (graph.field() == 5 && !ReadTensor(graph.bytes(), depth > 0)) return false;
      if (graph.field() != 15) continue;
      WireReader sparse(graph.bytes());
      while (sparse.Next()) {
        const bool is_tensor = sparse.is_bytes() && (sparse.field() == 1 || sparse.field() == 2);
        if (is_tensor && !ReadTensor(sparse.bytes(), true)) return false;
      }
      if (!sparse.ok()) return false;
    }
    return graph.ok();
  }

  // NodeProto {5 attribute: AttributeProto {5 t, 6 g, 10 tensors, 11 graphs}}
  bool ReadNode(std::string_view bytes, int depth) {
    WireReader node(bytes);
    while (node.Next()) {
      if (node.field() != 5 || !node.is_bytes()) continue;
      WireReader attribute(node.bytes());
      while (attribute.Next()) {
        if (!attribute.is_bytes()) continue;
        const bool is_tensor = attribute.field() == 5 || attribute.field() == 10;
        const bool is_graph = attribute.field() == 6 || attribute.field() == 11;
        if (is_tensor && !ReadTensor(attribute.bytes(), true)) return false;
        if (is_graph && !ReadGraph(attribute.bytes(), depth + 1)) return false;
      }
      if (!attribute.ok()) return false;
    }
    return node.ok();
  }

  // TensorProto {1 dims, 2 data_type, 8 name, 13 external_data: StringStringEntryProto {1 key, 2 value}}
  bool ReadTensor(std::string_view bytes, bool nested) {
    OnnxExternalTensor found;
    found.nested = nested;
    std::vector<int64_t> dims;
    bool external = false;
    WireReader tensor(bytes);
    while (tensor.Next()) {
      if (tensor.field() == 1 && tensor.is_varint()) dims.push_back(static_cast<int64_t>(tensor.varint()));
      if (tensor.field() == 1 && tensor.is_bytes() && !TakeDims(tensor.bytes(), &dims)) return false;
      if (tensor.field() == 2 && tensor.is_varint() && tensor.varint() < std::size(kDTypes)) {
        found.dtype = kDTypes[tensor.varint()];
      }
      if (tensor.field() == 8 && tensor.is_bytes()) found.name = tensor.bytes();
      if (tensor.field() != 13 || !tensor.is_bytes()) continue;
      external = true;
      if (!ReadEntry(tensor.bytes(), &found)) return false;
    }
    if (!tensor.ok()) return false;
    if (!external || found.location.empty()) return true;
    auto shape = Shape::From(dims);
    if (!shape.ok()) return Fail(found, MessageOf(shape.status()));
    found.shape = *shape;
    tensors_.push_back(std::move(found));
    return true;
  }

  static bool TakeDims(std::string_view packed, std::vector<int64_t>* dims) {
    while (!packed.empty()) {
      uint64_t dim = 0;
      if (!WireReader::TakeVarint(&packed, &dim)) return false;
      dims->push_back(static_cast<int64_t>(dim));
    }
    return true;
  }

  bool ReadEntry(std::string_view bytes, OnnxExternalTensor* tensor) {
    std::string_view key;
    std::string_view value;
    WireReader entry(bytes);
    while (entry.Next()) {
      if (entry.field() == 1 && entry.is_bytes()) key = entry.bytes();
      if (entry.field() == 2 && entry.is_bytes()) value = entry.bytes();
    }
    if (!entry.ok()) return false;
    if (key == "location") tensor->location = value;
    if (key != "offset" && key != "length") return true;
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size()) {
      return Fail(*tensor, fmt::format("'{}' is '{}', which is no number", key, Printable(value)));
    }
    if (key == "offset") tensor->offset = number;
    if (key == "length") tensor->size_bytes = number;
    return true;
  }

  bool Fail(const OnnxExternalTensor& tensor, std::string_view text) {
    wrong_ = InvalidArgument("external data of weight '{}': {}", Printable(tensor.name), text);
    return false;
  }

  std::vector<OnnxExternalTensor> tensors_;
  absl::Status wrong_;
};

}  // namespace

absl::StatusOr<std::vector<OnnxExternalTensor>> OnnxExternalTensors(std::string_view model) {
  return Reader().Read(model);
}

}  // namespace oarlock
