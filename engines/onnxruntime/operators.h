// Which operators of an ONNX model ONNX Runtime does not have. It names the first one and gives up, so the others are
// found by asking about each type alone.
#ifndef OARLOCK_ENGINES_ONNXRUNTIME_OPERATORS_H_
#define OARLOCK_ENGINES_ONNXRUNTIME_OPERATORS_H_

#include <string>
#include <vector>

#include "../plugin/table.h"
#include "error.h"
#include "model.h"

namespace oarlock::onnxruntime {

class UnsupportedFailure : public plugin::Failure {
 public:
  explicit UnsupportedFailure(std::vector<plugin::UnsupportedOperator> operators);
  const std::vector<plugin::UnsupportedOperator>& operators() const { return operators_; }

 private:
  static std::string Text(const std::vector<plugin::UnsupportedOperator>& operators);
  std::vector<plugin::UnsupportedOperator> operators_;
};

// Sorted by type; empty if the model loads. Throws Failure if the bytes are no such model.
std::vector<plugin::UnsupportedOperator> UnsupportedOperators(oar_engine& engine, const oar_engine_source& source);

// After a load that failed so: throws UNIMPLEMENTED with all unsupported operators, if there are any.
void RefuseUnsupported(oar_engine& engine, const oar_engine_source& source, const Problem& problem);

}  // namespace oarlock::onnxruntime

#endif  // OARLOCK_ENGINES_ONNXRUNTIME_OPERATORS_H_
