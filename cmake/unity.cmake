# hubbub_compile_together(TARGET [REGEX]): has a release compile all files of a target as one, if it
# compiles files together at all; with REGEX, the files that it matches as one and all others as
# another. Each further unit would read the same headers again, and instantiate the same templates.
# Other builds have smaller units: sanitizers take much memory, and clang-tidy takes a core for each.
function(hubbub_compile_together target)
  if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    return()
  endif()
  if(ARGC EQUAL 1)
    set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE 0)
    return()
  endif()
  get_target_property(others ${target} SOURCES)
  set(matched ${others})
  list(FILTER matched INCLUDE REGEX ${ARGV1})
  list(FILTER others EXCLUDE REGEX ${ARGV1})
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  set_source_files_properties(${matched} PROPERTIES UNITY_GROUP matched)
  set_source_files_properties(${others} PROPERTIES UNITY_GROUP others)
endfunction()

if(CMAKE_UNITY_BUILD AND CMAKE_BUILD_TYPE STREQUAL "Release")
  # g++ looks for garbage once it has 512 MB, and not already at 128: that was 9 % of its time.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=524288>)
endif()
