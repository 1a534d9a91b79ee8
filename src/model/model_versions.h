// Which versions of a model a path holds.
//
//   resnet/net.onnx            version 1: a file or a directory with a model right in it
//   resnet/1/net.onnx          version 1
//   resnet/3/net.onnx          version 3
//
// Thread-safe; looks at names and first bytes only. All is looked for beneath what the user named, so a version's
// directory may be a link to another place in the model's, and not to one outside.
#ifndef OARLOCK_MODEL_MODEL_VERSIONS_H_
#define OARLOCK_MODEL_MODEL_VERSIONS_H_

#include <cstdint>
#include <filesystem>
#include <vector>

#include "absl/status/statusor.h"
#include "base/root.h"
#include "model/model_files.h"

namespace oarlock {

struct ModelVersion {
  int64_t number = 1;
  std::filesystem::path path;  // for FindModel(path, root)
};

// At least one, ascending. Version directories are those whose name is a positive number in its shortest form and that
// hold a model; any other entry is passed over. A directory with a model right in it and with versions is an error.
absl::StatusOr<std::vector<ModelVersion>> FindVersions(const Root& root);
absl::StatusOr<std::vector<ModelVersion>> FindVersions(const std::filesystem::path& path);

// The files of the highest version that a path holds; `*number`, unless null, gets that.
absl::StatusOr<ModelFiles> FindHighestVersion(const std::filesystem::path& path, int64_t* number = nullptr);

// Is `directory` a model's: is there something for FindVersions to find, or to refuse? Not one that cannot be listed.
bool HoldsVersions(const std::filesystem::path& directory);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MODEL_VERSIONS_H_
