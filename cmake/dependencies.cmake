# Finds the libraries, all from Debian 12's own packages; README.md says why each one is used.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(CLI11 REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(spdlog REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)

# Replaces malloc and operator new in a program that is linked with it. Sanitizers bring
# their own.
add_library(hubbub_allocator INTERFACE)
if(NOT HUBBUB_SANITIZE)
  find_library(HUBBUB_JEMALLOC jemalloc REQUIRED)
  mark_as_advanced(HUBBUB_JEMALLOC)
  target_link_libraries(hubbub_allocator INTERFACE ${HUBBUB_JEMALLOC})
endif()

# CAF 0.17 has no CMake package. Debian's core was built without sanitizers, so a build with the thread
# sanitizer names another root (see scripts/build-tsan-caf).
set(HUBBUB_CAF_ROOT "" CACHE PATH "where CAF is installed, if not in the system's own folders")
if(HUBBUB_CAF_ROOT)
  set(caf_search PATHS ${HUBBUB_CAF_ROOT} NO_DEFAULT_PATH)
endif()
find_path(HUBBUB_CAF_INCLUDE caf/all.hpp PATH_SUFFIXES include ${caf_search} REQUIRED)
find_library(HUBBUB_CAF_CORE NAMES caf_core caf_core_static PATH_SUFFIXES lib ${caf_search} REQUIRED)
mark_as_advanced(HUBBUB_CAF_INCLUDE HUBBUB_CAF_CORE)

add_library(hubbub_caf INTERFACE)
target_include_directories(hubbub_caf SYSTEM INTERFACE ${HUBBUB_CAF_INCLUDE})
target_link_libraries(hubbub_caf INTERFACE ${HUBBUB_CAF_CORE} Threads::Threads)
