// What goes in and out of a compiled model: OpenVINO's terms beside those of the plugin ABI.
#ifndef OARLOCK_ENGINES_OPENVINO_PORT_H_
#define OARLOCK_ENGINES_OPENVINO_PORT_H_

#include <string>
#include <string_view>

#include "../plugin/port.h"
#include "openvino/core/node_output.hpp"
#include "openvino/core/shape.hpp"
#include "openvino/core/type/element_type.hpp"

namespace oarlock::openvino {

using plugin::NameOf;

struct Port : plugin::Port {
  ov::element::Type type;
  bool is_static = false;
  ov::Shape shape;        // of a static port
  size_t size_bytes = 0;  // of a static port
};

// UNIMPLEMENTED, naming the port ("input 'x'"), if its element type or rank cannot cross the ABI.
Port PortOf(const ov::Output<const ov::Node>& output, std::string name, std::string_view what);

}  // namespace oarlock::openvino

#endif  // OARLOCK_ENGINES_OPENVINO_PORT_H_
