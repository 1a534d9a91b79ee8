// Writes a converted graph as an ONNX model, after ONNX's own checker and shape inference have passed it.
#ifndef OARLOCK_IMPORT_PADDLE_ONNX_MODEL_H_
#define OARLOCK_IMPORT_PADDLE_ONNX_MODEL_H_

#include "absl/status/statusor.h"
#include "import/paddle/converter.h"
#include "import/paddle/importer.h"

namespace oarlock::paddle {

// INTERNAL if it is not valid ONNX: a mistake in the conversion, not in the model. Fills in what shape inference finds
// of the outputs' dims.
absl::Status CheckGraph(ConvertedGraph* converted, int opset);

// Weights are copied once, from where they lie into the model.
absl::StatusOr<ImportedModel> WriteModel(ConvertedGraph converted, const ImportOptions& options);

}  // namespace oarlock::paddle

#endif  // OARLOCK_IMPORT_PADDLE_ONNX_MODEL_H_
