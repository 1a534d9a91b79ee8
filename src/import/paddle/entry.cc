// The importer's shared object, seen from outside.
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "base/status.h"
#include "import/importer_abi.h"
#include "import/paddle/importer.h"

namespace oarlock::paddle {
namespace {

char* TextOf(std::string_view message) {
  auto* text = static_cast<char*>(std::malloc(message.size() + 1));
  if (text == nullptr) return nullptr;
  std::memcpy(text, message.data(), message.size());
  text[message.size()] = '\0';
  return text;
}

absl::Status Run(const oar_import_source& source, oar_import_result* result) {
  ImportOptions options;
  options.opset = source.opset;
  options.inline_bytes_max = source.inline_bytes_max;
  options.data_name = source.data_name;
  if (source.unsupported != nullptr) {
    options.on_unsupported = [&source](const std::string& type, size_t count) {
      source.unsupported(source.user, type.c_str(), count);
    };
  }
  const std::string_view program(static_cast<const char*>(source.program), source.program_size_bytes);
  const std::span weights(static_cast<const std::byte*>(source.weights), source.weights_size_bytes);
  OAR_ASSIGN_OR_RETURN(ImportedModel imported,
                       ImportPaddle(source.format == OAR_FORMAT_PADDLE_PIR, program, weights, options));
  auto owner = std::make_unique<ImportedModel>(std::move(imported));
  *result = {owner->model.bytes().data(), owner->model.size_bytes(), owner->data.bytes().data(),
             owner->data.size_bytes(), owner.get()};
  (void)owner.release();
  return absl::OkStatus();
}

int32_t Import(const oar_import_source* source, oar_import_result* result, char** text) {
  absl::Status status;
  try {  // libonnx and protobuf throw
    status = Run(*source, result);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("importing the model takes more memory than there is");
  } catch (const std::exception& error) {
    status = Internal("importing the model failed: {}", error.what());
  }
  if (!status.ok()) *text = TextOf(MessageOf(status));
  return static_cast<int32_t>(status.code());
}

void Release(oar_import_result* result) {
  delete static_cast<ImportedModel*>(result->owner);
  *result = {};
}

void FreeText(char* text) { std::free(text); }

constexpr oar_import_api kApi = {OAR_IMPORT_ABI, 0, &Import, &Release, &FreeText};

}  // namespace
}  // namespace oarlock::paddle

extern "C" __attribute__((visibility("default"))) const oar_import_api* oar_import_entry(uint32_t host_abi) {
  return host_abi == OAR_IMPORT_ABI ? &oarlock::paddle::kApi : nullptr;
}
