#include "import/importer.h"

#include "base/file.h"
#include "base/install.h"
#include "base/status.h"
#include "engine/shared_object.h"
#include "import/host_protobuf.h"

namespace oarlock {

std::filesystem::path Importer::DefaultPath() { return PrivateLibraryDirectory() / "liboarlock_importer.so"; }

absl::StatusOr<Importer> Importer::Open(const std::filesystem::path& path) {
  if (KindOf(path) == PathKind::kMissing) {
    return NotFound(
        "Paddle models need '{}', which is missing; install Oarlock anew, or build it with ./scripts/bootstrap and "
        "CMake",
        path.string());
  }
  OAR_RETURN_IF_ERROR(CheckHostProtobuf());
  OAR_ASSIGN_OR_RETURN(void* const function, OpenFunction(path, OAR_IMPORT_ENTRY));
  const oar_import_api* api = reinterpret_cast<oar_import_entry_fn>(function)(OAR_IMPORT_ABI);
  if (api == nullptr || api->abi != OAR_IMPORT_ABI) {
    return FailedPrecondition("'{}' is of another version of Oarlock; install both from one package", path.string());
  }
  return Importer(api);
}

absl::StatusOr<ImportedOnnx> Importer::Import(const PaddleSource& source, const OnnxWish& wish,
                                              std::vector<UnsupportedOperator>* unsupported) const {
  const auto add = [](void* user, const char* type, size_t count) {
    static_cast<std::vector<UnsupportedOperator>*>(user)->push_back({type, count});
  };
  const oar_import_source asked = {static_cast<oar_format>(source.format),
                                   wish.opset,
                                   source.program.data(),
                                   source.program.size(),
                                   source.weights.data(),
                                   source.weights.size(),
                                   wish.inline_bytes_max,
                                   wish.data_name.c_str(),
                                   unsupported == nullptr ? nullptr : +add,
                                   unsupported};
  oar_import_result result = {};
  char* text = nullptr;
  const int32_t code = api_->import(&asked, &result, &text);
  if (code == 0) return ImportedOnnx(api_, result);
  const absl::Status status =
      MakeStatus(static_cast<absl::StatusCode>(code), text == nullptr ? "importing the model failed" : text);
  api_->free_text(text);
  return status;
}

}  // namespace oarlock
