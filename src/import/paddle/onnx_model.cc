#include "import/paddle/onnx_model.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>

#include "base/status.h"

namespace oarlock::paddle {
namespace {

using google::protobuf::io::ArrayOutputStream;
using google::protobuf::io::CodedOutputStream;

// The first of ONNX 1.12, and what operator set 17 asks for.
constexpr int kIrVersion = 8;
// Of elements in a file of their own: so that they may be mapped.
constexpr uint64_t kAlignmentBytes = 64;
// Of a message that protobuf reads.
constexpr uint64_t kMessageBytesMax = 2'147'483'647;

// Field numbers of onnx.proto, as tags of length-delimited fields.
constexpr uint32_t Tag(uint32_t field) { return field << 3 | 2; }
constexpr uint32_t kModelGraph = Tag(7);
constexpr uint32_t kGraphInitializer = Tag(5);
constexpr uint32_t kTensorRawData = Tag(9);

onnx::ModelProto Header(int opset) {
  onnx::ModelProto model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("oarlock");
  model.set_producer_version(OARLOCK_VERSION);
  model.add_opset_import()->set_version(opset);
  return model;
}

onnx::TensorProto TensorWithoutElements(const LargeConstant& large) {
  onnx::TensorProto tensor;
  tensor.set_name(large.name);
  tensor.set_data_type(OnnxTypeOf(large.constant.dtype));
  for (const int64_t dim : large.constant.dims) tensor.add_dims(dim);
  return tensor;
}

void AddExternalEntry(onnx::TensorProto* tensor, std::string key, std::string value) {
  onnx::StringStringEntryProto* entry = tensor->add_external_data();
  entry->set_key(std::move(key));
  entry->set_value(std::move(value));
}

uint64_t DelimitedBytes(uint64_t size) {
  return 1 + static_cast<uint64_t>(CodedOutputStream::VarintSize64(size)) + size;  // every tag above takes one byte
}

// Dims that Paddle left open and ONNX found.
void TakeDims(const onnx::ValueInfoProto& found, onnx::ValueInfoProto* output) {
  const auto& from = found.type().tensor_type();
  auto* to = output->mutable_type()->mutable_tensor_type();
  if (!from.has_shape() || !to->has_shape() || from.shape().dim_size() != to->shape().dim_size()) return;
  for (int i = 0; i < from.shape().dim_size(); ++i) {
    if (from.shape().dim(i).has_dim_value()) {
      to->mutable_shape()->mutable_dim(i)->set_dim_value(from.shape().dim(i).dim_value());
    }
  }
}

// An initializer as it is written: what describes it, and its elements behind that.
struct Record {
  std::string description;
  std::span<const std::byte> elements;
  uint64_t size_bytes() const { return description.size() + (elements.empty() ? 0 : DelimitedBytes(elements.size())); }
};

absl::StatusOr<FileBytes> WriteInline(const onnx::ModelProto& header, const onnx::GraphProto& graph,
                                      std::span<const Record> records) {
  const std::string head = header.SerializeAsString();
  const std::string body = graph.SerializeAsString();
  uint64_t graph_bytes = body.size();
  for (const Record& record : records) graph_bytes += DelimitedBytes(record.size_bytes());
  const uint64_t model_bytes = head.size() + DelimitedBytes(graph_bytes);
  if (model_bytes > kMessageBytesMax) {
    return ResourceExhausted("the ONNX graph without its weights takes {} bytes; ONNX allows {}", model_bytes,
                             kMessageBytesMax);
  }
  OAR_ASSIGN_OR_RETURN(FileBytes bytes, FileBytes::Allocate(model_bytes));
  ArrayOutputStream array(bytes.mutable_bytes().data(), static_cast<int>(model_bytes));
  CodedOutputStream out(&array);
  out.WriteString(head);
  out.WriteTag(kModelGraph);
  out.WriteVarint64(graph_bytes);
  out.WriteString(body);
  for (const Record& record : records) {
    out.WriteTag(kGraphInitializer);
    out.WriteVarint64(record.size_bytes());
    out.WriteString(record.description);
    if (record.elements.empty()) continue;
    out.WriteTag(kTensorRawData);
    out.WriteVarint64(record.elements.size());
    out.WriteRaw(record.elements.data(), static_cast<int>(record.elements.size()));
  }
  if (out.HadError()) return Internal("the ONNX model does not have the size that was computed for it");
  return bytes;
}

}  // namespace

absl::Status CheckGraph(ConvertedGraph* converted, int opset) {
  onnx::ModelProto model = Header(opset);
  model.mutable_graph()->Swap(&converted->graph);
  onnx::GraphProto* graph = model.mutable_graph();
  // Elements of large weights matter to no check: they stand in as inputs, which have a type alone.
  const int input_count = graph->input_size();
  for (const LargeConstant& large : converted->large) {
    onnx::ValueInfoProto* info = graph->add_input();
    info->set_name(large.name);
    auto* type = info->mutable_type()->mutable_tensor_type();
    type->set_elem_type(OnnxTypeOf(large.constant.dtype));
    type->mutable_shape();
    for (const int64_t dim : large.constant.dims) type->mutable_shape()->add_dim()->set_dim_value(dim);
  }
  const std::vector<onnx::ValueInfoProto> outputs(graph->output().begin(), graph->output().end());
  absl::Status status;
  try {
    onnx::checker::check_model(model);
    onnx::ShapeInferenceOptions strict;
    strict.check_type = true;
    strict.error_mode = 1;
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict);
  } catch (const std::exception& error) {
    std::string text = error.what();
    std::replace(text.begin(), text.end(), '\n', ' ');
    status = Internal("the conversion made a graph that is not valid ONNX: {}", text);
  }
  graph->mutable_input()->DeleteSubrange(input_count, graph->input_size() - input_count);
  graph->clear_value_info();
  for (int i = 0; i < graph->output_size(); ++i) {
    onnx::ValueInfoProto output = outputs[static_cast<size_t>(i)];
    TakeDims(graph->output(i), &output);
    graph->mutable_output(i)->Swap(&output);
  }
  converted->graph.Swap(graph);
  return status;
}

