// Only in builds with AddressSanitizer, which ends the process at a dlopen with RTLD_DEEPBIND. oneTBB opens its
// topology library so; without the flag it does as well. Standing in the program, this dlopen comes before the
// sanitizer's.
#include <dlfcn.h>

extern "C" {

extern const int oar_deep_bind_is_dropped;
const int oar_deep_bind_is_dropped = 1;  // the linker is told to look for it, and so takes this file

__attribute__((visibility("default"))) void* dlopen(const char* path, int flags) {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return next(path, flags & ~RTLD_DEEPBIND);
}

}  // extern "C"
