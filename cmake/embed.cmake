# Builds the files that the server serves into the program: the web client and everything else a
# page needs, the description of the HTTP API, and the browser bundle of the Socket.IO client.
# Code uses them through net/http/embedded_files.hpp; a target links hubbub_embedded_files.
#
# The files that the page loads are below /assets/HASH/, where HASH covers all of them. So browsers
# may keep them for ever, the modules find each other by relative names, and nothing rewrites them;
# only the two pages and the manifest contain the folder's name. They write it without a leading slash,
# so that the page also works below a path of a proxy.
#
# Without HUBBUB_WEB_CLIENT there is the description of the API alone.
find_program(GZIP gzip REQUIRED)
mark_as_advanced(GZIP)
set(generated ${PROJECT_BINARY_DIR}/generated)

set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_json "application/json")
set(type_map "application/json")
set(type_svg "image/svg+xml")
set(type_png "image/png")
set(type_webmanifest "application/manifest+json")

set(embedded_index 0)
set(embedded_paths "")
set(blobs "")
set(declarations "")
set(rows "")

# Embeds the file at `path`, to be served as `name`; `caching` is `immutable` or `revalidated`.
macro(embed path name caching)
  get_filename_component(extension ${path} LAST_EXT)
  string(SUBSTRING ${extension} 1 -1 extension)
  set(label hubbub_file_${embedded_index})
  set(compressed ${generated}/embedded/${embedded_index}.gz)
  execute_process(COMMAND ${GZIP} -9 --no-name --stdout ${path}
    OUTPUT_FILE ${compressed} COMMAND_ERROR_IS_FATAL ANY)
  string(APPEND blobs
    "    \"${label}: .incbin \\\"${path}\\\"\\n\"\n"
    "    \"${label}_gzip: .incbin \\\"${compressed}\\\"\\n\"\n"
    "    \"${label}_end:\\n\"\n")
  string(APPEND declarations
    "extern const char ${label}[];\n"
    "extern const char ${label}_gzip[];\n"
    "extern const char ${label}_end[];\n")
  set(immutable false)
  if("${caching}" STREQUAL "immutable")
    set(immutable true)
  endif()
  string(APPEND rows "    {\"${name}\", {${label}, ${label}_gzip}, {${label}_gzip, ${label}_end},\n"
                     "     \"${type_${extension}}\", ${immutable}},\n")
  list(APPEND embedded_paths ${path})
  math(EXPR embedded_index "${embedded_index} + 1")
endmacro()

file(MAKE_DIRECTORY ${generated}/embedded)
if(HUBBUB_WEB_CLIENT)
  set(bundle_folder ${PROJECT_SOURCE_DIR}/node_modules/socket.io-client/dist)
  if(NOT EXISTS ${bundle_folder}/socket.io.js)
    message(FATAL_ERROR "the Socket.IO client is not there: run `npm ci --ignore-scripts` "
                        "in ${PROJECT_SOURCE_DIR}, or `./dev build`, which does")
  endif()

  # The web client: everything it loads, then the page that names the folder.
  set(www ${PROJECT_SOURCE_DIR}/net/www)
  file(GLOB_RECURSE assets CONFIGURE_DEPENDS RELATIVE ${www} ${www}/*.css ${www}/*.js ${www}/*.svg
    ${www}/*.png)
  set(client_bundle ${bundle_folder}/socket.io.esm.min.js)
  file(SHA256 ${client_bundle} digests)
  foreach(asset ${assets})
    file(SHA256 ${www}/${asset} digest)
    string(APPEND digests " ${asset} ${digest}")
  endforeach()
  string(SHA256 digest "${digests}")
  string(SUBSTRING ${digest} 0 16 digest)
  set(asset_folder assets/${digest})

  embed(${client_bundle} /${asset_folder}/socket.io.esm.min.js immutable)
  set(module_preloads
    "<link rel=\"modulepreload\" href=\"${asset_folder}/socket.io.esm.min.js\">")
  set(admin_preloads "")
  foreach(asset ${assets})
    embed(${www}/${asset} /${asset_folder}/${asset} immutable)
    if(asset MATCHES "^admin/.*\\.js$")
      string(APPEND admin_preloads
        "\n    <link rel=\"modulepreload\" href=\"${asset_folder}/${asset}\">")
    elseif(asset MATCHES "\\.js$")
      string(APPEND module_preloads
        "\n    <link rel=\"modulepreload\" href=\"${asset_folder}/${asset}\">")
    endif()
  endforeach()
  configure_file(${www}/index.html ${generated}/index.html @ONLY)
  embed(${generated}/index.html /index.html revalidated)
  # The page for people on call has no path of its own: net/api serves it, where there are keys.
  configure_file(${www}/admin/admin.html ${generated}/admin.html @ONLY)
  embed(${generated}/admin.html admin revalidated)
  configure_file(${www}/hubbub.webmanifest ${generated}/hubbub.webmanifest @ONLY)
  embed(${generated}/hubbub.webmanifest /hubbub.webmanifest revalidated)

  foreach(file socket.io.js socket.io.js.map socket.io.min.js socket.io.min.js.map
               socket.io.esm.min.js socket.io.esm.min.js.map)
    embed(${bundle_folder}/${file} /socket.io/${file} revalidated)
  endforeach()
endif()
embed(${PROJECT_SOURCE_DIR}/net/api/openapi.json /openapi.json revalidated)

# The folder's name and the compressed copies are made here, so a changed file has to run this again.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${embedded_paths})
set(embedded_source ${generated}/embedded_files.cpp)
configure_file(${CMAKE_CURRENT_LIST_DIR}/embedded_files.cpp.in ${embedded_source} @ONLY)
set_source_files_properties(${embedded_source} PROPERTIES OBJECT_DEPENDS "${embedded_paths}")
add_library(hubbub_embedded_files STATIC ${embedded_source})
# In a unity build a change of its files would not be noticed.
set_target_properties(hubbub_embedded_files PROPERTIES UNITY_BUILD OFF)
target_include_directories(hubbub_embedded_files PUBLIC ${PROJECT_SOURCE_DIR})
