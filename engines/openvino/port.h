// What goes in and out of a compiled model: names, element types and dims in the terms of the plugin ABI.
#ifndef OARLOCK_ENGINES_OPENVINO_PORT_H_
#define OARLOCK_ENGINES_OPENVINO_PORT_H_

#include <optional>
#include <string>

#include "oarlock/engine.h"
#include "openvino/core/node_output.hpp"
#include "openvino/core/shape.hpp"
#include "openvino/core/type/element_type.hpp"

namespace oarlock::openvino {

struct Port {
  std::string name;
  ov::element::Type type;
  oar_dtype dtype = OAR_DTYPE_INVALID;
  int32_t rank = -1;                // -1 = unknown until the run
  int64_t dims[OAR_MAX_RANK] = {};  // -1 = dynamic
  bool is_static = false;
  ov::Shape shape;        // of a static port
  size_t size_bytes = 0;  // of a static port
  uint32_t flags = 0;
};

// UNIMPLEMENTED, naming the port ("input 'x'"), if its element type or rank cannot cross the ABI.
Port PortOf(const ov::Output<const ov::Node>& output, std::string name, std::string_view what);

// INVALID_ARGUMENT unless the view can be bound to this input. `what` names it.
void CheckInput(const Port& port, const oar_view& view);
// INVALID_ARGUMENT unless the view can be room for this output; its dims do not matter, its size is compared at the
// run.
void CheckRoom(const Port& port, const oar_view& room);

std::string_view NameOf(oar_dtype dtype);  // "FP32"
std::string DimsText(int32_t rank, const int64_t* dims);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_PORT_H_
