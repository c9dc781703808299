# CAF's and Asio's headers cost 5 s in every file that includes them, so they are compiled once for
# each build: for the product here, for the tests in tests/CMakeLists.txt.

# hubbub_add_pch(TARGET HEADER…): a target that does nothing but precompile the headers, with the
# compile options of the folder that calls this.
function(hubbub_add_pch target)
  add_library(${target} OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cpp)
  # Compiled with the same warnings as its users: -Wpedantic changes the compiler's predefined macros.
  target_link_libraries(${target} PUBLIC hubbub_caf Boost::headers PRIVATE hubbub_warnings)
  target_precompile_headers(${target} PRIVATE ${ARGN})
endfunction()

set(HUBBUB_PCH_HEADERS <caf/all.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>)
hubbub_add_pch(hubbub_pch ${HUBBUB_PCH_HEADERS})

function(hubbub_use_caf_pch target)
  target_precompile_headers(${target} REUSE_FROM hubbub_pch)
endfunction()

# For what knows no CAF: the standard library's headers that nearly every file includes.
hubbub_add_pch(hubbub_std_pch
  <algorithm> <array> <charconv> <chrono> <filesystem> <functional> <limits> <map> <memory> <optional> <set> <span>
  <string> <string_view> <system_error> <tuple> <unordered_map> <unordered_set> <utility> <variant> <vector>)

function(hubbub_use_std_pch target)
  target_precompile_headers(${target} REUSE_FROM hubbub_std_pch)
endfunction()
