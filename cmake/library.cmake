# The library for programs that embed Hubbub: Hubbub::hubbub, the whole, and Hubbub::proto, the
# protocol alone, which needs no CAF. They are made of the objects that the programs are made of.
# Static, or shared with BUILD_SHARED_LIBS.
include(GNUInstallDirs)
include(${CMAKE_CURRENT_LIST_DIR}/flat_header.cmake)
set(shown ${CMAKE_CURRENT_LIST_DIR}/shown.map)
set(abi ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

# hubbub/store.hpp is the interface that the chat itself is written against, whose headers are not
# installed: programs get one file that needs none of them.
set(flat_folder ${PROJECT_BINARY_DIR}/flat)
hubbub_flat_header(include/hubbub/store.hpp ${flat_folder}/hubbub/store.hpp)

# hubbub_library(TARGET NAME): what both libraries have in common.
function(hubbub_library target name)
  add_library(Hubbub::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    LINKER_LANGUAGE CXX
    VERSION ${PROJECT_VERSION}
    SOVERSION ${abi})
  # The compiler hides what is ours and not marked; the linker hides what came in from the headers of
  # other libraries.
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${shown})
  if(BUILD_SHARED_LIBS)
    target_link_options(${target} PRIVATE LINKER:--version-script=${shown})
  endif()
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} INTERFACE
    $<BUILD_INTERFACE:${flat_folder}>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
endfunction()

# The gateway of another node needs CAF's middleman, which no program of ours does.
set(parts_of_library hubbub_persistence hubbub_actors hubbub_net hubbub_embedded_files)
if(TARGET Hubbub::caf_io)
  list(APPEND parts_of_library hubbub_remote_node)
  if(NOT HUBBUB_COMPILED)
    add_library(hubbub_remote_node OBJECT EXCLUDE_FROM_ALL
      ${PROJECT_SOURCE_DIR}/net/embed/remote_agent.cpp ${PROJECT_SOURCE_DIR}/net/embed/remote_node.cpp)
    target_include_directories(hubbub_remote_node PRIVATE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
    target_link_libraries(hubbub_remote_node PRIVATE hubbub_warnings Hubbub::caf_io Boost::headers)
  endif()
endif()
set(objects "")
foreach(part ${parts_of_library})
  list(APPEND objects $<TARGET_OBJECTS:${part}>)
endforeach()
if(BUILD_SHARED_LIBS)
  # A shared library has the protocol to itself: the other one exports only what is public.
  list(APPEND objects $<TARGET_OBJECTS:hubbub_proto>)
endif()

get_property(has_configurations GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
if(NOT HUBBUB_COMPILED AND NOT has_configurations)
  # For another build with HUBBUB_COMPILED, which finds here what this one compiles. A build folder
  # of several configurations has other objects for each of them.
  set(known "")
  foreach(part hubbub_proto ${parts_of_library})
    string(APPEND known "add_library(${part} OBJECT IMPORTED)\n"
      "set_target_properties(${part} PROPERTIES IMPORTED_OBJECTS \"$<TARGET_OBJECTS:${part}>\")\n")
  endforeach()
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/objects.cmake CONTENT "${known}")
endif()

add_library(hubbub_proto_library $<TARGET_OBJECTS:hubbub_proto>)
hubbub_library(hubbub_proto_library proto)
set_target_properties(hubbub_proto_library PROPERTIES OUTPUT_NAME hubbub_proto)

add_library(hubbub_library ${objects})
if(TARGET Hubbub::caf_io)
  target_link_libraries(hubbub_library PUBLIC Hubbub::caf_io)
endif()
hubbub_library(hubbub_library hubbub)
set_target_properties(hubbub_library PROPERTIES OUTPUT_NAME hubbub)
target_link_libraries(hubbub_library
  PUBLIC hubbub_proto_library Hubbub::caf
  PRIVATE SQLite::SQLite3 PostgreSQL::PostgreSQL hiredis ICU::uc OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB
          spdlog::spdlog prometheus-cpp::core)

if(NOT HUBBUB_INSTALL)
  return()
endif()
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Hubbub)
set(built ${PROJECT_BINARY_DIR}/package)
install(TARGETS hubbub_proto_library EXPORT HubbubProto COMPONENT development)
install(TARGETS hubbub_library EXPORT Hubbub COMPONENT development)
install(EXPORT HubbubProto NAMESPACE Hubbub:: FILE HubbubProto.cmake
  DESTINATION ${package_folder} COMPONENT development)
install(EXPORT Hubbub NAMESPACE Hubbub:: FILE HubbubTargets.cmake
  DESTINATION ${package_folder} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/HubbubConfig.cmake.in
  ${built}/HubbubConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${built}/HubbubConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${built}/HubbubConfig.cmake ${built}/HubbubConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/caf.cmake DESTINATION ${package_folder} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hubbub TYPE INCLUDE
  COMPONENT development FILES_MATCHING PATTERN "*.hpp" PATTERN store.hpp EXCLUDE)
install(FILES ${flat_folder}/hubbub/store.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hubbub COMPONENT development)

# pkg-config: programs that link the static library name what it needs, those that link the shared
# one do not.
set(pc_caf "-lcaf_core")
if(TARGET Hubbub::caf_io)
  set(pc_caf "-lcaf_io -lcaf_core")
endif()
if(BUILD_SHARED_LIBS)
  set(pc_requires "")
  set(pc_others "${pc_caf}")
else()
  set(pc_requires "sqlite3 libpq hiredis icu-uc openssl zlib spdlog prometheus-cpp-core")
  set(pc_others "${pc_caf} -pthread")
endif()
# From the folder of the .pc files to where everything is installed, so that it may be moved.
file(RELATIVE_PATH pc_up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(name hubbub hubbub_proto)
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${built}/${name}.pc @ONLY)
  install(FILES ${built}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)
endforeach()
