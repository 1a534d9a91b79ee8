// Which files make up a model: finds them from a path that a user gave, and says what format they are.
// Thread-safe; looks at names and first bytes only.
#ifndef OARLOCK_MODEL_MODEL_FILES_H_
#define OARLOCK_MODEL_MODEL_FILES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/engine.h"

namespace oarlock {

struct ModelFiles {
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

// Is there a model right in this directory? (One or more candidates.)
bool HoldsModel(const std::filesystem::path& directory);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MODEL_FILES_H_
