#include "model/model_files.h"

#include <fmt/ranges.h>

#include <utility>

#include "base/status.h"
#include "model/manifest.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

struct Kind {
  std::string_view suffix;  // or the whole name, where it has no dot
  Format format;
  std::string_view weights_suffix;
};
constexpr Kind kKinds[] = {
    {".pdmodel", Format::kPaddle, ".pdiparams"},
    {"__model__", Format::kPaddle, ""},
    {"__model__.json", Format::kPaddlePir, ""},
    {".json", Format::kPaddlePir, ".pdiparams"},
    {".onnx", Format::kOnnx, ""},
    {".xml", Format::kOpenVinoIr, ".bin"},
    {".pt", Format::kTorchScript, ""},
    {".pth", Format::kTorchScript, ""},
    {".fake", Format::kFake, ""},
};

const Kind* KindOfName(const std::string& name) {
  for (const Kind& kind : kKinds) {
    const bool whole = kind.suffix.front() != '.';
    if (whole ? name == kind.suffix : name.size() > kind.suffix.size() && name.ends_with(kind.suffix)) return &kind;
  }
  return nullptr;
}

// Any .json may lie beside a model; Paddle's begins with its magic.
absl::StatusOr<bool> LooksLikePir(const Root& root, const fs::path& path) {
  OAR_ASSIGN_OR_RETURN(const std::string head, root.ReadHead(path, 4096));
  return head.find("\"base_code\"") != std::string::npos && head.find("\"pir\"") != std::string::npos;
}

// By its name and, where a name is not enough, its first bytes. One that cannot be looked at counts by its name alone.
absl::StatusOr<bool> IsCandidate(const Root& root, const fs::path& path) {
  const Kind* kind = KindOfName(path.filename().string());
  if (kind == nullptr) return false;
  const auto path_kind = root.KindOf(path);
  if (path_kind.ok() && *path_kind != PathKind::kFile) return false;
  if (kind->format != Format::kPaddlePir) return true;
  return LooksLikePir(root, path);
}

struct Candidates {
  std::vector<fs::path> found;
  absl::Status refused;  // why the first .json that cannot be read is not among them
};

absl::StatusOr<Candidates> CandidatesIn(const Root& root, const fs::path& directory) {
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, root.List(directory));
  Candidates candidates;
  for (const std::string& name : names) {
    const auto is_candidate = IsCandidate(root, directory / name);
    if (is_candidate.ok() && *is_candidate) candidates.found.push_back(directory / name);
    if (!is_candidate.ok()) candidates.refused.Update(is_candidate.status());
  }
  return candidates;
}

absl::StatusOr<ModelFiles> FromProgram(const fs::path& program, std::shared_ptr<const Root> root) {
  const std::string file_name = program.filename().string();
  const Kind* kind = KindOfName(file_name);
  if (kind == nullptr) {
    if (file_name.ends_with(".pdiparams")) {
      return InvalidArgument("'{}' holds weights only; give the .pdmodel or .json beside it", program.string());
    }
    return InvalidArgument("'{}' is no model file by its name; known are {}", program.string(), kModelsLookedFor);
  }
  if (kind->format == Format::kTorchScript) {
    return Unimplemented("'{}': TorchScript is not in this release; export to ONNX", program.string());
  }
  if (kind->format == Format::kPaddlePir) {
    OAR_ASSIGN_OR_RETURN(const bool is_pir, LooksLikePir(*root, program));
    if (!is_pir) {
      return InvalidArgument("'{}' is no Paddle 3 program: it does not begin with its base_code", program.string());
    }
  }
  ModelFiles files;
  files.format = kind->format;
  files.program = program;
  const fs::path directory = program.parent_path();
  if (!kind->weights_suffix.empty()) {
    files.weights = fs::path(program).replace_extension(kind->weights_suffix);
  } else if (IsPaddle(kind->format)) {
    files.weights = directory / "__params__";
    const auto weights_kind = root->KindOf(files.weights);  // one that cannot be looked at is there: reading says why
    files.separate_weights = weights_kind.ok() && *weights_kind != PathKind::kFile;
  }
  // A broken link or a file that cannot be looked at is there too: to overlook it would drop the checks it asks for.
  const fs::path manifest = directory / kManifestName;
  if (root->StampOfLink(manifest).status().code() != absl::StatusCode::kNotFound) files.manifest = manifest;
  files.root = std::move(root);
  return files;
}

// The name of a directory, also of ".", ".." and "models/".
std::string DirectoryName(const fs::path& directory) {
  fs::path path = directory.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path == "." || path.empty() || path.filename() == "..") {
    std::error_code error;
    path = fs::canonical(directory, error);
  }
  return path.filename().string();
}

}  // namespace

std::string ModelNameOf(const fs::path& path) {
  return KindOf(path) == PathKind::kFile ? path.stem().string() : DirectoryName(path);
}

absl::StatusOr<bool> HoldsModel(const Root& root, const fs::path& directory) {
  OAR_ASSIGN_OR_RETURN(const Candidates candidates, CandidatesIn(root, directory));
  return !candidates.found.empty() || !candidates.refused.ok();
}

absl::StatusOr<ModelFiles> FindModel(const fs::path& path) {
  OAR_ASSIGN_OR_RETURN(std::shared_ptr<const Root> root, Root::Open(path));
  return FindModel(path, std::move(root));
}

absl::StatusOr<ModelFiles> FindModel(const fs::path& path, std::shared_ptr<const Root> root) {
  const std::string name = root->names_file() ? path.stem().string() : DirectoryName(root->path());
  OAR_ASSIGN_OR_RETURN(const PathKind kind, root->KindOf(path));
  if (kind == PathKind::kMissing) return NotFound("no such file or directory: '{}'", path.string());
  fs::path program = path;
  if (kind == PathKind::kDirectory) {
    OAR_ASSIGN_OR_RETURN(const Candidates candidates, CandidatesIn(*root, path));
    const std::vector<fs::path>& found = candidates.found;
    if (found.empty() && !candidates.refused.ok()) return candidates.refused;
    if (found.empty()) return NotFound("no model in '{}'; looked for {}", path.string(), kModelsLookedFor);
    if (found.size() > 1) {
      std::vector<std::string> names;
      for (const fs::path& candidate : found) names.push_back(candidate.filename().string());
      return InvalidArgument("{} models in '{}': {}; give the path of one of them", found.size(), path.string(),
                             fmt::join(names, ", "));
    }
    program = found[0];
    OAR_RETURN_IF_ERROR(root->KindOf(program).status());
  } else if (kind == PathKind::kOther) {
    return InvalidArgument("'{}' is neither a file nor a directory", path.string());
  }
  OAR_ASSIGN_OR_RETURN(ModelFiles files, FromProgram(program, std::move(root)));
  files.name = name;
  return files;
}

}  // namespace oarlock
