#include "doctor/model_checks.h"

#include <fmt/ranges.h>

#include <set>
#include <utility>

#include "base/file.h"
#include "base/status.h"
#include "doctor/machine.h"
#include "import/onnx/external_data.h"
#include "model/conversion.h"
#include "model/conversion_cache.h"
#include "model/model_content.h"
#include "model/model_versions.h"
#include "runtime/predictor.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kExportAnew = "export the model anew, or copy it again from where it runs";

// One model's way through the checks. Each step returns whether the next one makes sense.
class ModelDoctor {
 public:
  ModelDoctor(const ModelConfig& config, const Limits& limits, const MemoryBounds& memory, Runtime* runtime)
      : config_(config), limits_(limits), memory_(memory), runtime_(runtime) {}

  Diagnoses Look(std::function<void(std::string_view)> on_phase) {
    on_phase_ = std::move(on_phase);
    (void)(Files() && ReadManifestFile() && Memory() && Content() && Conversion() && ChooseEngine() && Operators() &&
           Load());
    return std::move(checks_);
  }

 private:
  bool Ok(std::string name, std::string found) {
    checks_.push_back(Diagnosis::Ok(std::move(name), std::move(found)));
    return true;
  }
  bool Error(std::string name, std::string_view found, std::string fix) {
    checks_.push_back(Diagnosis::Error(std::move(name), found, std::move(fix)));
    return false;
  }

  std::string FilesFix(const absl::Status& status, const fs::path& path) const {
    if (LeadsOut(status)) return "put the file itself there instead of the link; cp -rL copies what links lead to";
    switch (status.code()) {
      case absl::StatusCode::kPermissionDenied:
        return fmt::format(
            "let this user read it: chmod -R a+rX '{0}'; `namei -l '{0}'` shows which directory is closed",
            path.string());
      case absl::StatusCode::kUnimplemented:
        return "export the model to ONNX";
      default:
        return "give the path of a model's program, or of a directory that holds exactly one";
    }
  }

  bool Files() {
    auto found = FindHighestVersion(config_.path);
    if (!found.ok()) return Error("files", MessageOf(found.status()), FilesFix(found.status(), config_.path));
    files_ = *std::move(found);
    std::vector<std::string> names;
    for (const fs::path& path : {files_.program, files_.weights, files_.manifest}) {
      if (path.empty()) continue;
      if (const auto kind = files_.root->KindOf(path); path == files_.weights && kind.ok()) {
        if (*kind == PathKind::kMissing) continue;
      }
      if (const absl::Status status = files_.root->CheckReadable(path); !status.ok()) {
        return Error("files", MessageOf(status), FilesFix(status, path));
      }
      names.push_back(fmt::format("{} ({})", path.filename().string(), BytesText(SizeBytesOf(path))));
    }
    return Ok("files", fmt::format("{}: {}{}", NameOf(files_.format), fmt::join(names, ", "),
                                   files_.separate_weights ? ", weights in one file per variable" : ""));
  }

  bool ReadManifestFile() {
    if (files_.manifest.empty()) return true;
    auto manifest = ReadManifest(*files_.root, files_.manifest, limits_);
    if (!manifest.ok()) {
      return Error("model.yaml", MessageOf(manifest.status()),
                   "correct it there; docs/operations.md lists every key and what it takes");
    }
    manifest_ = *std::move(manifest);
    return Ok("model.yaml", fmt::format("{}, {}", manifest_.preprocess ? "pictures in" : "tensors in",
                                        !manifest_.postprocess       ? "tensors out"
                                        : manifest_.postprocess->ctc ? "text out"
                                                                     : "labels out"));
  }

  // 0 if it is no file that can be read beneath the root.
  int64_t SizeBytesOf(const fs::path& path) const {
    const auto stamp = path.empty() ? absl::StatusOr<FileStamp>(FileStamp()) : files_.root->StampOf(path);
    return stamp.ok() && stamp->kind == PathKind::kFile ? stamp->size_bytes : 0;
  }

  // Bytes of the program and its weights, wherever they lie.
  int64_t SizeBytes() const {
    int64_t size_bytes = SizeBytesOf(files_.program) + SizeBytesOf(files_.weights);
    if (files_.separate_weights) {
      const auto names = files_.root->List(files_.program.parent_path());
      size_bytes = 0;
      for (const std::string& name : names.ok() ? *names : std::vector<std::string>()) {
        size_bytes += SizeBytesOf(files_.program.parent_path() / name);
      }
    }
    // Only the program knows its other files. One that does not fit itself is not read.
    if (files_.format == Format::kOnnx && (memory_.usable_bytes() == 0 || size_bytes < memory_.usable_bytes())) {
      const auto program = files_.root->Read(files_.program, limits_.model_file_bytes_max);
      const auto tensors = OnnxExternalTensors(program.ok() ? program->text() : std::string_view());
      std::set<std::string> names;
      if (tensors.ok()) {
        for (const OnnxExternalTensor& tensor : *tensors) names.insert(tensor.location);
      }
      for (const std::string& name : names) {
        if (const auto path = PathBeside(files_.program, name); path.ok()) size_bytes += SizeBytesOf(*path);
      }
    }
    return size_bytes;
  }

