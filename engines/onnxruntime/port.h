// A session's inputs and outputs in the terms of the plugin ABI.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_PORT_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_PORT_H_

#include <onnxruntime_c_api.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "../plugin/port.h"

namespace oarlock::onnxruntime {

// A dim that the program names ("batch") is the same number wherever the name stands.
struct Port : plugin::Port {
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::array<std::string, OAR_MAX_RANK> symbols;  // "" = fixed, or has no name
};

// UNIMPLEMENTED, naming the port, for what is no tensor, has an element type the ABI does not know, or too many dims.
std::vector<Port> InputPorts(const OrtSession& session);
std::vector<Port> OutputPorts(const OrtSession& session);

// The ABI's number; INVALID for a type that it does not have.
oar_dtype DTypeOf(ONNXTensorElementDataType type);
ONNXTensorElementDataType TypeOf(oar_dtype dtype);

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_PORT_H_
