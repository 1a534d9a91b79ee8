/* A plugin of an ABI that is not this program's: only the two fields that stand first in every ABI's table are right. */
#include "oarlock/engine.h"

__attribute__((visibility("default"))) const oar_engine_api* oar_engine_entry(uint32_t host_abi);

const oar_engine_api* oar_engine_entry(uint32_t host_abi) {
  static const oar_engine_api api = {.struct_size = 24, .abi = 99};
  (void)host_abi;
  return &api;
}
