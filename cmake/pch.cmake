# CAF's and Asio's headers cost 5 s in every file that sees them, so they are compiled once a build.
add_library(hubbub_pch OBJECT ${CMAKE_CURRENT_LIST_DIR}/pch.cpp)
# With the same warnings as its users: -Wpedantic changes what the compiler predefines.
target_link_libraries(hubbub_pch PUBLIC hubbub_caf Boost::headers PRIVATE hubbub_warnings)
target_precompile_headers(hubbub_pch PRIVATE <caf/all.hpp> <boost/asio/io_context.hpp> <boost/asio/post.hpp>)

function(hubbub_use_caf_pch target)
  target_precompile_headers(${target} REUSE_FROM hubbub_pch)
endfunction()
