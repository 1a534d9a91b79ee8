# Debian's packages; scripts/bootstrap installs them. Only what a folder links is named in its CMakeLists.txt.
find_package(Threads REQUIRED)
find_package(absl REQUIRED CONFIG)
find_package(fmt REQUIRED CONFIG)
find_package(yaml-cpp REQUIRED CONFIG)
find_package(simdjson REQUIRED CONFIG)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost 1.81 REQUIRED)
find_package(CLI11 REQUIRED CONFIG)
find_package(ZLIB REQUIRED)
if(OARLOCK_TESTS)
  find_package(GTest REQUIRED CONFIG)
endif()

find_package(PkgConfig REQUIRED)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)

if(OARLOCK_IMPORTER)
  # Debian's libonnx has no CMake package of its own.
  find_library(OARLOCK_LIBONNX onnx REQUIRED)
  find_library(OARLOCK_LIBONNX_PROTO onnx_proto REQUIRED)
  find_library(OARLOCK_LIBPROTOBUF protobuf REQUIRED)
  add_library(oarlock_onnx INTERFACE)
  target_compile_definitions(oarlock_onnx INTERFACE ONNX_ML=1 ONNX_NAMESPACE=onnx)
  target_compile_options(oarlock_onnx INTERFACE -isystem /usr/include/onnx)
  target_link_libraries(oarlock_onnx INTERFACE
    "${OARLOCK_LIBONNX}" "${OARLOCK_LIBONNX_PROTO}" "${OARLOCK_LIBPROTOBUF}")
endif()