absl::StatusOr<ImportedModel> WriteModel(ConvertedGraph converted, const ImportOptions& options) {
  uint64_t weight_bytes = 0;
  for (const LargeConstant& large : converted.large) weight_bytes += large.constant.bytes.size();
  ImportedModel imported;
  std::vector<Record> records;
  if (weight_bytes <= options.inline_bytes_max) {
    for (const LargeConstant& large : converted.large) {
      records.push_back({TensorWithoutElements(large).SerializeAsString(), large.constant.bytes});
    }
    OAR_ASSIGN_OR_RETURN(imported.model, WriteInline(Header(options.opset), converted.graph, records));
    return imported;
  }
  const auto aligned = [](uint64_t size) { return (size + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes; };
  uint64_t data_bytes = 0;
  for (const LargeConstant& large : converted.large) data_bytes += aligned(large.constant.bytes.size());
  OAR_ASSIGN_OR_RETURN(imported.data, FileBytes::Allocate(data_bytes));
  std::byte* const data = imported.data.mutable_bytes().data();
  std::fill_n(data, data_bytes, std::byte{0});
  uint64_t offset = 0;
  for (const LargeConstant& large : converted.large) {
    onnx::TensorProto tensor = TensorWithoutElements(large);
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    AddExternalEntry(&tensor, "location", options.data_name);
    AddExternalEntry(&tensor, "offset", std::to_string(offset));
    AddExternalEntry(&tensor, "length", std::to_string(large.constant.bytes.size()));
    std::copy(large.constant.bytes.begin(), large.constant.bytes.end(), data + offset);
    offset += aligned(large.constant.bytes.size());
    records.push_back({tensor.SerializeAsString(), {}});
  }
  OAR_ASSIGN_OR_RETURN(imported.model, WriteInline(Header(options.opset), converted.graph, records));
  return imported;
}

}  // namespace oarlock::paddle