  bool Memory() {
    const int64_t wanted = 2 * SizeBytes();  // while loading, the bytes of the files and the engine's copy of them
    const int64_t usable = memory_.usable_bytes();
    const std::string found =
        fmt::format("loading takes {} for the files and the engine's copy, and what it computes in", BytesText(wanted));
    if (usable == 0 || wanted <= usable / 4 * 3) return Ok("model memory", found);
    const std::string fix = fmt::format("raise the memory limit well above {}", BytesText(wanted));
    const std::string text = fmt::format("{}; there are {}", found, BytesText(usable));
    // More than there is: the kernel would end this process, and with it the report.
    if (wanted > usable) return Error("model memory", text, fix);
    checks_.push_back(Diagnosis::Warning("model memory", text, fix));
    return true;
  }

  std::string ContentFix(const absl::Status& status) const {
    switch (status.code()) {
      case absl::StatusCode::kNotFound:
        return "put the weights there that were saved with this program";
      case absl::StatusCode::kPermissionDenied:
        return FilesFix(status, files_.program.parent_path());
      case absl::StatusCode::kResourceExhausted:
        return "raise the memory limit, or limits.model_file_bytes_max in models.yaml";
      case absl::StatusCode::kInvalidArgument:
        return "put the program and the weights of one export side by side";
      default:
        return "copy the file again from where it is whole, and compare the two with sha256sum";
    }
  }

  bool Content() {
    // Without the manifest, so that a wrong identity and a damaged file are told apart.
    ModelFiles bare = files_;
    bare.manifest.clear();
    auto content = ReadModel(bare, limits_, config_.weights);
    if (!content.ok()) return Error("content", MessageOf(content.status()), ContentFix(content.status()));
    content_ = *std::move(content);
    content_.files = files_;
    content_.manifest = manifest_;
    const std::string& identity = content_.identity;
    if (manifest_.sha256.empty())
      return Ok("identity", fmt::format("{}; {}", identity,
                                        files_.manifest.empty() ? "there is no model.yaml to pin it"
                                                                : "model.yaml does not pin it"));
    if (manifest_.sha256 == identity) return Ok("identity", fmt::format("{}, as model.yaml says", identity));
    return Error(
        "identity",
        fmt::format("the files have {}; '{}' asks for {}", identity, files_.manifest.string(), manifest_.sha256),
        fmt::format("copy the model's files again; if these are the ones you mean, write into model.yaml: sha256: {}",
                    identity));
  }

  // Where converted models would be kept. Nothing is put there now.
  void CheckCache() {
    const fs::path directory = config_.cache_dir.empty() ? ConversionCache::DefaultDirectory() : config_.cache_dir;
    if (directory.empty() || directory == kNoCache) {
      Ok("cache", "converted models are not kept");
      return;
    }
    const absl::Status status = ConversionCache(directory).Check();
    if (status.ok()) {
      Ok("cache", fmt::format("converted models are kept in '{}'", directory.string()));
    } else {
      checks_.push_back(
          Diagnosis::Warning("cache", MessageOf(status), "every start converts the model anew until then"));
    }
  }

  // Paddle models are converted to ONNX, unless an engine is to read them itself.
  bool Conversion() {
    if (!IsPaddle(files_.format) || config_.importer == ImporterChoice::kEngine) return true;
    CheckCache();
    ConversionOptions options;
    options.cache_dir = kNoCache;
    options.limits = limits_;
    std::vector<std::string> warnings;
    const absl::Status status = ConvertToOnnx(options, &content_, &warnings);
    if (status.ok()) {
      const size_t size_bytes = content_.onnx->model.size() + content_.onnx->data.size();
      return Ok("conversion", fmt::format("to ONNX, {}", BytesText(static_cast<int64_t>(size_bytes))));
    }
    if (config_.importer == ImporterChoice::kAuto && EngineMayRead(files_.format, status)) {
      checks_.push_back(Diagnosis::Warning("conversion", MessageOf(status), "none is needed if an engine reads it"));
      return true;
    }
    return Error("conversion", MessageOf(status), "export the model without these, or export it to ONNX yourself");
  }

