// From the bytes of a Paddle model to those of an ONNX model. Needs libonnx and protobuf, so it lives in a shared
// object of its own (entry.cc); the rest of Oarlock reaches it through import/importer.h. Thread-safe.
#ifndef OARLOCK_IMPORT_PADDLE_IMPORTER_H_
#define OARLOCK_IMPORT_PADDLE_IMPORTER_H_

#include <functional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "base/file.h"
#include "import/importer_abi.h"

namespace oarlock::paddle {

struct ImportOptions {
  int opset = OAR_IMPORT_OPSET;
  // Weights of more bytes in all than this go to a second file, which the model names `data_name`.
  uint64_t inline_bytes_max = OAR_IMPORT_INLINE_BYTES_MAX;
  std::string data_name = "model.onnx.data";
  // Called for each type of operator that cannot be converted, before the error; may be empty.
  std::function<void(const std::string& type, size_t count)> on_unsupported;
};

struct ImportedModel {
  FileBytes model;  // ModelProto
  FileBytes data;   // empty unless the weights are outside
};

// `pir`: the program is Paddle 3's json, else a ProgramDesc. The result has passed ONNX's checker and shape inference.
absl::StatusOr<ImportedModel> ImportPaddle(bool pir, std::string_view program, std::span<const std::byte> weights,
                                           const ImportOptions& options);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_IMPORTER_H_
