# Finds the libraries, all from Debian 12's own packages; README.md says why each one is used.
# What they define is needed where the library is linked, which may be in another project's folder.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
# Debian 12's hiredis (0.14) has no CMake package: it is linked by its name.
find_library(HUBBUB_HIREDIS hiredis REQUIRED)
mark_as_advanced(HUBBUB_HIREDIS)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
if(HUBBUB_PROGRAMS OR HUBBUB_FUZZ)
  find_package(CLI11 REQUIRED)
  find_package(tomlplusplus REQUIRED)
endif()

# Replaces malloc and operator new in a program that is linked with it. Sanitizers bring
# their own.
add_library(hubbub_allocator INTERFACE)
if(HUBBUB_PROGRAMS AND NOT HUBBUB_SANITIZE)
  find_library(HUBBUB_JEMALLOC jemalloc REQUIRED)
  mark_as_advanced(HUBBUB_JEMALLOC)
  target_link_libraries(hubbub_allocator INTERFACE ${HUBBUB_JEMALLOC})
endif()

# Debian's core was built without sanitizers, so a build with the thread sanitizer names another root
# (see scripts/build-tsan-caf).
set(HUBBUB_CAF_ROOT "" CACHE PATH "where CAF is installed, if not in the system's own folders")
include(${CMAKE_CURRENT_LIST_DIR}/caf.cmake)
if(NOT TARGET Hubbub::caf)
  message(FATAL_ERROR "CAF 0.17 is not there: install libcaf-dev, or name its folder by HUBBUB_CAF_ROOT")
endif()
add_library(hubbub_caf INTERFACE)
target_link_libraries(hubbub_caf INTERFACE Hubbub::caf)
