#include "model/conversion.h"

#include <chrono>
#include <optional>

#include "base/sha256.h"
#include "base/status.h"
#include "import/importer.h"
#include "model/conversion_cache.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

// For another process that converts the same model; after it, this one converts it too and keeps nothing.
constexpr std::chrono::milliseconds kLockWaitMax{120'000};

class Conversion {
 public:
  Conversion(const ConversionOptions& options, ModelContent* content, std::vector<std::string>* warnings)
      : options_(options),
        importer_path_(options.importer_path.empty() ? Importer::DefaultPath() : options.importer_path),
        content_(content),
        warnings_(warnings) {}

  absl::Status Run() {
    OpenCache();
    if (!cache_) return Import({});
    OAR_ASSIGN_OR_RETURN(const std::string key, Key());
    if (TakeFromCache(key)) return absl::OkStatus();
    const auto lock = cache_->Lock(key, kLockWaitMax);
    if (!lock.ok()) {
      Warn("cannot keep the converted model", lock.status());
      return Import({});
    }
    if (TakeFromCache(key)) return absl::OkStatus();  // another process has made it meanwhile
    OAR_RETURN_IF_ERROR(Import(key));
    Keep(key);
    return absl::OkStatus();
  }

 private:
  void Warn(std::string_view what, const absl::Status& status) {
    warnings_->push_back(fmt::format("{}: {}", what, MessageOf(status)));
  }

  void OpenCache() {
    if (options_.cache_dir == kNoCache) return;
    const fs::path directory = options_.cache_dir.empty() ? ConversionCache::DefaultDirectory() : options_.cache_dir;
    if (directory.empty()) return;  // a user without a home keeps nothing
    cache_.emplace(directory);
    if (const absl::Status status = cache_->Prepare(); !status.ok()) {
      Warn("converted models are not kept", status);
      cache_.reset();
    }
  }

  // What the result depends on: the model's files, and the importer itself, so that another one never finds it.
  absl::StatusOr<std::string> Key() const {
    const auto importer = ReadFile(importer_path_, options_.limits.model_file_bytes_max);
    if (!importer.ok()) return Importer::Open(importer_path_).status();
    const std::string text = fmt::format("{} {} {} {} {}", NameOf(content_->files.format), content_->identity,
                                         OAR_IMPORT_OPSET, options_.inline_bytes_max, Sha256Hex(importer->bytes()));
    return Sha256Hex(std::as_bytes(std::span(text)));
  }

  bool TakeFromCache(const std::string& key) {
    auto cached = cache_->Read(key, options_.limits);
    if (cached.ok()) {
      auto kept = std::make_shared<CachedModel>(*std::move(cached));
      if (UseOnnx({kept->model.bytes(), kept->data.bytes(), kept, kept->model_path.string(), true}).ok()) return true;
      cached = DataLoss("'{}' does not agree with itself", kept->model_path.string());
    }
    if (cached.status().code() == absl::StatusCode::kDataLoss && damage_.ok()) {
      damage_ = cached.status();
      Warn("a converted model is damaged and is made anew", damage_);
    }
    return false;
  }

  // `key` empty = it is not going to be kept.
  absl::Status Import(const std::string& key) {
    OAR_ASSIGN_OR_RETURN(const Importer importer, Importer::Open(importer_path_));
    OnnxWish wish;
    wish.inline_bytes_max = options_.inline_bytes_max;
    if (!key.empty()) wish.data_name = cache_->DataName(key);
    auto imported =
        importer.Import({content_->files.format, content_->program.text(), content_->weights.bytes()}, wish);
    if (!imported.ok()) {
      return Annotate(imported.status(), fmt::format("cannot convert '{}'", content_->files.program.string()));
    }
    auto made = std::make_shared<ImportedOnnx>(*std::move(imported));
    return UseOnnx({made->model(), made->data(), made, {}, false});
  }

  absl::Status UseOnnx(OnnxForm form) {
    OAR_RETURN_IF_ERROR(content_->LendConstants(form));
    content_->onnx = std::move(form);
    return absl::OkStatus();
  }

  void Keep(const std::string& key) {
    CacheEntry entry;
    entry.key = key;
    const fs::path& program = content_->files.program;
    entry.source = program.empty() ? "(memory)" : fs::absolute(program).lexically_normal().string();
    entry.identity = content_->identity;
    entry.opset = OAR_IMPORT_OPSET;
    const absl::Status status = cache_->Write(entry, content_->onnx->model, content_->onnx->data);
    if (!status.ok()) return Warn("cannot keep the converted model", status);
    content_->onnx->path = (cache_->directory() / (key + ".onnx")).string();
  }

  const ConversionOptions& options_;
  const fs::path importer_path_;
  ModelContent* const content_;
  std::vector<std::string>* const warnings_;
  std::optional<ConversionCache> cache_;
  absl::Status damage_;
};

}  // namespace

absl::Status ConvertToOnnx(const ConversionOptions& options, ModelContent* content,
                           std::vector<std::string>* warnings) {
  return Conversion(options, content, warnings).Run();
}

}  // namespace oarlock
