# find_package(oarlock): the target oarlock::oarlock. Everything is found from where this file lies, so the tree may be
# anywhere; the build tree has the same shape.
get_filename_component(_oarlock_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT EXISTS "${_oarlock_prefix}/lib/liboarlock.so")
  set(oarlock_FOUND FALSE)
  set(oarlock_NOT_FOUND_MESSAGE "there is no ${_oarlock_prefix}/lib/liboarlock.so")
elseif(NOT TARGET oarlock::oarlock)
  add_library(oarlock::oarlock SHARED IMPORTED)
  set_target_properties(oarlock::oarlock PROPERTIES
    IMPORTED_LOCATION "${_oarlock_prefix}/lib/liboarlock.so"
    INTERFACE_INCLUDE_DIRECTORIES "${_oarlock_prefix}/include")
endif()
unset(_oarlock_prefix)
