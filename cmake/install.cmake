# `cmake --install`: the programs and everything that goes with them, where GNUInstallDirs puts it.
# Manual pages, completions and the example of a configuration file are printed by the programs.
include(GNUInstallDirs)

set(manual_folder ${PROJECT_BINARY_DIR}/manual)
set(printed_files "")
# Adds a file that `program` prints when called with the words after it.
function(hubbub_printed file program)
  add_custom_command(OUTPUT ${manual_folder}/${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${manual_folder}
    COMMAND $<TARGET_FILE:${program}> ${ARGN} > ${manual_folder}/${file}
    DEPENDS ${program} VERBATIM)
  set(printed_files ${printed_files} ${manual_folder}/${file} PARENT_SCOPE)
endfunction()

hubbub_printed(hubbub.1 hubbub help --man hubbub)
hubbub_printed(hubbub.conf.5 hubbub help --man hubbub.conf)
hubbub_printed(hubbub-bench.1 hubbub-bench help --man hubbub-bench)
hubbub_printed(hubbub.conf hubbub help --config)
foreach(program hubbub hubbub-bench)
  hubbub_printed(${program}.bash ${program} completion bash)
  hubbub_printed(_${program} ${program} completion zsh)
  hubbub_printed(${program}.fish ${program} completion fish)
endforeach()
add_custom_target(hubbub_manual_files ALL DEPENDS ${printed_files})

# Zsh looks here in any system; Debian's packages have a folder of their own.
set(HUBBUB_ZSH_COMPLETIONS ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING
  "where zsh's completions are installed")

if(HUBBUB_PREBUILT)
  install(PROGRAMS ${HUBBUB_PREBUILT}/hubbub ${HUBBUB_PREBUILT}/hubbub-bench TYPE BIN)
else()
  install(TARGETS hubbub hubbub-bench)
endif()
install(FILES ${manual_folder}/hubbub.1 ${manual_folder}/hubbub-bench.1
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${manual_folder}/hubbub.conf.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
foreach(program hubbub hubbub-bench)
  install(FILES ${manual_folder}/${program}.bash
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${program})
  install(FILES ${manual_folder}/_${program} DESTINATION ${HUBBUB_ZSH_COMPLETIONS})
  install(FILES ${manual_folder}/${program}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endforeach()
foreach(name CMAKE_INSTALL_SYSCONFDIR CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR)
  install(CODE "set(${name} [[${${name}}]])")
endforeach()
install(CODE "set(HUBBUB_EXAMPLE [[${manual_folder}/hubbub.conf]])")
install(CODE "set(HUBBUB_UNIT [[${PROJECT_SOURCE_DIR}/packaging/systemd/hubbub.service.in]])")
install(CODE "set(HUBBUB_WORK [[${PROJECT_BINARY_DIR}/service]])")
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/install_service.cmake)
install(FILES packaging/systemd/hubbub.socket DESTINATION lib/systemd/system)
install(FILES packaging/systemd/hubbub.sysusers DESTINATION lib/sysusers.d RENAME hubbub.conf)
install(FILES README.md CHANGELOG.md docs/api.md docs/architecture.md docs/bridge.md docs/cluster.md
  docs/embedding.md docs/installing.md docs/migrating.md docs/monitoring.md docs/operations.md
  docs/security.md docs/settings.md docs/storage.md TYPE DOC)
install(FILES packaging/grafana/hubbub.json packaging/prometheus/alerts.yml
  DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
