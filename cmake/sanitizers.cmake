# HUBBUB_SANITIZE=address,undefined or thread, for everything that is compiled.
if(HUBBUB_SANITIZE)
  add_compile_options(-fsanitize=${HUBBUB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HUBBUB_SANITIZE})
  if(HUBBUB_SANITIZE MATCHES "undefined")
    # RapidJSON's empty stack adds to a null pointer, and an empty queue of CAF casts its own head to
    # a message before it looks (caf/intrusive/task_queue.hpp); the important cases of both checks are
    # also found by the address sanitizer.
    add_compile_options(-fno-sanitize=pointer-overflow,vptr)
  endif()
  if(HUBBUB_SANITIZE STREQUAL "thread")
    # The thread sanitizer does not know fences; Asio then uses other means.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
  if(HUBBUB_SANITIZE MATCHES "fuzzer")
    add_compile_options(-fsanitize-coverage-ignorelist=${PROJECT_SOURCE_DIR}/tests/fuzz/not_covered.txt)
  endif()
endif()
