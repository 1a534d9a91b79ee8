// model.yaml beside a model: what turns pictures into its input and its output into an answer, how its
// requests share batches, and the identity its files must have. Keys: config_schema.def, scope `manifest`. A value.
#ifndef OARLOCK_MODEL_MANIFEST_H_
#define OARLOCK_MODEL_MANIFEST_H_

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "base/root.h"
#include "model/batching.h"
#include "pipeline/ctc.h"
#include "pipeline/preprocess.h"
#include "pipeline/top_k.h"

namespace oarlock {

struct Postprocess {
  std::string output;  // empty = the model's only one
  std::optional<CtcDecode> ctc;
  std::optional<TopKDecode> top_k;
};

struct Manifest {
  std::string sha256;  // empty = not checked
  std::optional<ImagePreprocess> preprocess;
  std::optional<Postprocess> postprocess;
  std::optional<BatchingOptions> batching;
};

inline constexpr std::string_view kManifestName = "model.yaml";

// Reads `path` and the labels file it names, which must lie in the same directory or below, both beneath `root`.
absl::StatusOr<Manifest> ReadManifest(const Root& root, const std::filesystem::path& path, const Limits& limits);
absl::StatusOr<Manifest> ParseManifest(std::string_view text, const Root& root, const std::filesystem::path& path,
                                       const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MANIFEST_H_
