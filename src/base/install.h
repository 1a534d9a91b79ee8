// Where this installation keeps what only Oarlock itself opens.
#ifndef OARLOCK_BASE_INSTALL_H_
#define OARLOCK_BASE_INSTALL_H_

#include <filesystem>

namespace oarlock {

// lib/oarlock beside liboarlock.so, or beside the running program's bin directory. Empty if neither can be told.
std::filesystem::path PrivateLibraryDirectory();

}  // namespace oarlock

#endif  // OARLOCK_BASE_INSTALL_H_
