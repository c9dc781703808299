# Warnings for our own code; system headers are not ours.
add_library(hubbub_warnings INTERFACE)
target_compile_options(hubbub_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(CMAKE_UNITY_BUILD)
  # Where files are compiled together, the helpers of one are in sight of the others.
  target_compile_options(hubbub_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
else()
  target_compile_options(hubbub_warnings INTERFACE -Wshadow)
endif()
