# Writes the source of BuildStamp(): cmake -D SOURCE_DIR=... -D VERSION=... -D COMPILED=... -D OUTPUT=... -P this.
# COMPILED: how everything is compiled. The sources are all but tests, as in src/base/CMakeLists.txt.
cmake_minimum_required(VERSION 3.23)
file(GLOB_RECURSE sources LIST_DIRECTORIES FALSE RELATIVE "${SOURCE_DIR}"
  "${SOURCE_DIR}/src/*.cc" "${SOURCE_DIR}/src/*.h" "${SOURCE_DIR}/src/*.def" "${SOURCE_DIR}/include/*.h")
list(FILTER sources EXCLUDE REGEX "_test\\.(cc|h)$")
list(SORT sources)
set(all "${COMPILED}\n")
foreach(source ${sources})
  file(SHA256 "${SOURCE_DIR}/${source}" digest)
  string(APPEND all "${digest} ${source}\n")
endforeach()
string(SHA256 digest "${all}")
string(SUBSTRING "${digest}" 0 16 digest)
# Left as it is if it says so already.
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
  "#include \"base/build_stamp.h\"\n\nconst char* oarlock::BuildStamp() { return \"@VERSION@-@digest@\"; }\n")
