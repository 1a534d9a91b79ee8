#include "server/grpc/descriptors.h"

// The assembler takes the file as it is; the compiler would take long over an array of it.
__asm__(
    ".pushsection .rodata\n"
    ".local oarlock_descriptors\n"
    ".local oarlock_descriptors_end\n"
    "oarlock_descriptors: .incbin \"" OARLOCK_DESCRIPTORS
    "\"\n"
    "oarlock_descriptors_end:\n"
    ".popsection\n");
extern "C" {
extern const char oarlock_descriptors[];
extern const char oarlock_descriptors_end[];
}

namespace oarlock {

std::string_view Descriptors() {
  return {oarlock_descriptors, static_cast<size_t>(oarlock_descriptors_end - oarlock_descriptors)};
}

}  // namespace oarlock
