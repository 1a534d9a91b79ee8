#include "port.h"

#include <algorithm>
#include <iterator>

#include "error.h"
#include "library.h"

namespace oarlock::onnxruntime {
namespace {

using plugin::Code;
using plugin::Failure;

struct TypeRow {
  oar_dtype dtype;
  ONNXTensorElementDataType type;
};
constexpr TypeRow kTypes[] = {
    {OAR_DTYPE_BOOL, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},     {OAR_DTYPE_U8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    {OAR_DTYPE_U16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16},    {OAR_DTYPE_U32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32},
    {OAR_DTYPE_U64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64},    {OAR_DTYPE_I8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    {OAR_DTYPE_I16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},     {OAR_DTYPE_I32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    {OAR_DTYPE_I64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},     {OAR_DTYPE_F16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    {OAR_DTYPE_BF16, ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16}, {OAR_DTYPE_F32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    {OAR_DTYPE_F64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},    {OAR_DTYPE_BYTES, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING},
};

Port PortOf(std::string name, std::string_view what, const OrtTypeInfo* info) {
  Port port;
  port.name = std::move(name);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;  // lives as long as `info`
  Check(Api().CastTypeInfoToTensorInfo(info, &tensor));
  if (tensor == nullptr) {
    throw Failure(Code::kUnimplemented,
                  std::string(what) + " '" + port.name + "' is no tensor, but a sequence, a map or an optional");
  }
  Check(Api().GetTensorElementType(tensor, &port.type));
  port.dtype = DTypeOf(port.type);
  if (port.dtype == OAR_DTYPE_INVALID) {
    throw Failure(Code::kUnimplemented, std::string(what) + " '" + port.name + "' has elements of ONNX type number " +
                                            std::to_string(port.type) +
                                            ", which the engine onnxruntime does not pass on");
  }
  if (!Api().TensorTypeAndShape_HasShape(tensor)) return port;
  size_t rank = 0;
  Check(Api().GetDimensionsCount(tensor, &rank));
  plugin::CheckRank(port.name, what, rank);
  port.rank = static_cast<int32_t>(rank);
  Check(Api().GetDimensions(tensor, port.dims, rank));
  const char* symbols[OAR_MAX_RANK] = {};
  Check(Api().GetSymbolicDimensions(tensor, symbols, rank));
  for (size_t i = 0; i < rank; ++i) {
    if (port.dims[i] >= 0) continue;
    port.dims[i] = -1;
    if (symbols[i] != nullptr) port.symbols[i] = symbols[i];
  }
  return port;
}

using CountFn = OrtStatus*(ORT_API_CALL*)(const OrtSession*, size_t*);
using NameFn = OrtStatus*(ORT_API_CALL*)(const OrtSession*, size_t, OrtAllocator*, char**);
using TypeFn = OrtStatus*(ORT_API_CALL*)(const OrtSession*, size_t, OrtTypeInfo**);

std::vector<Port> PortsOf(const OrtSession& session, std::string_view what, CountFn count, NameFn name, TypeFn type) {
  OrtAllocator* allocator = nullptr;  // the process's, not ours to free
  Check(Api().GetAllocatorWithDefaultOptions(&allocator));
  size_t port_count = 0;
  Check(count(&session, &port_count));
  std::vector<Port> ports;
  for (size_t i = 0; i < port_count; ++i) {
    char* text = nullptr;
    Check(name(&session, i, allocator, &text));
    std::string port_name = text;
    allocator->Free(allocator, text);
    OrtTypeInfo* info = nullptr;
    Check(type(&session, i, &info));
    ports.push_back(PortOf(std::move(port_name), what, Owned<OrtTypeInfo>(info).get()));
  }
  return ports;
}

}  // namespace

oar_dtype DTypeOf(ONNXTensorElementDataType type) {
  const auto* row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) { return r.type == type; });
  return row == std::end(kTypes) ? OAR_DTYPE_INVALID : row->dtype;
}

ONNXTensorElementDataType TypeOf(oar_dtype dtype) {
  const auto* row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) { return r.dtype == dtype; });
  return row == std::end(kTypes) ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED : row->type;
}

std::vector<Port> InputPorts(const OrtSession& session) {
  return PortsOf(session, "input", Api().SessionGetInputCount, Api().SessionGetInputName,
                 Api().SessionGetInputTypeInfo);
}

std::vector<Port> OutputPorts(const OrtSession& session) {
  std::vector<Port> ports = PortsOf(session, "output", Api().SessionGetOutputCount, Api().SessionGetOutputName,
                                    Api().SessionGetOutputTypeInfo);
  for (Port& port : ports) {
    bool known = port.rank >= 0 && port.dtype != OAR_DTYPE_BYTES;
    for (int32_t i = 0; i < port.rank; ++i)
      known = known && (port.dims[i] >= 0 || !port.symbols[static_cast<size_t>(i)].empty());
    if (known) port.flags |= OAR_PORT_IN_PLACE;
  }
  return ports;
}

}  // namespace oarlock::onnxruntime
