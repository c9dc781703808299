# Runs at `cmake --install`, so that the settings and the unit follow the prefix that is given then
# (`--prefix`). cmake/install.cmake sets before it
#   CMAKE_INSTALL_SYSCONFDIR, CMAKE_INSTALL_BINDIR, CMAKE_INSTALL_LIBDIR  as they were configured
#   HUBBUB_EXAMPLE  the file that has each setting as a comment with its default
#   HUBBUB_UNIT     the unit with the places of both to be filled in
#   HUBBUB_WORK     a folder for what is made here
include(GNUInstallDirs)

# Changes a setting of the example from a comment into a value of the service.
function(hubbub_set name value)
  string(REGEX REPLACE "\n#${name} = [^\n]*" "\n${name} = \"${value}\"" changed "\n${settings}")
  string(SUBSTRING "${changed}" 1 -1 changed)
  if(changed STREQUAL settings)
    message(FATAL_ERROR "${HUBBUB_EXAMPLE} has no setting ${name}")
  endif()
  set(settings "${changed}" PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${HUBBUB_WORK})
file(READ ${HUBBUB_EXAMPLE} settings)
# The service keeps its data where its unit lets it write, and is not open to everybody at once.
hubbub_set(db /var/lib/hubbub/hubbub.db)
hubbub_set(host 127.0.0.1)
file(WRITE ${HUBBUB_WORK}/hubbub.conf "${settings}")
configure_file(${HUBBUB_UNIT} ${HUBBUB_WORK}/hubbub.service @ONLY)

file(INSTALL DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system TYPE FILE
  FILES ${HUBBUB_WORK}/hubbub.service)
# What the operator has changed is never overwritten.
set(folder ${CMAKE_INSTALL_FULL_SYSCONFDIR}/hubbub)
if(EXISTS "$ENV{DESTDIR}${folder}/hubbub.conf")
  message(STATUS "Kept: $ENV{DESTDIR}${folder}/hubbub.conf")
else()
  file(INSTALL DESTINATION ${folder} TYPE FILE FILES ${HUBBUB_WORK}/hubbub.conf)
endif()
