// Which files make up a model: finds them from a path that a user gave, and says what format they are. Every one of
// them lies beneath what the user named (base/root.h). Thread-safe; looks at names and first bytes only.
#ifndef OARLOCK_MODEL_MODEL_FILES_H_
#define OARLOCK_MODEL_MODEL_FILES_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/root.h"
#include "engine/engine.h"

namespace oarlock {

struct ModelFiles {
  // What all paths here begin with and are read beneath. Shared, so that it lives until the reading is done.
  std::shared_ptr<const Root> root;
  Format format = Format::kUnknown;
  std::filesystem::path program;
  // The combined weights, or none; filled too where no such file exists but parameters may need it.
  std::filesystem::path weights;
  // Paddle's `separate_parameters=True`: each variable is a file of its name in this directory.
  bool separate_weights = false;
  std::filesystem::path manifest;  // empty = there is none
  std::string name;                // "resnet50": the directory's name, or the file's without its suffix
};

// `path`: a model's file, or a directory that holds exactly one model. Two candidates are an error that lists them.
absl::StatusOr<ModelFiles> FindModel(const std::filesystem::path& path);
// The same of a path beneath a root, which may be a version's directory beneath its model's. The model is called as the
// root is.
absl::StatusOr<ModelFiles> FindModel(const std::filesystem::path& path, std::shared_ptr<const Root> root);

// What a model at `path` is called unless somebody says otherwise: its directory's name, or its file's without suffix.
std::string ModelNameOf(const std::filesystem::path& path);

// Is there a model right in this directory? (One or more candidates, also such as cannot be read: finding it says why.)
// An error says why the directory cannot be listed.
absl::StatusOr<bool> HoldsModel(const Root& root, const std::filesystem::path& directory);

// What FindModel looks for in a directory, for messages.
inline constexpr std::string_view kModelsLookedFor =
    ".pdmodel, __model__, .onnx, .xml (OpenVINO IR), .json (Paddle 3); TorchScript .pt is not in this release";

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MODEL_FILES_H_
