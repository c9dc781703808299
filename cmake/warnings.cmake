# Warnings for our own code; system headers are not ours.
add_library(hubbub_warnings INTERFACE)
target_compile_options(hubbub_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
