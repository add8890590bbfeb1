# Run at every build (cmake -P): writes OUTPUT from INPUT with the commit of now, and only if that changed.
set(commit $ENV{TBENCH_GIT_COMMIT})
if(NOT commit)
  execute_process(COMMAND git describe --always --dirty --abbrev=40 --exclude=* WORKING_DIRECTORY ${SOURCE_DIR}
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    set(commit unknown)
  endif()
endif()
set(TBENCH_GIT_COMMIT ${commit})
configure_file(${INPUT} ${OUTPUT} @ONLY)
