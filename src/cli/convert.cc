// oarlock convert: a Paddle model, written as ONNX.
#include <filesystem>

#include "base/file.h"
#include "base/status.h"
#include "cli/command.h"
#include "import/importer.h"
#include "model/model_content.h"
#include "model/model_versions.h"
#include "tensor/json_text.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

struct ConvertFlags {
  std::string path;
  std::string output;
  int opset = OAR_IMPORT_OPSET;
};

absl::Status Convert(const ConvertFlags& flags, const GlobalFlags& global) {
  if (flags.output.empty()) return UsageError("where to? give -o FILE.onnx");
  const Limits limits;
  Progress progress(flags.path);
  progress.Phase("read");
  OAR_ASSIGN_OR_RETURN(const ModelFiles files, FindHighestVersion(flags.path));
  if (!IsPaddle(files.format)) {
    return InvalidArgument("'{}' is {}; Paddle models can be converted", files.program.string(), NameOf(files.format));
  }
  OAR_ASSIGN_OR_RETURN(const ModelContent content, ReadModel(files, limits));
  progress.Phase("convert");
  OAR_ASSIGN_OR_RETURN(const Importer importer, Importer::Open());
  OnnxWish wish;
  wish.opset = flags.opset;
  const fs::path output = flags.output;
  const fs::path data = output.string() + ".data";
  wish.data_name = data.filename().string();
  const auto made = importer.Import({files.format, content.program.text(), content.weights.bytes()}, wish);
  if (!made.ok()) return Annotate(made.status(), fmt::format("cannot convert '{}'", files.program.string()));
  progress.Phase("write");
  if (!made->data().empty()) OAR_RETURN_IF_ERROR(WriteFileAtomic(data, made->data()));
  OAR_RETURN_IF_ERROR(WriteFileAtomic(output, made->model()));
  progress.Done();
  if (!content.warning.empty()) fmt::print(stderr, "oarlock: warning: {}\n", content.warning);
  if (!global.json) {
    std::string text =
        fmt::format("{}: {} bytes, operator set {}\n", output.string(), made->model().size(), flags.opset);
    if (!made->data().empty()) text += fmt::format("{}: {} bytes of weights\n", data.string(), made->data().size());
    return Print(text);
  }
  JsonText json;
  json.StartObject();
  json.Field("model", output.string());
  json.Field("model_bytes", static_cast<int64_t>(made->model().size()));
  if (!made->data().empty()) {
    json.Field("data", data.string());
    json.Field("data_bytes", static_cast<int64_t>(made->data().size()));
  }
  json.Field("opset", int64_t{flags.opset});
  json.EndObject();
  return Print(fmt::format("{}\n", json.text()));
}

}  // namespace

Command RegisterConvert(Flags* flags, const GlobalFlags* global) {
  auto values = std::make_shared<ConvertFlags>();
  flags->Positional("MODEL", "A Paddle model's file, or a directory that holds one.", true, &values->path);
  flags->Add("convert", "output", &values->output);
  flags->Add("convert", "opset", OAR_IMPORT_OPSET_MIN, OAR_IMPORT_OPSET, &values->opset);
  return [values, global] { return Convert(*values, *global); };
}

}  // namespace oarlock
