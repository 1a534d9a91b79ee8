# How everything of ours is compiled, and the two functions that the folders call.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(OARLOCK_ENGINE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/oarlock/engines")
# A relocatable tree has the same shape as the build tree: bin/ and lib/ side by side.
set(CMAKE_INSTALL_LIBDIR lib)
set(OARLOCK_ENGINE_INSTALL_DIRECTORY "lib/oarlock/engines")
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

find_program(OARLOCK_CCACHE ccache)
if(OARLOCK_CCACHE)
  # Precompiled headers carry time stamps; without these, ccache never hits.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime" "${OARLOCK_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${OARLOCK_CCACHE}")
endif()

add_library(oarlock_flags INTERFACE)
# Two false alarms of GCC 12 at -O2: overlaps in std::string's own operators (its bug 105651), and the unused inline room
# of a moved absl::InlinedVector.
target_compile_options(oarlock_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror -march=x86-64-v2 -fno-omit-frame-pointer
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-maybe-uninitialized;$<$<BOOL:${OARLOCK_CCACHE}>:-fpch-preprocess>>)
target_include_directories(oarlock_flags INTERFACE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
target_compile_definitions(oarlock_flags INTERFACE OARLOCK_VERSION="${PROJECT_VERSION}")
if(OARLOCK_SANITIZE)
  target_compile_options(oarlock_flags INTERFACE "-fsanitize=${OARLOCK_SANITIZE}" -fno-sanitize-recover=all)
  target_link_options(oarlock_flags INTERFACE "-fsanitize=${OARLOCK_SANITIZE}")
  if(OARLOCK_SANITIZE STREQUAL "thread")
    # Asio's fences are beyond ThreadSanitizer, and GCC warns of each; its queues are guarded by mutexes besides.
    target_compile_options(oarlock_flags INTERFACE -Wno-tsan)
  endif()
endif()

# oarlock_layer(NAME [SOURCES ...] [LINK ...]): one folder of src/ as a static library, and its *_test.cc files as one
# test program run by ctest.
function(oarlock_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;TEST_LINK" ${ARGN})
  add_library(oarlock_${name} STATIC ${arg_SOURCES})
  target_link_libraries(oarlock_${name} PRIVATE oarlock_flags PUBLIC ${arg_LINK})
  target_include_directories(oarlock_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include")
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc")
  if(OARLOCK_TESTS AND tests)
    oarlock_test(oarlock_${name}_test SOURCES ${tests} LINK oarlock_${name} ${arg_TEST_LINK})
  endif()
endfunction()

# GoogleTest's headers, compiled once for all test programs: ten seconds for each of them otherwise. A program itself, so
# that it is compiled as they are (-fPIE).
function(oarlock_test_headers)
  if(TARGET oarlock_test_headers)
    return()
  endif()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/test_headers.cc" CONTENT "int main() {}\n")
  add_executable(oarlock_test_headers "${PROJECT_BINARY_DIR}/test_headers.cc")
  target_link_libraries(oarlock_test_headers PRIVATE oarlock_flags GTest::gmock GTest::gtest_main)
  set_target_properties(oarlock_test_headers PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
  target_precompile_headers(oarlock_test_headers PRIVATE <gtest/gtest.h> <gmock/gmock.h> <string> <vector>)
  target_compile_options(oarlock_test_headers PRIVATE -O0)
endfunction()

# The presets that sanitize compile the folders of src/ in units of several files (CMAKE_UNITY_BUILD), in a third of the
# time: the release preset has proved that each file includes what it needs. Test programs are compiled file by file, for
# their helpers share names, and without optimisation everywhere, since what is under test is in the libraries.
# oarlock_test(NAME SOURCES ... [LINK ...] [DEPENDS ...]): a GoogleTest program, one ctest entry.
function(oarlock_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE oarlock_flags ${arg_LINK} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests" UNITY_BUILD OFF)
  oarlock_test_headers()
  target_precompile_headers(${name} REUSE_FROM oarlock_test_headers)
  target_compile_options(${name} PRIVATE -O0)
  target_compile_definitions(${name} PRIVATE
    OARLOCK_SOURCE_DIR="${PROJECT_SOURCE_DIR}" OARLOCK_BUILD_DIR="${PROJECT_BINARY_DIR}")
  if(arg_DEPENDS)
    add_dependencies(${name} ${arg_DEPENDS})
  endif()
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  # Too large an allocation is an error that tests ask for; by default the sanitizers end the process over it.
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 ENVIRONMENT
    "ASAN_OPTIONS=allocator_may_return_null=1;TSAN_OPTIONS=allocator_may_return_null=1:suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp;XDG_CACHE_HOME=${PROJECT_BINARY_DIR}/tests/cache")
endfunction()

# oarlock_private_library(TARGET NAME ... ENTRY ...): lib/oarlock/libNAME.so, which only Oarlock itself opens, and of which
# nothing is seen from outside but the function ENTRY.
function(oarlock_private_library target)
  cmake_parse_arguments(arg "" "NAME;ENTRY" "" ${ARGN})
  set(exports "${CMAKE_CURRENT_BINARY_DIR}/${target}.exports")
  file(CONFIGURE OUTPUT "${exports}" CONTENT "{ global: ${arg_ENTRY}; local: *; };\n")
  # RPATH instead of RUNPATH: it holds for what the libraries it needs need in turn (docs/decisions/007-package-libraries.md).
  target_link_options(${target} PRIVATE
    -Wl,-Bsymbolic -Wl,--exclude-libs,ALL -Wl,--disable-new-dtags "-Wl,--version-script=${exports}")
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME "${arg_NAME}" LINK_DEPENDS "${exports}"
    LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib/oarlock"
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/..")
  install(TARGETS ${target} LIBRARY DESTINATION lib/oarlock)
endfunction()

# oarlock_engine(NAME SOURCES ... [LINK ...]): one engine plugin. The engine's own libraries are looked
# for in a folder of the plugin's name beside it, then in lib/.
function(oarlock_engine name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  set(target oarlock_engine_${name})
  add_library(${target} MODULE ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE oarlock_flags oarlock_engine_plugin ${arg_LINK})
  target_link_options(${target} PRIVATE -Wl,-Bsymbolic -Wl,--exclude-libs,ALL)
  set_target_properties(${target} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY "${OARLOCK_ENGINE_OUTPUT_DIRECTORY}"
    BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/${name};$ORIGIN/../..")
endfunction()
