#include "telemetry.h"

#include <unistd.h>

#include <cstddef>
#include <cstdlib>

namespace oarlock::onnxruntime {

void DisableTelemetry() {
  if (std::getenv("ORT_DISABLE_TELEMETRY") != nullptr) return;
  static char disabled[] = "ORT_DISABLE_TELEMETRY=1";
  // Not setenv(), which may move the list under a thread of the host program that reads it: this leaves the old list as
  // it is, to whoever has it.
  size_t count = 0;
  while (environ != nullptr && environ[count] != nullptr) ++count;
  char** const longer = new char*[count + 2];
  for (size_t i = 0; i < count; ++i) longer[i] = environ[i];
  longer[count] = disabled;
  longer[count + 1] = nullptr;
  __atomic_store_n(&environ, longer, __ATOMIC_RELEASE);
}

}  // namespace oarlock::onnxruntime