  // What else could run it, for the fixes below.
  std::string OtherEngine() const {
    for (const std::string& name : runtime_->engines().Names()) {
      const auto engine = runtime_->engines().Get(name);
      if (engine.ok() && *engine != engine_ && (*engine)->Reads(content_.engine_format())) return name;
    }
    return {};
  }

  // The one that loading with `engine: auto` would take: the first that has all operators. If none has, the first that
  // reads the format, whose missing ones are then told.
  absl::StatusOr<std::shared_ptr<Engine>> AutoEngine() const {
    std::shared_ptr<Engine> first;
    for (const std::string& name : runtime_->engines().Names()) {
      auto engine = runtime_->engines().Get(name);
      if (!engine.ok() || !(*engine)->Reads(content_.engine_format())) continue;
      std::vector<UnsupportedOperator> unsupported;
      if ((*engine)->Probe(content_.source(), &unsupported).ok()) return engine;
      if (first == nullptr) first = *std::move(engine);
    }
    if (first == nullptr)
      return FailedPrecondition("no engine reads the format '{}'", NameOf(content_.engine_format()));
    return first;
  }

  bool ChooseEngine() {
    auto engine = config_.engine == "auto" ? AutoEngine() : runtime_->engines().Get(config_.engine);
    if (engine.ok() && (*engine)->Reads(content_.engine_format())) {
      engine_ = *std::move(engine);
      return Ok("model engine", fmt::format("{} {}", engine_->name(), engine_->version()));
    }
    // Loading knows the better reason: what a format is that no engine reads.
    PredictorOptions options = PredictorOptions::Of(config_, limits_);
    options.cache_dir = kNoCache;
    auto predictor = Predictor::Create(std::move(options), runtime_);
    const absl::Status status = predictor->Load(config_.path);
    if (const std::string other = OtherEngine(); config_.engine != "auto" && !other.empty()) {
      return Error("model engine", MessageOf(status), fmt::format("leave --engine out, or give --engine {}", other));
    }
    return Error("model engine", MessageOf(status),
                 "mend the engine that reads this format (see above), or export the model to ONNX");
  }

  std::string AnotherWay() const {
    const std::string other = OtherEngine();
    return other.empty() ? std::string() : fmt::format("try --engine {}, or ", other);
  }

  bool Operators() {
    std::vector<UnsupportedOperator> unsupported;
    const absl::Status status = engine_->Probe(content_.source(), &unsupported);
    if (!unsupported.empty()) {
      std::vector<std::string> names;
      for (const UnsupportedOperator& each : unsupported)
        names.push_back(fmt::format("{} x{}", Printable(each.type), each.count));
      return Error("operators", fmt::format("{} has no counterpart for {}", engine_->name(), fmt::join(names, ", ")),
                   AnotherWay() + "export the model without them");
    }
    if (!status.ok()) return Error("operators", MessageOf(status), AnotherWay() + std::string(kExportAnew));
    return Ok("operators", "all supported");
  }

  bool Load() {
    PredictorOptions options = PredictorOptions::Of(config_, limits_);
    options.on_phase = on_phase_;
    options.cache_dir = kNoCache;
    auto predictor = Predictor::Create(std::move(options), runtime_);
    if (const absl::Status status = predictor->Load(config_.path); !status.ok()) {
      const bool manifest_is_wrong =
          !files_.manifest.empty() && MessageOf(status).starts_with(files_.manifest.string());
      return Error("loads", MessageOf(status),
                   manifest_is_wrong
                       ? "make model.yaml agree with the model's inputs and outputs (oarlock inspect shows them)"
                       : AnotherWay() + std::string(kExportAnew));
    }
    const auto model = predictor->model();
    Ok("loads", fmt::format("yes; the engine keeps {} of weights",
                            BytesText(static_cast<int64_t>(model->compiled->memory().weights_private_bytes))));
    for (const Port& port : model->inputs) Ok("input", PortText(port));
    for (const PublicOutput& output : model->outputs) Ok("output", PortText(output.port));
    return true;
  }

  static std::string PortText(const Port& port) {
    return fmt::format("{} {} {}", Printable(port.name), NameOf(port.dtype),
                       port.rank_known ? port.shape.ToString() : "any");
  }

  const ModelConfig& config_;
  const Limits& limits_;
  const MemoryBounds& memory_;
  Runtime* const runtime_;
  std::function<void(std::string_view)> on_phase_;
  Diagnoses checks_;
  ModelFiles files_;
  Manifest manifest_;
  ModelContent content_;
  std::shared_ptr<Engine> engine_;
};

}  // namespace

Diagnoses CheckModel(const ModelConfig& config, const Limits& limits, const MemoryBounds& memory, Runtime* runtime,
                     std::function<void(std::string_view phase)> on_phase) {
  return ModelDoctor(config, limits, memory, runtime).Look(std::move(on_phase));
}

}  // namespace oarlock
