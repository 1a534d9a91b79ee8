#include "import/onnx/external_data.h"

#include "base/status.h"
#include "import/wire.h"

namespace oarlock {
namespace {

// Graphs nest in attributes of operators; nobody nests them deeper.
constexpr int kDepthMax = 64;

using Files = std::set<std::string>;

// TensorProto {13 external_data: StringStringEntryProto {1 key, 2 value}}
bool ReadTensor(std::string_view bytes, Files* files) {
  WireReader tensor(bytes);
  while (tensor.Next()) {
    if (tensor.field() != 13 || !tensor.is_bytes()) continue;
    std::string_view key;
    std::string_view value;
    WireReader entry(tensor.bytes());
    while (entry.Next()) {
      if (entry.field() == 1 && entry.is_bytes()) key = entry.bytes();
      if (entry.field() == 2 && entry.is_bytes()) value = entry.bytes();
    }
    if (!entry.ok()) return false;
    if (key == "location") files->emplace(value);
  }
  return tensor.ok();
}

// GraphProto {1 node: NodeProto {5 attribute: AttributeProto {5 t, 6 g, 10 tensors, 11 graphs}}, 5 initializer,
// 15 sparse_initializer: SparseTensorProto {1 values, 2 indices}}
bool ReadGraph(std::string_view bytes, int depth, Files* files) {
  if (depth > kDepthMax) return false;
  WireReader graph(bytes);
  while (graph.Next()) {
    if (!graph.is_bytes()) continue;
    if (graph.field() == 5 && !ReadTensor(graph.bytes(), files)) return false;
    if (graph.field() == 15) {
      WireReader sparse(graph.bytes());
      while (sparse.Next()) {
        if (sparse.is_bytes() && (sparse.field() == 1 || sparse.field() == 2) && !ReadTensor(sparse.bytes(), files)) {
          return false;
        }
      }
      if (!sparse.ok()) return false;
    }
    if (graph.field() != 1) continue;
    WireReader node(graph.bytes());
    while (node.Next()) {
      if (node.field() != 5 || !node.is_bytes()) continue;
      WireReader attribute(node.bytes());
      while (attribute.Next()) {
        if (!attribute.is_bytes()) continue;
        const bool is_tensor = attribute.field() == 5 || attribute.field() == 10;
        const bool is_graph = attribute.field() == 6 || attribute.field() == 11;
        if (is_tensor && !ReadTensor(attribute.bytes(), files)) return false;
        if (is_graph && !ReadGraph(attribute.bytes(), depth + 1, files)) return false;
      }
      if (!attribute.ok()) return false;
    }
    if (!node.ok()) return false;
  }
  return graph.ok();
}

}  // namespace

absl::StatusOr<Files> OnnxExternalFiles(std::string_view model) {
  Files files;
  WireReader reader(model);  // ModelProto {7 graph}
  while (reader.Next()) {
    if (reader.field() == 7 && reader.is_bytes() && !ReadGraph(reader.bytes(), 0, &files)) {
      return DataLoss("the ONNX model is damaged or cut off ({} bytes)", model.size());
    }
  }
  return files;
}

}  // namespace oarlock
