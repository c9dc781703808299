# CAF's and Asio's headers cost 5 s in every file that includes them, so they are compiled once for each build.
add_library(hubbub_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
# Compiled with the same warnings as its users: -Wpedantic changes the compiler's predefined macros.
target_link_libraries(hubbub_pch PUBLIC hubbub_caf Boost::headers PRIVATE hubbub_warnings)
target_precompile_headers(hubbub_pch PRIVATE <caf/all.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>)

function(hubbub_use_caf_pch target)
  target_precompile_headers(${target} REUSE_FROM hubbub_pch)
endfunction()
