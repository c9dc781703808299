# hubbub_compile_together(TARGET): has a release compile all files of a target as one, if it compiles
# files together at all. Each further unit would read the same headers again, and instantiate the same
# templates. Other builds have smaller units: sanitizers take much memory, and clang-tidy takes a core
# for each.
function(hubbub_compile_together target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
  endif()
endfunction()

if(CMAKE_UNITY_BUILD AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # g++ looks for garbage once it has 512 MB, and not already at 128: that was 9 % of its time.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=524288>)
endif()
