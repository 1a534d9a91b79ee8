#include "import/paddle/importer.h"

#include "base/status.h"
#include "import/paddle/converter.h"
#include "import/paddle/onnx_model.h"
#include "import/paddle/operator_list.h"
#include "import/paddle/pir_reader.h"
#include "import/paddle/program_desc_reader.h"
#include "import/paddle/weights.h"

namespace oarlock::paddle {

absl::StatusOr<ImportedModel> ImportPaddle(bool pir, std::string_view program_bytes, std::span<const std::byte> weights,
                                           const ImportOptions& options) {
  if (options.opset < OAR_IMPORT_OPSET_MIN || options.opset > OAR_IMPORT_OPSET) {
    return InvalidArgument("ONNX operator set {} cannot be written; {} to {} can", options.opset, OAR_IMPORT_OPSET_MIN,
                           OAR_IMPORT_OPSET);
  }
  OAR_ASSIGN_OR_RETURN(const Program program, pir ? ReadPir(program_bytes) : ReadProgramDesc(program_bytes));
  OAR_ASSIGN_OR_RETURN(const auto elements, SplitWeights(program.parameters, weights));
  for (const auto& [type, count] : UnknownOperators(program)) {
    if (options.on_unsupported) options.on_unsupported(type, count);
  }
  OAR_ASSIGN_OR_RETURN(ConvertedGraph converted, Converter(program, elements, options.opset).Convert());
  OAR_RETURN_IF_ERROR(CheckGraph(&converted, options.opset));
  return WriteModel(std::move(converted), options);
}

}  // namespace oarlock::paddle
