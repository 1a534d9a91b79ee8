// Which files beside an ONNX model hold its weights. A model above 2 GB keeps them outside the .onnx file, and they are
// part of what the model is. Field numbers are those of onnx.proto. Thread-safe.
#ifndef OARLOCK_IMPORT_ONNX_EXTERNAL_DATA_H_
#define OARLOCK_IMPORT_ONNX_EXTERNAL_DATA_H_

#include <set>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace oarlock {

// The locations named by tensors anywhere in the model (initializers, constants, nested graphs), as they are written.
// A text that is no ONNX model names none; the engine says what is wrong with it. DATA_LOSS if it is cut off inside.
absl::StatusOr<std::set<std::string>> OnnxExternalFiles(std::string_view model);

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_ONNX_EXTERNAL_DATA_H_
