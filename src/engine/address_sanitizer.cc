// Only in builds with AddressSanitizer, and for two habits of the engines' libraries.
#include <dlfcn.h>

extern "C" {

extern const int oar_address_sanitizer;
const int oar_address_sanitizer = 1;  // the linker is told to look for it, and so takes this file

// The sanitizer ends the process at a dlopen with RTLD_DEEPBIND. oneTBB opens its topology library so; without the flag
// it works as well. Standing in the program, this dlopen comes before the sanitizer's.
__attribute__((visibility("default"))) void* dlopen(const char* path, int flags) {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return next(path, flags & ~RTLD_DEEPBIND);
}

// They keep a few hundred bytes for each thread, and do not grow: 1,000 loads take as much memory as 100.
const char* __lsan_default_suppressions();
__attribute__((visibility("default"))) const char*
__lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libopenvino\nleak:libtbb\n";
}

}  // extern "C"
