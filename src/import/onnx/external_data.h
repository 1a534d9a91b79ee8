// Which weights an ONNX model keeps in other files, and where. A model above 2 GB keeps them outside the .onnx file,
// and they are part of what the model is. Field numbers are those of onnx.proto. Thread-safe.
#ifndef OARLOCK_IMPORT_ONNX_EXTERNAL_DATA_H_
#define OARLOCK_IMPORT_ONNX_EXTERNAL_DATA_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace oarlock {

struct OnnxExternalTensor {
  std::string name;
  DType dtype = DType::kInvalid;  // invalid: one that we have no name for
  Shape shape;
  std::string location;  // of the file, as it is written
  uint64_t offset = 0;
  std::optional<uint64_t> size_bytes;
  bool nested = false;  // no initializer of the main graph: a constant, or of a branch or loop
};

// Those anywhere in the model (initializers, constants, nested graphs), in the order of the file. A text that is no
// ONNX model names none; the engine says what is wrong with it. DATA_LOSS if it is cut off inside; INVALID_ARGUMENT for
// a number or dims that are none, with the tensor's name.
absl::StatusOr<std::vector<OnnxExternalTensor>> OnnxExternalTensors(std::string_view model);

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_ONNX_EXTERNAL_DATA_H_
