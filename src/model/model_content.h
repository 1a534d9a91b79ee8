// A model version in memory: the bytes of its files, its identity, its manifest. Files are read once; what was hashed
// and checked is what the engine gets. Movable; not thread-safe.
#ifndef OARLOCK_MODEL_MODEL_CONTENT_H_
#define OARLOCK_MODEL_MODEL_CONTENT_H_

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/file.h"
#include "base/limits.h"
#include "engine/engine.h"
#include "model/manifest.h"
#include "model/model_files.h"

namespace oarlock {

// An ONNX model made from a Paddle model.
struct OnnxForm {
  std::span<const std::byte> model;
  std::span<const std::byte> data;  // weights outside the model; mostly empty
  std::shared_ptr<const void> owner;
  std::string path;         // of the file that holds the same; empty = there is none
  bool from_cache = false;  // it was there already
};

struct ModelContent {
  ModelFiles files;  // its root is let go of once all is read: it would keep the volume from being unmounted
  FileBytes program;
  FileBytes weights;                      // combined; separate files are joined in the order of the combined form
  std::vector<FileBytes> external_files;  // of an ONNX model
  std::vector<ModelConstant> constants;   // they point into external_files
  // SHA-256 in hexadecimal. One file: that file's, as `sha256sum` prints it. Several: that of the lines
  // "<digest>  <file name>\n" in byte order of the names, so that `sha256sum A B | sha256sum` shows it.
  std::string identity;
  Manifest manifest;
  std::map<std::string, size_t> operators;  // type -> count, where the format lets us read it; else empty
  std::string warning;                      // what a user should know and can go on with; empty = nothing

  std::optional<OnnxForm> onnx;  // once it is converted; engines then get that

  // What engines are given.
  Format engine_format() const { return onnx ? Format::kOnnx : files.format; }
  ModelSource source() const {
    if (onnx) return {Format::kOnnx, onnx->model, {}, constants, onnx->path};
    return {files.format, program.bytes(), weights.bytes(), constants, files.program.string()};
  }
  // Lets `constants` point at the weights that lie outside the model of `form`.
  absl::Status LendConstants(const OnnxForm& form);
  // The files' bytes, once nobody needs them.
  void DropBytes();
};

// Reads and checks: Paddle weights against their program, the manifest's sha256 against the identity
// (DATA_LOSS with both digests).
// `weights`: kShared maps an ONNX model's external data instead of reading it.
absl::StatusOr<ModelContent> ReadModel(const ModelFiles& files, const Limits& limits,
                                       Weights weights = Weights::kPacked);

// A model that somebody has in memory already. Nothing beside it is looked for.
struct ModelBytes {
  Format format = Format::kUnknown;  // unknown = told by the beginning of `program`
  std::span<const std::byte> program;
  std::span<const std::byte> weights;  // where the format keeps them apart; else empty
};

// The same checks on a copy of the bytes. The identity is that of files called `model` and `weights`.
absl::StatusOr<ModelContent> CopyModel(const ModelBytes& bytes, const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MODEL_CONTENT_H_
