#include "base/install.h"

#include <dlfcn.h>

#include "base/file.h"

namespace oarlock {
namespace {

constexpr int kHere = 0;

// Where the shared object that holds this code lies; empty if it is linked into the program itself.
std::filesystem::path OwnSharedObject() {
  Dl_info info{};
  if (dladdr(&kHere, &info) == 0 || info.dli_fname == nullptr) return {};
  const std::filesystem::path path(info.dli_fname);
  // The loader gives the program's own name as it was typed: never take a folder of the working directory for ours.
  if (!path.is_absolute() || path.filename().string().find(".so") == std::string::npos) return {};
  return path;
}

}  // namespace

std::filesystem::path PrivateLibraryDirectory() {
  // A program that lies elsewhere (a Go program, say) finds them beside liboarlock.so.
  if (const auto library = OwnSharedObject(); !library.empty()) {
    auto beside = library.parent_path() / "oarlock";
    if (KindOf(beside) == PathKind::kDirectory) return beside;
  }
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return {};
  return (program.parent_path().parent_path() / "lib" / "oarlock").lexically_normal();
}

}  // namespace oarlock
