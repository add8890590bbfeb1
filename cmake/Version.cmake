# Run at every build (cmake -P): writes OUTPUT from INPUT with the commit of now, and only if that changed.
set(commit $ENV{TBENCH_GIT_COMMIT})
if(NOT commit)
  # Of SOURCE_DIR itself: not of a checkout around it, nor of the one whose hook runs the build.
  file(REAL_PATH "${SOURCE_DIR}/.." ceiling)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env --unset=GIT_DIR --unset=GIT_WORK_TREE --unset=GIT_INDEX_FILE
                          "GIT_CEILING_DIRECTORIES=${ceiling}"
                          git describe --always --dirty --abbrev=40 --exclude=*
                  WORKING_DIRECTORY ${SOURCE_DIR} OUTPUT_VARIABLE commit ERROR_VARIABLE error
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    if(EXISTS ${SOURCE_DIR}/.git)
      message(WARNING "The commit is recorded as unknown; TBENCH_GIT_COMMIT names it. ${error}")
    endif()
    set(commit unknown)
  endif()
endif()
set(TBENCH_GIT_COMMIT ${commit})
configure_file(${INPUT} ${OUTPUT} @ONLY)
