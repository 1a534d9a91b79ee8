// From lent bytes to an OpenVINO graph. The reader is always named: left to choose, OpenVINO asks every reader it
// has, and those print on stderr what they think of the file.
#ifndef OARLOCK_ENGINES_OPENVINO_SOURCE_H_
#define OARLOCK_ENGINES_OPENVINO_SOURCE_H_

#include <memory>
#include <string>
#include <vector>

#include "../plugin/table.h"
#include "oarlock/engine.h"
#include "openvino/core/model.hpp"
#include "openvino/frontend/manager.hpp"
#include "openvino/runtime/core.hpp"

struct oar_engine {
  ov::Core core;
  ov::frontend::FrontEndManager frontends;
};

namespace oarlock::openvino {

struct Graph {
  std::shared_ptr<ov::Model> model;
  // Names that the file itself gives its inputs and outputs; a tensor may have more of them in the graph.
  std::vector<std::string> names;
  bool keeps_source = false;  // constants alias the lent weights
};

bool Reads(oar_format format);

// Throws Failure: INVALID_ARGUMENT for bytes that are no such model, UNIMPLEMENTED with the names of operators that
// have no counterpart.
Graph ReadGraph(oar_engine& engine, const oar_engine_source& source);

using plugin::UnsupportedOperator;
// Sorted by type. Throws Failure if the bytes are no such model.
std::vector<UnsupportedOperator> UnsupportedOperators(oar_engine& engine, const oar_engine_source& source);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_SOURCE_H_
