#include "oarlock/oarlock.h"
// Twice, as programs do without knowing.
#include "oarlock/oarlock.h"

static_assert(noexcept(oar_version()), "C++ may rely on it that no function throws");
