# Finds CAF 0.17, which has no CMake package, and defines Hubbub::caf (its core) and, where it is
# installed, Hubbub::caf_io (its middleman). Another version counts as not there. Used by the build,
# and by programs that find Hubbub.
# HUBBUB_CAF_ROOT names where CAF is installed, if not in the system's own folders.
if(TARGET Hubbub::caf)
  return()
endif()
set(hubbub_caf_search "")
if(HUBBUB_CAF_ROOT)
  set(hubbub_caf_search PATHS ${HUBBUB_CAF_ROOT} NO_DEFAULT_PATH)
endif()
find_path(HUBBUB_CAF_INCLUDE caf/all.hpp PATH_SUFFIXES include ${hubbub_caf_search})
find_library(HUBBUB_CAF_CORE NAMES caf_core caf_core_static PATH_SUFFIXES lib ${hubbub_caf_search})
find_library(HUBBUB_CAF_IO NAMES caf_io caf_io_static PATH_SUFFIXES lib ${hubbub_caf_search})
mark_as_advanced(HUBBUB_CAF_INCLUDE HUBBUB_CAF_CORE HUBBUB_CAF_IO)
set(hubbub_caf_version "")
if(HUBBUB_CAF_INCLUDE)
  # Later versions do not say it in this file.
  file(STRINGS ${HUBBUB_CAF_INCLUDE}/caf/config.hpp hubbub_caf_version REGEX "define CAF_VERSION 17[0-9][0-9]$")
endif()
if(hubbub_caf_version AND HUBBUB_CAF_CORE)
  add_library(Hubbub::caf INTERFACE IMPORTED GLOBAL)
  set_target_properties(Hubbub::caf PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${HUBBUB_CAF_INCLUDE}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${HUBBUB_CAF_INCLUDE}"
    INTERFACE_LINK_LIBRARIES "${HUBBUB_CAF_CORE};Threads::Threads")
  if(HUBBUB_CAF_IO)
    add_library(Hubbub::caf_io INTERFACE IMPORTED GLOBAL)
    set_target_properties(Hubbub::caf_io PROPERTIES
      INTERFACE_LINK_LIBRARIES "${HUBBUB_CAF_IO};Hubbub::caf")
  endif()
endif()
unset(hubbub_caf_search)
unset(hubbub_caf_version)
