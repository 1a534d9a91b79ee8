#include <map>

#include "error.h"
#include "openvino/op/util/framework_node.hpp"
#include "openvino/op/util/multi_subgraph_base.hpp"
#include "reader.h"

namespace oarlock::openvino {
namespace {

// OpenVINO's stand-ins keep the type they stand for in an attribute, and each reader in another one.
std::string TypeOf(const ov::op::util::FrameworkNode& node) {
  const std::string& type = node.get_attrs().get_type_name();
  return type.empty() ? std::string(node.get_type_info().name) : type;
}

void Count(const ov::Model& model, std::map<std::string, size_t>* counts) {
  for (const auto& node : model.get_ops()) {
    if (const auto* framework = dynamic_cast<const ov::op::util::FrameworkNode*>(node.get())) {
      ++(*counts)[TypeOf(*framework)];
    } else if (const auto* outer = dynamic_cast<const ov::op::util::MultiSubGraphOp*>(node.get())) {
      for (const auto& body : outer->get_functions()) Count(*body, counts);
    }
  }
}

}  // namespace

std::vector<UnsupportedOperator> UnsupportedOperators(oar_engine& engine, const oar_engine_source& source) {
  if (source.format == OAR_FORMAT_OPENVINO_IR) {
    ReadGraph(engine, source);  // IR has OpenVINO's own operators: what is read can be run
    return {};
  }
  const Reader reader(engine, source);
  std::map<std::string, size_t> counts;
  std::shared_ptr<ov::Model> model;
  try {
    model = reader.ConvertPartially();
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    throw ConversionFailure(e);
  }
  Count(*model, &counts);
  std::vector<UnsupportedOperator> unsupported;
  for (const auto& [type, count] : counts) unsupported.push_back({type, count});
  return unsupported;
}

}  // namespace oarlock::openvino
