# Warnings for our own code; system headers are excluded.
add_library(hubbub_warnings INTERFACE)
target_compile_options(hubbub_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(CMAKE_UNITY_BUILD)
  # If files are compiled together, the helpers of one are visible in the others.
  target_compile_options(hubbub_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
else()
  target_compile_options(hubbub_warnings INTERFACE -Wshadow)
endif()
