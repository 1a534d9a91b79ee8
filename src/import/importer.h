// Turns Paddle models into ONNX. The work is done in a shared object that is opened when it is first needed
// (lib/oarlock/liboarlock_importer.so), so that protobuf and libonnx come into the process only then, and never into
// liboarlock.so. Thread-safe.
#ifndef OARLOCK_IMPORT_IMPORTER_H_
#define OARLOCK_IMPORT_IMPORTER_H_

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/engine.h"
#include "import/importer_abi.h"

namespace oarlock {

// The bytes of an ONNX model. Movable; frees them when it dies.
class ImportedOnnx {
 public:
  ImportedOnnx(const oar_import_api* api, const oar_import_result& result) : api_(api), result_(result) {}
  ImportedOnnx(ImportedOnnx&& other) noexcept : api_(other.api_), result_(std::exchange(other.result_, {})) {}
  ImportedOnnx& operator=(ImportedOnnx&&) = delete;
  ~ImportedOnnx() {
    if (result_.owner != nullptr) api_->release(&result_);
  }
  std::span<const std::byte> model() const {
    return {static_cast<const std::byte*>(result_.model), result_.model_size_bytes};
  }
  // Weights outside the model; empty unless there are more of them than were to be inside.
  std::span<const std::byte> data() const {
    return {static_cast<const std::byte*>(result_.data), result_.data_size_bytes};
  }

 private:
  const oar_import_api* api_;
  oar_import_result result_;
};

struct PaddleSource {
  Format format = Format::kPaddle;  // or kPaddlePir
  std::string_view program;
  std::span<const std::byte> weights;  // combined
};

struct OnnxWish {
  int opset = OAR_IMPORT_OPSET;
  uint64_t inline_bytes_max = OAR_IMPORT_INLINE_BYTES_MAX;
  std::string data_name = "model.onnx.data";  // of the file that the model says its weights are in, if they are outside
};

class Importer {
 public:
  // Where the shared object lies: beside the engines' folder of this installation.
  static std::filesystem::path DefaultPath();
  // Opens it. NOT_FOUND or FAILED_PRECONDITION names the file and what is wrong with it.
  static absl::StatusOr<Importer> Open(const std::filesystem::path& path = DefaultPath());

  // UNIMPLEMENTED names every operator that cannot be converted, with counts.
  absl::StatusOr<ImportedOnnx> Import(const PaddleSource& source, const OnnxWish& wish = {},
                                      std::vector<UnsupportedOperator>* unsupported = nullptr) const;

 private:
  explicit Importer(const oar_import_api* api) : api_(api) {}
  const oar_import_api* api_;
};

}  // namespace oarlock

#endif  // OARLOCK_IMPORT_IMPORTER_H_
