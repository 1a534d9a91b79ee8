#include "model/model_content.h"

#include <algorithm>
#include <cstring>

#include "base/sha256.h"
#include "base/status.h"
#include "import/onnx/external_data.h"
#include "import/paddle/pir_reader.h"
#include "import/paddle/program_desc_reader.h"
#include "import/paddle/weights.h"

namespace oarlock {
namespace {

namespace fs = std::filesystem;

// File name -> digest.
using Digests = std::map<std::string, std::string>;

std::string IdentityOf(const Digests& digests) {
  if (digests.size() == 1) return digests.begin()->second;
  std::string lines;
  for (const auto& [name, digest] : digests) lines += fmt::format("{}  {}\n", digest, name);
  return Sha256Hex(std::as_bytes(std::span(lines)));
}

// A variable's name is a file's name only if it stays in the directory.
bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos &&
         name.find('\0') == std::string_view::npos;
}

// A file that cannot be looked at is not missing: reading it says why.
bool IsMissing(const ModelFiles& files, const fs::path& path) {
  const auto kind = files.root->KindOf(path);
  return kind.ok() && *kind == PathKind::kMissing;
}

absl::Status ReadSeparateWeights(const paddle::Program& program, const Limits& limits, ModelContent* content,
                                 Digests* digests) {
  const fs::path directory = content->files.program.parent_path();
  std::vector<FileBytes> records;
  size_t size_bytes = 0;
  for (const paddle::Parameter& parameter : program.parameters) {
    if (!IsPlainName(parameter.name)) {
      return InvalidArgument("parameter name '{}' cannot be a file's name", Printable(parameter.name));
    }
    auto record = content->files.root->Read(directory / parameter.name, limits.model_file_bytes_max);
    if (!record.ok()) {
      return Annotate(record.status(), fmt::format("weights of '{}'", Printable(parameter.name)));
    }
    OAR_RETURN_IF_ERROR(paddle::CheckRecord(parameter, record->bytes()));
    (*digests)[parameter.name] = Sha256Hex(record->bytes());
    size_bytes += record->size_bytes();
    records.push_back(*std::move(record));
  }
  OAR_ASSIGN_OR_RETURN(content->weights, FileBytes::Allocate(size_bytes));
  std::byte* at = content->weights.mutable_bytes().data();
  for (const FileBytes& record : records) {
    std::memcpy(at, record.bytes().data(), record.size_bytes());
    at += record.size_bytes();
  }
  return absl::OkStatus();
}

// What a weight says of itself against the file it lies in.
absl::StatusOr<ModelConstant> ConstantIn(const OnnxExternalTensor& tensor, std::span<const std::byte> file) {
  const std::string what = fmt::format("external data of weight '{}'", Printable(tensor.name));
  const auto size_bytes = tensor.dtype == DType::kInvalid ? InvalidArgument("its element type is not known")
                                                          : tensor.shape.SizeBytes(tensor.dtype);
  if (!size_bytes.ok()) return Annotate(size_bytes.status(), what);
  if (tensor.size_bytes.value_or(*size_bytes) != *size_bytes) {
    return InvalidArgument("{}: 'length' is {}; {} {} takes {} bytes", what, *tensor.size_bytes, NameOf(tensor.dtype),
                           tensor.shape.ToString(), *size_bytes);
  }
  if (tensor.offset > file.size() || *size_bytes > file.size() - tensor.offset) {
    return DataLoss("{}: {} bytes from {} on are asked for; '{}' has {}", what, *size_bytes, tensor.offset,
                    Printable(tensor.location), file.size());
  }
  ModelConstant constant;
  constant.name = tensor.name;
  constant.view = {tensor.dtype, tensor.shape, file.data() + tensor.offset, *size_bytes};
  constant.nested = tensor.nested;
  return constant;
}

// Opened here, once: what is hashed is what an engine is lent.
absl::Status ReadOnnxExternalFiles(const Limits& limits, Weights weights, ModelContent* content, Digests* digests) {
  const Root& root = *content->files.root;
  const fs::path& program = content->files.program;
  const auto tensors = OnnxExternalTensors(content->program.text());
  if (!tensors.ok()) return Annotate(tensors.status(), fmt::format("'{}'", program.string()));
  std::map<std::string, std::span<const std::byte>> files;
  for (const OnnxExternalTensor& tensor : *tensors) {
    const auto [entry, fresh] = files.emplace(tensor.location, std::span<const std::byte>());
    if (fresh) {
      const auto path = PathBeside(program, tensor.location);
      if (!path.ok()) return Annotate(path.status(), "external data of an ONNX model");
      OAR_ASSIGN_OR_RETURN(FileBytes file, weights == Weights::kShared ? root.Map(*path, limits.model_file_bytes_max)
                                                                       : root.Read(*path, limits.model_file_bytes_max));
      entry->second = file.bytes();
      (*digests)[tensor.location] = Sha256Hex(file.bytes());
      content->external_files.push_back(std::move(file));
    }
    OAR_ASSIGN_OR_RETURN(ModelConstant constant, ConstantIn(tensor, entry->second));
    content->constants.push_back(std::move(constant));
  }
  return absl::OkStatus();
}

absl::Status ReadCombinedWeights(const Limits& limits, ModelContent* content, Digests* digests) {
  OAR_ASSIGN_OR_RETURN(content->weights,
                       content->files.root->Read(content->files.weights, limits.model_file_bytes_max));
  (*digests)[content->files.weights.filename().string()] = Sha256Hex(content->weights.bytes());
  return absl::OkStatus();
}

absl::Status ReadPaddleWeights(const Limits& limits, ModelContent* content, Digests* digests) {
  const ModelFiles& files = content->files;
  const auto program = files.format == Format::kPaddle ? paddle::ReadProgramDesc(content->program.text())
                                                       : paddle::ReadPir(content->program.text());
  if (!program.ok()) return Annotate(program.status(), fmt::format("'{}'", files.program.string()));
  content->operators = paddle::CountOperators(*program);
  content->warning = program->warning;
  const bool missing = files.separate_weights || IsMissing(files, files.weights);
  if (program->parameters.empty() && missing) return absl::OkStatus();
  if (files.separate_weights) {
    return ReadSeparateWeights(*program, limits, content, digests);
  }
  if (missing) {
    return NotFound("'{}' has {} parameters and its weights '{}' are missing", files.program.string(),
                    program->parameters.size(), files.weights.string());
  }
  OAR_RETURN_IF_ERROR(ReadCombinedWeights(limits, content, digests));
  const auto elements = paddle::SplitWeights(program->parameters, content->weights.bytes());
  return elements.ok() ? absl::OkStatus() : Annotate(elements.status(), fmt::format("'{}'", files.weights.string()));
}

absl::Status ReadWeights(const Limits& limits, Weights weights, ModelContent* content, Digests* digests) {
  const ModelFiles& files = content->files;
  if (files.format == Format::kOnnx) return ReadOnnxExternalFiles(limits, weights, content, digests);
  if (IsPaddle(files.format)) {
    return ReadPaddleWeights(limits, content, digests);
  }
  // An IR may have no weights at all.
  if (files.weights.empty() || IsMissing(files, files.weights)) return absl::OkStatus();
  return ReadCombinedWeights(limits, content, digests);
}

// XML, JSON, or a message of protobuf: ONNX begins with its version (field 1, a varint), a ProgramDesc with a block
// (field 1, a message).
Format FormatOf(std::span<const std::byte> program) {
  const std::string_view text(reinterpret_cast<const char*>(program.data()), program.size());
  const size_t first = text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  if (first != std::string_view::npos && text[first] == '<') return Format::kOpenVinoIr;
  if (first != std::string_view::npos && text[first] == '{') return Format::kPaddlePir;
  if (text.starts_with('\x08')) return Format::kOnnx;
  return text.starts_with('\x0A') ? Format::kPaddle : Format::kUnknown;
}

absl::StatusOr<FileBytes> CopyOf(std::span<const std::byte> bytes, std::string_view what, const Limits& limits) {
  if (bytes.size() > static_cast<size_t>(limits.model_file_bytes_max)) {
    return ResourceExhausted("{} of {} bytes; model_file_bytes_max allows {}", what, bytes.size(),
                             limits.model_file_bytes_max);
  }
  OAR_ASSIGN_OR_RETURN(FileBytes copy, FileBytes::Allocate(bytes.size()));
  if (!bytes.empty()) std::memcpy(copy.mutable_bytes().data(), bytes.data(), bytes.size());
  return copy;
}

// What ReadWeights() checks of files.
absl::Status CheckWeights(ModelContent* content) {
  const Format format = content->files.format;
  if (format == Format::kOnnx) {
    OAR_ASSIGN_OR_RETURN(const auto tensors, OnnxExternalTensors(content->program.text()));
    if (tensors.empty()) return absl::OkStatus();
    return InvalidArgument(
        "weight '{}' lies in a file of its own, '{}', and there is no directory to look in; load the model by its path",
        Printable(tensors[0].name), Printable(tensors[0].location));
  }
  if (!IsPaddle(format)) return absl::OkStatus();
  OAR_ASSIGN_OR_RETURN(const auto program, format == Format::kPaddle ? paddle::ReadProgramDesc(content->program.text())
                                                                     : paddle::ReadPir(content->program.text()));
  content->operators = paddle::CountOperators(program);
  content->warning = program.warning;
  return paddle::SplitWeights(program.parameters, content->weights.bytes()).status();
}

}  // namespace

