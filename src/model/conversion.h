// Gives a Paddle model that has been read its ONNX form, from the cache if it is there, else by importing it.
#ifndef OARLOCK_MODEL_CONVERSION_H_
#define OARLOCK_MODEL_CONVERSION_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "import/importer_abi.h"
#include "model/model_content.h"

namespace oarlock {

struct ConversionOptions {
  // Empty = ConversionCache::DefaultDirectory(); kNoCache = nothing is kept.
  std::filesystem::path cache_dir;
  std::filesystem::path importer_path;  // empty = Importer::DefaultPath()
  // Weights of more bytes in all lie in a file of their own, which ONNX needs above 2 GiB.
  uint64_t inline_bytes_max = OAR_IMPORT_INLINE_BYTES_MAX;
  Limits limits;
};

// Fills `content->onnx`, and says in `*warnings` why nothing was kept, where that failed: the model is usable all the
// same. UNIMPLEMENTED names every operator that cannot be converted.
absl::Status ConvertToOnnx(const ConversionOptions& options, ModelContent* content, std::vector<std::string>* warnings);

// Whether a model that could not be converted may still be left to an engine that reads it itself: a Paddle 2 model
// with operators that we lack.
inline bool EngineMayRead(Format format, const absl::Status& not_converted) {
  return format == Format::kPaddle && not_converted.code() == absl::StatusCode::kUnimplemented;
}

}  // namespace oarlock

#endif  // OARLOCK_MODEL_CONVERSION_H_
