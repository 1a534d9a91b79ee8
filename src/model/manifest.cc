#include "model/manifest.h"

#include <algorithm>

#include "base/file.h"
#include "base/status.h"
#include "model/yaml_section.h"
#include "pipeline/vocabulary.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<ImagePreprocess> ReadPreprocess(const YamlSection& section) {
  ImagePreprocess settings;
  int64_t height = 0;
  int64_t width = 0;
  int color = static_cast<int>(settings.color);
  int resize = static_cast<int>(settings.resize);
  int layout = static_cast<int>(settings.layout);
  OAR_RETURN_IF_ERROR(section.Read("input", &settings.input));
  OAR_RETURN_IF_ERROR(section.ReadChoice("color", &color));
  OAR_RETURN_IF_ERROR(section.Read("height", 1, 65'535, &height));
  OAR_RETURN_IF_ERROR(section.Read("width", 1, 65'535, &width));
  OAR_RETURN_IF_ERROR(section.ReadChoice("resize", &resize));
  OAR_RETURN_IF_ERROR(section.Read("pad_value", &settings.pad_value));
  OAR_RETURN_IF_ERROR(section.Read("scale", &settings.scale));
  OAR_RETURN_IF_ERROR(section.Read("mean", &settings.mean));
  OAR_RETURN_IF_ERROR(section.Read("std", &settings.std));
  OAR_RETURN_IF_ERROR(section.ReadChoice("layout", &layout));
  for (std::string_view key : {"height", "width"}) {
    if (!section.Has(key)) return section.Error(key, fmt::format("'preprocess.{}' is missing", key));
  }
  settings.color = static_cast<ColorOrder>(color);
  settings.resize = static_cast<Resize>(resize);
  settings.layout = static_cast<Layout>(layout);
  settings.height = static_cast<int>(height);
  settings.width = static_cast<int>(width);
  if (const absl::Status status = Check(settings); !status.ok()) return section.Error("", MessageOf(status));
  return settings;
}

absl::StatusOr<CtcDecode> ReadCtc(const YamlSection& section) {
  CtcDecode ctc;
  std::string charset;
  OAR_RETURN_IF_ERROR(section.Read("charset", &charset));
  if (charset.empty()) return section.Error("charset", "'postprocess.ctc.charset' is missing or empty");
  auto characters = SplitCharset(charset);
  if (!characters.ok()) return section.Error("charset", MessageOf(characters.status()));
  ctc.characters = *std::move(characters);
  int64_t blank = 0;
  OAR_RETURN_IF_ERROR(section.Read("blank", 0, static_cast<int64_t>(ctc.characters.size()), &blank));
  ctc.blank = static_cast<int>(blank);
  return ctc;
}

absl::StatusOr<TopKDecode> ReadTopK(const YamlSection& section, const Root& root, const fs::path& path,
                                    const Limits& limits) {
  TopKDecode top_k;
  int64_t k = top_k.k;
  OAR_RETURN_IF_ERROR(section.Read("k", 1, 65'536, &k));
  top_k.k = static_cast<int>(k);
  OAR_RETURN_IF_ERROR(section.Read("softmax", &top_k.softmax));
  std::string labels;
  OAR_RETURN_IF_ERROR(section.Read("labels", &labels));
  if (section.Has("labels")) {
    const auto labels_path = PathBeside(path, labels);
    if (!labels_path.ok()) return section.Error("labels", MessageOf(labels_path.status()));
    const auto content = root.Read(*labels_path, limits.manifest_bytes_max);
    if (!content.ok()) return section.Error("labels", MessageOf(content.status()));
    auto parsed = ParseLabels(content->text());
    if (!parsed.ok()) return section.Error("labels", MessageOf(parsed.status()));
    top_k.labels = *std::move(parsed);
  }
  return top_k;
}

absl::StatusOr<Postprocess> ReadPostprocess(const YamlSection& section, const Root& root, const fs::path& path,
                                            const Limits& limits) {
  Postprocess postprocess;
  OAR_RETURN_IF_ERROR(section.Read("output", &postprocess.output));
  if (section.Has("ctc") == section.Has("top_k")) {
    return section.Error("", "'postprocess' needs either 'ctc' or 'top_k'");
  }
  if (section.Has("ctc")) {
    OAR_ASSIGN_OR_RETURN(const YamlSection ctc, section.Section("ctc"));
    OAR_ASSIGN_OR_RETURN(postprocess.ctc, ReadCtc(ctc));
  } else {
    OAR_ASSIGN_OR_RETURN(const YamlSection top_k, section.Section("top_k"));
    OAR_ASSIGN_OR_RETURN(postprocess.top_k, ReadTopK(top_k, root, path, limits));
  }
  return postprocess;
}

bool IsDigest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<Manifest> ParseManifest(std::string_view text, const Root& root, const fs::path& path,
                                       const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const YamlSection top, YamlSection::Parse(text, path.string(), "manifest"));
  OAR_RETURN_IF_ERROR(top.CheckSchema());
  Manifest manifest;
  OAR_RETURN_IF_ERROR(top.Read("sha256", &manifest.sha256));
  if (top.Has("sha256") && !IsDigest(manifest.sha256)) {
    return top.Error("sha256", fmt::format("'sha256' is '{}'; it must be 64 lower-case hexadecimal digits, as "
                                           "`oarlock inspect` prints them",
                                           Printable(manifest.sha256)));
  }
  if (top.Has("preprocess")) {
    OAR_ASSIGN_OR_RETURN(const YamlSection section, top.Section("preprocess"));
    OAR_ASSIGN_OR_RETURN(manifest.preprocess, ReadPreprocess(section));
  }
  if (top.Has("postprocess")) {
    OAR_ASSIGN_OR_RETURN(const YamlSection section, top.Section("postprocess"));
    OAR_ASSIGN_OR_RETURN(manifest.postprocess, ReadPostprocess(section, root, path, limits));
  }
  if (top.Has("batching")) {
    OAR_ASSIGN_OR_RETURN(const YamlSection section, top.Section("batching", "batching"));
    OAR_ASSIGN_OR_RETURN(manifest.batching, ReadBatching(section, limits));
  }
  return manifest;
}

absl::StatusOr<Manifest> ReadManifest(const Root& root, const fs::path& path, const Limits& limits) {
  OAR_ASSIGN_OR_RETURN(const FileBytes content, root.Read(path, limits.manifest_bytes_max));
  return ParseManifest(content.text(), root, path, limits);
}

}  // namespace oarlock
