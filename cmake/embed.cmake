# The files that the server serves, as part of the program: the web client and what else a page
# needs, the description of the HTTP API, and the browser bundle of the Socket.IO client.
# net/embedded_files.hpp is how code sees them; a target links hubbub_embedded_files.
set(bundle_folder ${CMAKE_SOURCE_DIR}/node_modules/socket.io-client/dist)
if(NOT EXISTS ${bundle_folder}/socket.io.js)
  message(FATAL_ERROR "the Socket.IO client is not there: run `npm ci --ignore-scripts` "
                      "in ${CMAKE_SOURCE_DIR}, or `./dev build`, which does")
endif()

set(embedded_paths "")
set(embedded_names "")
foreach(file socket.io.js socket.io.js.map socket.io.min.js socket.io.min.js.map
             socket.io.esm.min.js socket.io.esm.min.js.map)
  list(APPEND embedded_paths ${bundle_folder}/${file})
  list(APPEND embedded_names /socket.io/${file})
endforeach()
if(EXISTS ${CMAKE_SOURCE_DIR}/net/openapi.json)
  list(APPEND embedded_paths ${CMAKE_SOURCE_DIR}/net/openapi.json)
  list(APPEND embedded_names /openapi.json)
endif()
set(www ${CMAKE_SOURCE_DIR}/net/www)
file(GLOB_RECURSE pages CONFIGURE_DEPENDS RELATIVE ${www}
  ${www}/*.html ${www}/*.css ${www}/*.js ${www}/*.svg ${www}/*.png ${www}/*.ico)
foreach(page ${pages})
  list(APPEND embedded_paths ${www}/${page})
  list(APPEND embedded_names /${page})
endforeach()

set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_json "application/json")
set(type_map "application/json")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_ico "image/x-icon")

set(blobs "")
set(declarations "")
set(rows "")
set(index 0)
foreach(path name IN ZIP_LISTS embedded_paths embedded_names)
  get_filename_component(extension ${path} LAST_EXT)
  string(SUBSTRING ${extension} 1 -1 extension)
  string(APPEND blobs
    "    \"hubbub_file_${index}: .incbin \\\"${path}\\\"\\n\"\n"
    "    \"hubbub_file_${index}_end:\\n\"\n")
  string(APPEND declarations
    "extern const char hubbub_file_${index}[];\n"
    "extern const char hubbub_file_${index}_end[];\n")
  string(APPEND rows
    "    {\"${name}\", {hubbub_file_${index}, hubbub_file_${index}_end}, \"${type_${extension}}\"},\n")
  math(EXPR index "${index} + 1")
endforeach()

set(embedded_source ${CMAKE_BINARY_DIR}/generated/embedded_files.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/embedded_files.cpp.in ${embedded_source} @ONLY)
set_source_files_properties(${embedded_source} PROPERTIES OBJECT_DEPENDS "${embedded_paths}")
add_library(hubbub_embedded_files STATIC ${embedded_source})
target_include_directories(hubbub_embedded_files PUBLIC ${CMAKE_SOURCE_DIR})
