// What goes in and out of a compiled model, in the terms of the plugin ABI, and whether a view suits it. Each check
// throws Failure INVALID_ARGUMENT that names the port, what was given and what would be right.
#ifndef OARLOCK_ENGINES_PLUGIN_PORT_H_
#define OARLOCK_ENGINES_PLUGIN_PORT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "oarlock/engine.h"

namespace oarlock::plugin {

struct Port {
  std::string name;
  oar_dtype dtype = OAR_DTYPE_INVALID;
  int32_t rank = -1;                // -1 = unknown until the run
  int64_t dims[OAR_MAX_RANK] = {};  // -1 = dynamic
  uint32_t flags = 0;

  bool is_static() const;
  // Bytes of a tensor of these dims; 0 for BYTES. Only for a static port whose product fits (CheckPort).
  size_t size_bytes() const;
};

std::string_view NameOf(oar_dtype dtype);  // "FP32"; "INVALID" for a number that is none
size_t ElementSizeBytes(oar_dtype dtype);  // 0 for BYTES
std::string DimsText(int32_t rank, const int64_t* dims);
// Elements and bytes of these dims, each of `element_bytes`. False if the product does not fit, or a dim is below 0.
bool Product(int32_t rank, const int64_t* dims, size_t element_bytes, size_t* size_bytes);

// `what`: "input" or "output". UNIMPLEMENTED for more dims than the ABI has.
void CheckRank(const std::string& name, std::string_view what, size_t rank);

void CheckInput(const Port& port, const oar_view& view);
// The dims of room do not matter; its size is compared at the run.
void CheckRoom(const Port& port, const oar_view& room);

template <typename AnyPort>
const AnyPort& PortAt(const std::vector<AnyPort>& ports, size_t index, const char* what);

// The failures that every engine words alike.
[[noreturn]] void NoSuchPort(const char* what, size_t index, size_t count);
[[noreturn]] void NotBound(const Port& port);
[[noreturn]] void HoldsNoResult(const Port& port);
[[noreturn]] void KnownOnlyAfterTheRun(const Port& port);

template <typename AnyPort>
const AnyPort& PortAt(const std::vector<AnyPort>& ports, size_t index, const char* what) {
  if (index < ports.size()) return ports[index];
  NoSuchPort(what, index, ports.size());
}

}  // namespace oarlock::plugin

#endif  // OARLOCK_ENGINES_PLUGIN_PORT_H_