absl::StatusOr<ModelContent> CopyModel(const ModelBytes& bytes, const Limits& limits) {
  ModelContent content;
  content.files.name = "model";
  content.files.format = bytes.format == Format::kUnknown ? FormatOf(bytes.program) : bytes.format;
  if (bytes.program.empty()) return InvalidArgument("the model has no bytes");
  if (content.files.format == Format::kUnknown) {
    return InvalidArgument("the model's {} bytes begin like no format that can be told; say which it is",
                           bytes.program.size());
  }
  OAR_ASSIGN_OR_RETURN(content.program, CopyOf(bytes.program, "a model", limits));
  OAR_ASSIGN_OR_RETURN(content.weights, CopyOf(bytes.weights, "weights", limits));
  Digests digests;
  digests["model"] = Sha256Hex(content.program.bytes());
  if (!bytes.weights.empty()) digests["weights"] = Sha256Hex(content.weights.bytes());
  content.identity = IdentityOf(digests);
  const absl::Status checked = CheckWeights(&content);
  return checked.ok() ? absl::StatusOr<ModelContent>(std::move(content)) : Annotate(checked, "the model in memory");
}

absl::Status ModelContent::LendConstants(const OnnxForm& form) {
  constants.clear();
  if (form.data.empty()) return absl::OkStatus();
  const std::string_view model(reinterpret_cast<const char*>(form.model.data()), form.model.size());
  OAR_ASSIGN_OR_RETURN(const std::vector<OnnxExternalTensor> tensors, OnnxExternalTensors(model));
  for (const OnnxExternalTensor& tensor : tensors) {
    OAR_ASSIGN_OR_RETURN(ModelConstant constant, ConstantIn(tensor, form.data));
    constants.push_back(std::move(constant));
  }
  return absl::OkStatus();
}

void ModelContent::DropBytes() {
  constants.clear();
  onnx.reset();
  program = FileBytes();
  weights = FileBytes();
  external_files.clear();
}

absl::StatusOr<ModelContent> ReadModel(const ModelFiles& files, const Limits& limits, Weights weights) {
  ModelContent content;
  content.files = files;
  if (!files.manifest.empty()) {
    OAR_ASSIGN_OR_RETURN(content.manifest, ReadManifest(*files.root, files.manifest, limits));
  }
  OAR_ASSIGN_OR_RETURN(content.program, files.root->Read(files.program, limits.model_file_bytes_max));
  if (content.program.size_bytes() == 0) return DataLoss("'{}' is empty", files.program.string());
  Digests digests;
  digests[files.program.filename().string()] = Sha256Hex(content.program.bytes());
  OAR_RETURN_IF_ERROR(ReadWeights(limits, weights, &content, &digests));
  content.identity = IdentityOf(digests);
  if (!content.manifest.sha256.empty() && content.manifest.sha256 != content.identity) {
    return DataLoss("the files of model '{}' have identity {}; '{}' asks for {}", files.name, content.identity,
                    files.manifest.string(), content.manifest.sha256);
  }
  content.files.root.reset();
  return content;
}

}  // namespace oarlock
