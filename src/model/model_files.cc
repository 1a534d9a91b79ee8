#include "model/model_files.h"

#include <fmt/ranges.h>

#include "base/file.h"
#include "base/status.h"
#include "model/manifest.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLookedFor =
    ".pdmodel, __model__, .onnx, .xml (OpenVINO IR), .json (Paddle 3); TorchScript .pt is not in this release";

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
bool LooksLikePir(const fs::path& path) {
  FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  char head[4096];
  const size_t size = std::fread(head, 1, sizeof head, file);
  std::fclose(file);
  const std::string_view text(head, size);
  return text.find("\"base_code\"") != std::string_view::npos && text.find("\"pir\"") != std::string_view::npos;
}

bool IsCandidate(const fs::path& path) {
  const Kind* kind = KindOfName(path.filename().string());
  if (kind == nullptr || KindOf(path) != PathKind::kFile) return false;
  return kind->format != Format::kPaddlePir || LooksLikePir(path);
}

absl::StatusOr<std::vector<fs::path>> Candidates(const fs::path& directory) {
  OAR_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  std::vector<fs::path> found;
  for (const std::string& name : names) {
    if (IsCandidate(directory / name)) found.push_back(directory / name);
  }
  return found;
}

absl::StatusOr<ModelFiles> FromProgram(const fs::path& program) {
  const std::string file_name = program.filename().string();
  const Kind* kind = KindOfName(file_name);
  if (kind == nullptr) {
    if (file_name.ends_with(".pdiparams")) {
      return InvalidArgument("'{}' holds weights only; give the .pdmodel or .json beside it", program.string());
    }
    return InvalidArgument("'{}' is no model file by its name; known are {}", program.string(), kLookedFor);
  }
  if (kind->format == Format::kTorchScript) {
    return Unimplemented("'{}': TorchScript is not in this release; export to ONNX", program.string());
  }
  if (kind->format == Format::kPaddlePir && !LooksLikePir(program)) {
    return InvalidArgument("'{}' is no Paddle 3 program: it does not begin with its base_code", program.string());
  }
  ModelFiles files;
  files.format = kind->format;
  files.program = program;
  files.name = program.stem().string();
  const fs::path directory = program.parent_path();
  if (!kind->weights_suffix.empty()) {
    files.weights = fs::path(program).replace_extension(kind->weights_suffix);
  } else if (IsPaddle(kind->format)) {
    files.weights = directory / "__params__";
    files.separate_weights = KindOf(files.weights) != PathKind::kFile;
  }
  // A broken link or a file that cannot be looked at is there too: to overlook it would drop the checks it asks for.
  const fs::path manifest = directory / kManifestName;
  std::error_code error;
  if (fs::symlink_status(manifest, error).type() != fs::file_type::not_found) files.manifest = manifest;
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

bool HoldsModel(const fs::path& directory) {
  const auto found = Candidates(directory);
  return found.ok() && !found->empty();
}

absl::StatusOr<ModelFiles> FindModel(const fs::path& path) {
  switch (KindOf(path)) {
    case PathKind::kMissing: {
      std::error_code error;  // a path that is there but cannot be followed is another matter
      if (fs::status(path, error).type() != fs::file_type::not_found) {
        return ErrnoStatus(error.value(), fmt::format("cannot open '{}'", path.string()));
      }
      return NotFound("no such file or directory: '{}'", path.string());
    }
    case PathKind::kOther:
      return InvalidArgument("'{}' is neither a file nor a directory", path.string());
    case PathKind::kFile:
      return FromProgram(path);
    case PathKind::kDirectory:
      break;
  }
  OAR_ASSIGN_OR_RETURN(const std::vector<fs::path> found, Candidates(path));
  if (found.empty()) return NotFound("no model in '{}'; looked for {}", path.string(), kLookedFor);
  if (found.size() > 1) {
    std::vector<std::string> names;
    for (const fs::path& candidate : found) names.push_back(candidate.filename().string());
    return InvalidArgument("{} models in '{}': {}; give the path of one of them", found.size(), path.string(),
                           fmt::join(names, ", "));
  }
  OAR_ASSIGN_OR_RETURN(ModelFiles files, FromProgram(found[0]));
  files.name = DirectoryName(path);
  return files;
}

}  // namespace oarlock
