// Have a model's files changed since somebody looked? For a watcher that polls: names and times are looked at, no
// content. Thread-safe.
#ifndef OARLOCK_MODEL_MODEL_STAMP_H_
#define OARLOCK_MODEL_MODEL_STAMP_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/limits.h"
#include "base/root.h"

namespace oarlock {

// A text that is another one once any file of the model at `path` was written, added, removed, or replaced, also by a
// link that leads elsewhere now. It is to be compared only.
//
// Of a directory, everything beneath it counts, version directories too. Of a file, its neighbours whose names begin as
// its own without the suffix, its weights and model.yaml; with a model.yaml or one file per variable, all files beside
// it. What an ONNX file there keeps in another place than beside itself is not seen.
//
// An error if the path is gone, or if there are more than `watched_files_max` files; what cannot be looked at below it,
// and links that lead out, are part of the text.
absl::StatusOr<std::string> StampOf(const std::filesystem::path& path, const Limits& limits = Limits());
// The same of one version's directory beneath the root that the user named.
absl::StatusOr<std::string> StampOf(const std::filesystem::path& path, const std::shared_ptr<const Root>& root,
                                    const Limits& limits);

}  // namespace oarlock

#endif  // OARLOCK_MODEL_MODEL_STAMP_H_
