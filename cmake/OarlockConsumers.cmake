# What lets programs of others find the library, in the build tree and in what is installed: a package of CMake's, one of
# pkg-config's, and the headers where both look for them.
include(CMakePackageConfigHelpers)
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include" SYMBOLIC)
configure_file(packaging/oarlockConfig.cmake lib/cmake/oarlock/oarlockConfig.cmake COPYONLY)
configure_file(packaging/oarlock.pc.in lib/pkgconfig/oarlock.pc @ONLY)
# Before 1.0, 0.2 may differ from 0.1.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/lib/cmake/oarlock/oarlockConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(DIRECTORY include/oarlock DESTINATION include)
install(DIRECTORY "${PROJECT_BINARY_DIR}/lib/cmake" "${PROJECT_BINARY_DIR}/lib/pkgconfig" DESTINATION lib)
