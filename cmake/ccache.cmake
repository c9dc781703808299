# With ccache an unchanged file is compiled only once, whichever build folder or clone it is in.
find_program(HUBBUB_CCACHE ccache)
mark_as_advanced(HUBBUB_CCACHE)
if(HUBBUB_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
    # Settings for the precompiled header (ccache's manual, "Precompiled headers").
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    ${HUBBUB_CCACHE})
endif()
